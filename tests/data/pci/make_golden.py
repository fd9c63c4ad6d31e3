"""Boot Debian's arm64 kernel on each machine of topologies.py and keep what its lspci says.

    PYTHONPATH=host .venv/bin/python tests/data/pci/make_golden.py [NAME …]

Needs apt with a Debian mirror that has arm64.  Downloads go to the cache folder.  The files
NAME.txt beside this one are the result; the tests only read those.
"""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

from topologies import MACHINES

from pyrallax import ROOT
from pyrallax.vm.qemu import Config, Vm

_HERE = Path(__file__).parent
_CACHE = Path(os.environ.get("PYRALLAX_CACHE", ROOT / ".cache")) / "golden"
_TOOLS = ["busybox-static", "pciutils"]
_KERNEL_META = "linux-image-arm64"
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


def _apt(*words: str) -> list[str]:
    """apt-get for arm64 with a state of its own; the system's sources, nothing of its packages."""
    for name in ("lists/partial", "cache/archives/partial"):
        (_CACHE / name).mkdir(parents=True, exist_ok=True)
    (_CACHE / "status").touch()
    options = [
        "APT::Architecture=arm64",
        "APT::Architectures::=arm64",
        f"Dir::State={_CACHE}",
        f"Dir::State::Lists={_CACHE}/lists",
        f"Dir::State::status={_CACHE}/status",
        f"Dir::Cache={_CACHE}/cache",
        "Acquire::Languages=none",
        "APT::Sandbox::User=root",
    ]
    return [words[0], *(w for option in options for w in ("-o", option)), *words[1:]]


def _fetch() -> tuple[Path, Path]:
    """(kernel image, folder of unpacked packages)."""
    archives, tree, boot = _CACHE / "cache/archives", _CACHE / "tree", _CACHE / "kernel"
    subprocess.run(_apt("apt-get", "-q", "update"), check=True)
    listing = subprocess.run(
        _apt("apt-cache", "depends", _KERNEL_META), check=True, text=True, capture_output=True
    )
    kernel = next(line.split()[-1] for line in listing.stdout.splitlines() if "Depends" in line)
    words = ["-qy", "--no-install-recommends", "--download-only", "install", *_TOOLS]
    subprocess.run(_apt("apt-get", *words), check=True)
    subprocess.run(_apt("apt-get", "-q", "download", kernel), check=True, cwd=archives)
    for folder in (tree, boot):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for deb in archives.glob("*.deb"):
        target = boot if deb.name.startswith("linux-image") else tree
        subprocess.run(["dpkg-deb", "-x", deb, target], check=True)
    return next((boot / "boot").glob("vmlinuz-*")), tree


def _newc(tree: Path) -> bytes:
    """A cpio archive of a folder, as the kernel reads it (initramfs buffer format)."""
    out = bytearray()

    def add(name: str, mode: int, data: bytes) -> None:
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        out.extend(b"070701" + b"".join(b"%08X" % field for field in fields))
        for piece in (name.encode() + b"\0", data):
            out.extend(piece + bytes(-(len(out) + len(piece)) % 4))

    for path in sorted(tree.rglob("*")):
        mode = path.lstat().st_mode
        if path.is_symlink():
            data = os.readlink(path).encode()
        else:
            data = path.read_bytes() if path.is_file() else b""
        add(str(path.relative_to(tree)), mode, data)
    add("TRAILER!!!", 0, b"")
    return bytes(out)


def _initrd(tree: Path) -> Path:
    """The packages and an init that prints and powers off."""
    for name in ("proc", "sys"):
        (tree / name).mkdir(exist_ok=True)
    for name in ("doc", "man", "locale"):
        shutil.rmtree(tree / "usr/share" / name, ignore_errors=True)
    (tree / "init").write_text(_INIT)
    (tree / "init").chmod(0o755)
    out = _CACHE / "initrd.gz"
    out.write_bytes(gzip.compress(_newc(tree), 6))
    return out


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
    kernel, tree = _fetch()
    initrd = _initrd(tree)
    for name in names or MACHINES:
        text = _clean(_boot(name, kernel, initrd))
        head = f"# made by tests/data/pci/make_golden.py {name}\n"
        (_HERE / f"{name}.txt").write_text(head + text)
        print(f"{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main(sys.argv[1:])
