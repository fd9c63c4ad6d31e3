"""python -m pyrallax.image.disk --root DIR --size SIZE --out FILE: a disk that boots.

A GPT with the EFI system partition and an ext2 root made from a folder.  The same input gives the
same bytes: identifiers come from --seed, times from SOURCE_DATE_EPOCH, all files belong to root.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from .. import BUILD
from ..failure import guarded
from ..tools import MORE_PATH
from . import esp, parallels
from .esp import ImageError

_SECTOR = 512
_ALIGN = 2048  # sectors: partitions begin at whole MiB
_TAIL = 33  # sectors of the backup GPT
_FEATURES = "none,filetype,sparse_super,large_file,ext_attr,dir_index"
_FIRST_INODE = 11  # lost+found; what -d adds comes after
_TYPES = {"efi": "ef00", "root": "8305"}  # sgdisk's: EFI system, Linux root on AArch64
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


@dataclass
class Part:
    """A partition: sgdisk's type by name, first sector, length in sectors, image to put there."""

    kind: str
    first: int
    sectors: int
    image: Path


def size_of(text: str) -> int:
    """Bytes of "256m", "1G": whole MiB.  Raises ImageError."""
    found = re.fullmatch(r"(\d+)([kmgt]?)i?b?", text.lower())
    size = int(found[1]) * _UNITS[found[2]] if found else 0
    if size <= 0 or size % (1 << 20):
        raise ImageError(f"size {text!r}: whole MiB, such as 256m or 1g")
    return size


