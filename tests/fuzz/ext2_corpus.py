"""The sound images that test_ext2_fuzz.py damages, the same bytes on each day and machine.

    ext2_corpus.py FOLDER

e2fsprogs would take identifiers from a random source, times from the clock, owners from the
machine and features from /etc/mke2fs.conf; a seed then finds something once and never again.
"""

import contextlib
import os
import struct
import sys
import tempfile
from pathlib import Path
from unittest import mock

from pyrallax import ROOT
from pyrallax.image import disk

sys.path.insert(0, str(ROOT / "tests/sim"))

from jbd2 import Log

_UUID = "66757a7a-0000-4000-8000-000000000001"
_FEATURES = "none,filetype,sparse_super,large_file,ext_attr,dir_index"
_GROWING = f"{_FEATURES},resize_inode"
_EXT4 = f"{_FEATURES},extent,flex_bg,huge_file,dir_nlink,extra_isize"
_EXT4_CRC = f"{_EXT4},64bit,metadata_csum"
_LOG_BLOCKS = 40

IMAGES = {  # name: (bytes, options of mke2fs)
    "1k-rev0": (256 << 10, ("-r", 0, "-b", 1024, "-O", "none", "-N", 40)),
    "1k": (320 << 10, ("-b", 1024, "-I", 256, "-N", 48, "-O", _GROWING)),
    "1k-meta-bg": (
        600 << 10,
        ("-b", 1024, "-I", 128, "-g", 256, "-N", 48, "-O", f"{_FEATURES},meta_bg"),
    ),
    "2k": (384 << 10, ("-b", 2048, "-I", 128, "-N", 40, "-O", _GROWING)),
    "4k": (512 << 10, ("-b", 4096, "-I", 256, "-N", 40, "-O", _GROWING)),
    "1k-ext4": (960 << 10, ("-b", 1024, "-I", 256, "-N", 64, "-O", _EXT4_CRC)),
    "1k-ext4-crc16": (
        640 << 10,
        ("-b", 1024, "-I", 128, "-g", 256, "-N", 64, "-O", f"{_EXT4},uninit_bg"),
    ),
    "4k-ext4": (
        896 << 10,
        ("-b", 4096, "-I", 256, "-N", 64, "-O", f"{_EXT4_CRC},metadata_csum_seed"),
    ),
    "1k-ext3-dirty": (448 << 10, ("-b", 1024, "-I", 128, "-N", 48, "-O", _GROWING)),
    "1k-ext4-dirty": (512 << 10, ("-b", 1024, "-I", 256, "-N", 64, "-O", _EXT4_CRC)),
    "1k-ext4-dirty-v2": (512 << 10, ("-b", 1024, "-I", 256, "-N", 64, "-O", _EXT4_CRC)),
}
_LOGS = {  # name: (64 bit, version of the checksums)
    "1k-ext3-dirty": (False, 0),
    "1k-ext4-dirty": (True, 3),
    "1k-ext4-dirty-v2": (True, 2),
}


def _tree(folder: Path, name: str) -> None:
    """Each kind of structure once, in little room."""
    (folder / "deep" / "er" / "still").mkdir(parents=True)
    (folder / "many").mkdir()
    for i in range(24 if "ext4" in name else 14):
        (folder / "many" / f"{i} {'n' * 90}").write_bytes(b"")
    (folder / "small").write_bytes(b"some bytes\n" * 9)
    (folder / "deep" / "er" / "plain").write_bytes(bytes(range(256)) * 64)
    with open(folder / "holes", "wb") as file:  # single, double, triple indirect with 1 KiB
        for at in (0, 15 << 10, 300 << 10, 5 << 20, 70 << 20):
            file.seek(at)
            file.write(b"island" * 100)
    if "ext4" in name and name not in _LOGS:
        with open(folder / "comb", "wb") as file:  # three levels of extents in the first image
            for i in range(350 if name == "1k-ext4" else 100):
                file.seek(i << 13)
                file.write(b"tooth")
    if name in _LOGS:
        (folder / "log").write_bytes(b"-" * (_LOG_BLOCKS << 10))
    os.link(folder / "small", folder / "deep" / "again")
    (folder / "fast").symlink_to("deep/er/plain")
    (folder / "slow").symlink_to("./" * 40 + "deep/er/plain")
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)  # not the umask's


