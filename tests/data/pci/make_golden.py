"""Boot Debian's arm64 kernel on each machine of topologies.py and keep what its lspci says.

    PYTHONPATH=host .venv/bin/python tests/data/pci/make_golden.py [NAME …]

Needs apt with a Debian mirror that has arm64.  Downloads go to the cache folder.  The files
NAME.txt beside this one are the result; the tests only read those.
"""

import gzip
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from topologies import MACHINES

from pyrallax.bench.peers import initramfs
from pyrallax.bench.peers.packages import fetch
from pyrallax.vm.qemu import Config, Vm

_HERE = Path(__file__).parent
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
/bin/busybox dmesg | /bin/busybox grep -iE 'pci.*(bridge window|assigned|BAR)'
echo "{_END}"
/bin/busybox sleep 1
/bin/busybox poweroff -f
"""


def _initrd(tree: Path, out: Path) -> None:
    """The packages and an init that prints and powers off."""
    left_out = ("usr/share/doc", "usr/share/man", "usr/share/locale")
    entries = [initramfs.directory(name) for name in ("proc", "sys")]
    entries += [entry for entry in initramfs.folder(tree) if not entry[0].startswith(left_out)]
    entries.append(initramfs.program("init", _INIT.encode()))
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
    packages = fetch(("busybox-static", "pciutils"))
    with TemporaryDirectory() as folder:
        initrd = Path(folder) / "initrd.gz"
        _initrd(packages.tree, initrd)
        for name in names or MACHINES:
            text = _clean(_boot(name, packages.kernel, initrd))
            head = f"# made by tests/data/pci/make_golden.py {name}\n"
            (_HERE / f"{name}.txt").write_text(head + text)
            print(f"{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
