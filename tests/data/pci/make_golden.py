"""Boot Debian's arm64 kernel on each machine of topologies.py and keep what its lspci says.

    PYTHONPATH=host:tests/data .venv/bin/python tests/data/pci/make_golden.py [NAME …]

Needs apt with a Debian mirror that has arm64.  The files NAME.txt beside this one are the result;
the tests only read those.
"""

import gzip
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import debian
from topologies import MACHINES

from pyrallax.bench.peers import initramfs, packages
from pyrallax.vm.qemu import Config, Vm

_HERE = Path(__file__).parent
# pciutils, what it depends on, and the names of ids.
_PACKAGES = (
    "busybox-static", "libc6", "libkmod2", "liblzma5", "libpci3", "libssl3", "libudev1",
    "libzstd1", "pci.ids", "pciutils", "zlib1g",
)  # fmt: skip
_LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale")
_END = "@@golden-end"
_INIT = f"""#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox echo
echo "@@section uname"
/bin/busybox uname -srm
echo "@@section lspci -nnvvxxx"
/usr/bin/lspci -nnvvxxx 2>/dev/null
echo "@@section /proc/iomem"
/bin/busybox cat /proc/iomem
echo "@@section pci messages"
/bin/busybox dmesg | /bin/busybox grep -iE 'pci.*(root bus resource|bridge window|assigned|BAR)'
echo "{_END}"
/bin/busybox sleep 1
/bin/busybox poweroff -f
"""


def _initrd(tree: Path, out: Path) -> None:
    """The packages and an init that prints and powers off."""
    init = [initramfs.program("init", _INIT.encode())]
    entries = debian.entries(tree, _LEFT_OUT, init, ("proc", "sys"))
    out.write_bytes(gzip.compress(initramfs.newc(entries), 6))


def _boot(name: str, kernel: Path, initrd: Path) -> str:
    options = dict(MACHINES[name])
    append = "console=ttyAMA0 quiet panic=-1"
    options["extra"] = [*options["extra"], "-initrd", str(initrd)]
    if options["machine"] == "direct":
        options |= {"firmware": kernel, "append": append}
    else:
        options["extra"] += ["-kernel", str(kernel), "-append", append]
    with Vm(Config(memory=1024, **options), f"golden-{name}") as vm:
        said = b""
        while _END.encode() not in said:
            said += vm.wire.read(300)
        return said.decode(errors="replace")


def _clean(log: str) -> str:
    lines = [line.rstrip("\r") for line in log.split("\n")]
    start = next(i for i, line in enumerate(lines) if line.startswith("@@section"))
    return "\n".join(lines[start : lines.index(_END)]) + "\n"


def main(names: list[str]) -> None:
    """Make the golden files of these machines, all of them from no names."""
    kernel = packages.fetch().kernel
    with TemporaryDirectory() as folder:
        initrd = Path(folder) / "initrd.gz"
        _initrd(debian.unpacked(_PACKAGES, Path(folder)), initrd)
        for name in names or MACHINES:
            text = _clean(_boot(name, kernel, initrd))
            head = f"# made by tests/data/pci/make_golden.py {name}\n"
            (_HERE / f"{name}.txt").write_text(head + text)
            print(f"{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