def _image(path: Path, size: int, options: tuple, tree: Path) -> None:
    with path.open("wb") as file:
        file.truncate(size)
    extended = f"hash_seed={_UUID},root_owner=0:0,lazy_itable_init=0"
    disk.tool("mke2fs", "-q", "-F", "-m", 0, "-U", _UUID, "-E", extended, *options,
              "-d", tree, path)  # fmt: skip
    if path.name != "1k-rev0":
        for file in ("small", "fast", "deep"):
            disk.tool("debugfs", "-w", "-R", f"ea_set {file} user.note {'v' * 150}", path)
        disk.tool("debugfs", "-w", "-R", "mknod device c 4 64", path)
    if path.name.startswith("1k-ext4"):
        _index(path)
    disk.settle(path)
    disk.tool("e2fsck", "-fn", path)
    if path.name in _LOGS:
        _fill_log(path, *_LOGS[path.name])


def _index(path: Path) -> None:
    """Give the large directory its hash tree."""
    with contextlib.suppress(disk.ImageError):  # 1: e2fsck changed something
        disk.tool("e2fsck", "-fyD", path)
    assert "Indirect levels" in disk.tool("debugfs", "-R", "htree_dump /many", path)


def _blocks(path: Path, name: str, count: int) -> list[int]:
    """Where the first blocks of a file are."""
    words = "".join(f"bmap {name} {i}\n" for i in range(count))
    lines = disk.tool("debugfs", "-f", "-", path, text=words).splitlines()
    return [int(line) for line in lines if not line.startswith("debugfs")]


def _fill_log(path: Path, wide: bool, checksum: int) -> None:
    """Make the file /log a dirty journal: what it has of metadata is what is on the disk."""
    places = _blocks(path, "/log", _LOG_BLOCKS)
    plain = _blocks(path, "/deep/er/plain", 16)
    ino = disk.tool("debugfs", "-R", "stat /log", path).split()[1]
    disk.tool("debugfs", "-w", "-R", f"ssv journal_inum {ino}", path)
    disk.tool("debugfs", "-w", "-R", "feature has_journal needs_recovery", path)
    data = bytearray(path.read_bytes())

    def block(n: int) -> bytes:
        return bytes(data[n << 10 : (n + 1) << 10])

    table = struct.unpack_from("<I", data, 2048 + 8)[0]
    folder = _blocks(path, "/deep", 1)[0]
    log = Log(_LOG_BLOCKS, 1024, wide, checksum)
    log.write([(plain[0], b"old" * 341 + b"!"), (2, block(2)), (folder, bytes(1024))], True)
    log.commit()
    log.revoke([folder, plain[3]])
    log.write([(plain[1], b"\xc0\x3b\x39\x98" + bytes(1020)), (table + 2, block(table + 2))])
    log.write([(1, block(1))])
    log.commit()
    log.write([(n, block(n)) for n in plain[4:9]])
    log.commit()
    log.write([(plain[2], b"never committed " * 64)])
    for place, content in zip(places, log.blocks, strict=True):
        data[place << 10 : (place + 1) << 10] = content
    path.write_bytes(data)


def make(folder: Path) -> Path:
    """Write all images into the folder.  Raises ImageError."""
    with mock.patch.dict(os.environ), tempfile.TemporaryDirectory() as tree:
        os.environ.pop("SOURCE_DATE_EPOCH", None)  # make exports the commit's
        os.environ["E2FSCK_TIME"] = "1735689600"  # e2fsck has a clock of its own
        for name, (size, options) in IMAGES.items():
            content = Path(tree) / name
            _tree(content, name)
            _image(folder / name, size, options, content)
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]))