def tool(*argv: object, text: str | None = None) -> str:
    """Run one of gdisk's or e2fsprogs' programs; its output.  Raises ImageError."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", str(esp.EPOCH))
    env = dict(os.environ, LC_ALL="C", TZ="UTC", MKE2FS_CONFIG="/dev/null")
    env |= {"SOURCE_DATE_EPOCH": epoch, "E2FSPROGS_FAKE_TIME": epoch}
    env["PATH"] += os.pathsep + MORE_PATH
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(words, env=env, input=text, text=True, capture_output=True)
    except FileNotFoundError:
        raise ImageError(f"{words[0]} is not installed: run `make setup`") from None
    if done.returncode:
        raise ImageError(f"{words[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _identifier(seed: str, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"pyrallax:{seed}:{what}"))


def make_root(image: Path, root: Path, size: int, seed: str) -> None:
    """Write an ext2 file system of size bytes with what is in the folder root."""
    if not root.is_dir():
        raise ImageError(f"{root} is no folder")
    with image.open("wb") as file:
        file.truncate(size)
    extended = f"hash_seed={_identifier(seed, 'hash')},root_owner=0:0,lazy_itable_init=0"
    tool("mke2fs", "-F", "-q", "-b", 4096, "-I", 256, "-O", _FEATURES, "-e", "remount-ro",
         "-L", "root", "-U", _identifier(seed, "file system"), "-E", extended,
         "-d", root, image)  # fmt: skip
    settle(image)


def settle(image: Path) -> None:
    """Give every file to root and one time: mke2fs takes both from this machine."""
    head = tool("dumpe2fs", "-h", image)
    count, free = (
        int(re.search(rf"^{name}: +(\d+)$", head, re.M)[1])  # type: ignore[index]
        for name in ("Inode count", "Free inodes")
    )
    epoch = os.environ.get("SOURCE_DATE_EPOCH", str(esp.EPOCH))
    lines = []
    for inode in (2, *range(_FIRST_INODE, count - free + 1)):
        lines += [f"set_inode_field <{inode}> {field} 0" for field in ("uid", "gid")]
        for field in ("atime", "ctime", "mtime", "crtime"):
            lines.append(f"set_inode_field <{inode}> {field} @{epoch}")
            lines.append(f"set_inode_field <{inode}> {field}_extra 0")
    out = tool("debugfs", "-w", "-f", "-", image, text="\n".join(lines) + "\n")
    if wrong := [line for line in out.splitlines() if not line.startswith("debugfs:")]:
        raise ImageError(f"debugfs: {wrong[0]}")


def _table(image: Path, parts: list[Part], seed: str) -> None:
    words: list[object] = ["-o", "-U", _identifier(seed, "disk"), "-a", 1]
    for n, part in enumerate(parts, 1):
        words += ["-n", f"{n}:{part.first}:{part.first + part.sectors - 1}"]
        words += ["-t", f"{n}:{_TYPES[part.kind]}", "-u", f"{n}:{_identifier(seed, part.kind)}"]
        words += ["-c", f"{n}:{part.kind}"]
    tool("sgdisk", *words, image)


def _copy(source: Path, target: Path, at: int) -> None:
    """Copy a file into another, leaving holes where it has only zeros."""
    with source.open("rb") as src, target.open("r+b") as dst:
        while piece := src.read(1 << 20):
            if piece.count(0) != len(piece):
                dst.seek(at)
                dst.write(piece)
            at += len(piece)


def build(out: Path, root: Path, size: int, files: dict[str, Path], seed: str = "") -> None:
    """Write a raw disk of size bytes; files: of the ESP, by path.  Raises ImageError."""
    esp_sectors = esp.SECTORS
    first = _ALIGN + esp_sectors
    sectors = (size // _SECTOR - _TAIL - 1 - first) // _ALIGN * _ALIGN
    if sectors < _ALIGN:
        raise ImageError(f"size {size >> 20} MiB: the EFI system partition alone takes 65")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".disk-") as folder:
        work = Path(folder)
        parts = [
            Part("efi", _ALIGN, esp_sectors, work / "esp"),
            Part("root", first, sectors, work / "root"),
        ]
        esp.build(parts[0].image, files, hidden=_ALIGN)
        make_root(parts[1].image, root, sectors * _SECTOR, seed)
        disk = work / "disk"
        with disk.open("wb") as file:
            file.truncate(size)
        _table(disk, parts, seed)
        for part in parts:
            _copy(part.image, disk, part.first * _SECTOR)
        disk.rename(out)


def esp_files(cmdline: str | None, work: Path) -> dict[str, Path]:
    """What the ESP holds, from the build.  Raises ImageError where it is not built."""
    text = BUILD / "cmdline.txt"
    if cmdline is not None:
        text = work / "cmdline.txt"
        text.write_text(cmdline + "\n")
    files = {
        "EFI/BOOT/BOOTAA64.EFI": BUILD / "boot/BOOTAA64.EFI",
        "pyrallax/firmware.elf": BUILD / "firmware-stripped.elf",
        "pyrallax/cmdline.txt": text,
    }
    for path in files.values():
        if not path.is_file():
            raise ImageError(f"there is no {path}: run `make setup` (or `inv build`)")
    return files


def main(argv: list[str] | None = None) -> int:
    """The command line above."""
    parser = argparse.ArgumentParser("pyrallax.image.disk", description=__doc__)
    add = parser.add_argument
    add("--root", type=Path, required=True, metavar="DIR", help="what the root holds")
    add("--size", default="256m", help="of the disk, whole MiB (256m)")
    add("--out", type=Path, required=True, metavar="FILE", help="raw image, or bundle .hdd")
    add("--format", choices=["raw", "hdd"], help="by the name of --out")
    add("--cmdline", metavar="TEXT", help="kernel command line, in place of the build's")
    add("--seed", default="", metavar="TEXT", help="another text, other GUIDs")
    a = parser.parse_args(argv)
    kind = a.format or ("hdd" if a.out.suffix == ".hdd" else "raw")
    try:
        if kind == "hdd":
            parallels.disk_tool()  # before the work, not after
        with tempfile.TemporaryDirectory() as folder:
            raw = a.out if kind == "raw" else Path(folder) / "raw"
            files = esp_files(a.cmdline, Path(folder))
            build(raw, a.root, size_of(a.size), files, a.seed)
            if kind == "hdd":
                parallels.bundle(raw, a.out)
    except (ImageError, OSError) as why:
        print(f"disk: {why}", file=sys.stderr)
        return 1
    print(f"built {a.out}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, "disk"))
