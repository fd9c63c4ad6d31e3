"""Boot Debian's arm64 kernel with QEMU's USB devices and keep what its `lsusb -v` says.

    PYTHONPATH=host:tests/data .venv/bin/python tests/data/usb/make_golden.py

Needs apt with a Debian mirror that has arm64.  lsusb-linux.txt beside this file is the result;
the tests only read that.  Root hubs are left out.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import debian
from topology import DEVICES, disk

from pyrallax.bench.peers import initramfs, packages
from pyrallax.vm.qemu import Config, Vm

_HERE = Path(__file__).parent
_PACKAGES = ("busybox-static", "libc6", "libcap2", "libudev1", "libusb-1.0-0", "usbutils")
_BEGIN, _END = "@@begin", "@@end"
_INIT = f"""#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
for module in /m/*; do /bin/busybox insmod $module; done
/bin/busybox sleep 4
echo {_BEGIN}
/usr/bin/lsusb -v 2>/dev/null
echo {_END}
/bin/busybox sleep 1
/bin/busybox poweroff -f
"""


def _initrd(tree: Path, modules: Path, out: Path) -> None:
    more = [
        initramfs.program(f"m/{n:02}", path.read_bytes())
        for n, path in enumerate(initramfs.ordered(modules, ("xhci_pci",)))
    ]
    more.append(initramfs.program("init", _INIT.encode()))
    folders = ("dev", "proc", "sys", "m")
    out.write_bytes(initramfs.newc(debian.entries(tree, ("usr/share",), more, folders)))


def main() -> None:
    """Write lsusb-linux.txt."""
    fetched = packages.fetch()
    with TemporaryDirectory() as name:
        folder = Path(name)
        initrd = folder / "initrd"
        _initrd(debian.unpacked(_PACKAGES, folder), fetched.modules, initrd)
        extra = [*disk(folder / "disk"), "-initrd", str(initrd)]
        config = Config(
            firmware=fetched.kernel,
            append="console=ttyAMA0 quiet panic=-1",
            device=list(DEVICES),
            extra=extra,
        )
        with Vm(config, "golden-lsusb") as vm:
            said = b""
            while _END.encode() not in said:
                said += vm.wire.read(300)
    text = said.decode().replace("\r\n", "\n").partition(_BEGIN)[2].partition(_END)[0]
    devices = [part.strip("\n") for part in ("\n" + text.strip("\n")).split("\n\nBus ")]
    kept = [f"Bus {part.removeprefix('Bus ')}" for part in devices if " ID 1d6b:" not in part]
    (_HERE / "lsusb-linux.txt").write_text("\n\n".join(kept) + "\n")
    print(f"{len(kept)} devices")


if __name__ == "__main__":
    main()
