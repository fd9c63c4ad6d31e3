"""Disks of the storage figures: the volume, copies of it, and how machines get them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..image import disk
from ..vm.config import Unfit
from .figures import MIB

NULL = "driver=null-co,node-name=n,size=268435456,read-zeroes=on"
FILE_MIB = 64
VOLUME_MIB = 256
ZONE_MIB = 64  # behind the volume, to be written
_SMALL = 1000  # files of _SMALL_BYTES
_SMALL_BYTES = 300
_FEATURES = "none,sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr"


def tree(root: Path) -> None:
    """The files that are measured, as a folder."""
    root.mkdir()
    pattern = bytes(i * i % 251 for i in range(MIB))
    with (root / "big.bin").open("wb") as big:
        for _ in range(FILE_MIB):
            big.write(pattern)
    for count in (10, 1000, 10000):
        folder = root / f"d{count}"
        folder.mkdir()
        for n in range(count):
            (folder / f"name-{n:05}.txt").touch()
    small = root / "small"
    small.mkdir()
    for n in range(_SMALL):
        (small / f"small-{n:04}.txt").write_bytes(b"s" * _SMALL_BYTES)


def volume(folder: Path) -> Path:
    """An ext2 volume with tree() on it.  Raises Unfit without mke2fs."""
    tree(folder / "tree")
    out = folder / "ext2.img"
    words = ["-q", "-t", "ext2", "-O", _FEATURES, "-b", 4096, "-I", 256, "-m", 0]
    try:
        disk.tool("mke2fs", *words, "-d", folder / "tree", out, f"{VOLUME_MIB}M")
    except disk.ImageError as why:
        raise Unfit(str(why)) from None
    shutil.rmtree(folder / "tree")
    return out


@contextmanager
def scratch(path: Path, name: str) -> Iterator[str]:
    """A copy of the volume with the zone behind it, as words for `-blockdev`; removed after.

    What is written stays out of the next run.  no-flush: the guest's flushes end in QEMU, since
    how long the host's own disk takes for them says nothing about the guest.
    """
    copy = path.with_suffix(f".{name}")
    try:
        shutil.copyfile(path, copy)
        os.truncate(copy, (VOLUME_MIB + ZONE_MIB) * MIB)
        yield f"driver=file,node-name=n,filename={copy},cache.no-flush=on"
    finally:
        copy.unlink(missing_ok=True)


def attached(blockdev: str, icount: str = "") -> dict[str, Any]:
    """Options of a machine with this disk on an AHCI controller."""
    return {
        "device": ["ich9-ahci,id=ahci", "ide-hd,drive=n,bus=ahci.0"],
        "extra": ["-blockdev", blockdev] + (["-icount", icount] if icount else []),
    }
