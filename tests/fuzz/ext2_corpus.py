"""The sound images that test_ext2_fuzz.py damages, the same bytes on each day and machine.

    ext2_corpus.py FOLDER

e2fsprogs would take identifiers from a random source, times from the clock, owners from the
machine and features from /etc/mke2fs.conf; a seed then finds something once and never again.
"""

import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from pyrallax.image import disk

_UUID = "66757a7a-0000-4000-8000-000000000001"
_FEATURES = "none,filetype,sparse_super,large_file,ext_attr,dir_index"
_GROWING = f"{_FEATURES},resize_inode"

IMAGES = {  # name: (bytes, options of mke2fs)
    "1k-rev0": (256 << 10, ("-r", 0, "-b", 1024, "-O", "none", "-N", 40)),
    "1k": (320 << 10, ("-b", 1024, "-I", 256, "-N", 48, "-O", _GROWING)),
    "1k-meta-bg": (
        600 << 10,
        ("-b", 1024, "-I", 128, "-g", 256, "-N", 48, "-O", f"{_FEATURES},meta_bg"),
    ),
    "2k": (384 << 10, ("-b", 2048, "-I", 128, "-N", 40, "-O", _GROWING)),
    "4k": (512 << 10, ("-b", 4096, "-I", 256, "-N", 40, "-O", _GROWING)),
}


def _tree(folder: Path) -> None:
    """Each kind of structure once, in little room."""
    (folder / "deep" / "er" / "still").mkdir(parents=True)
    (folder / "many").mkdir()
    for i in range(14):
        (folder / "many" / f"{i} {'n' * 90}").write_bytes(b"")
    (folder / "small").write_bytes(b"some bytes\n" * 9)
    (folder / "deep" / "er" / "plain").write_bytes(bytes(range(256)) * 64)
    with open(folder / "holes", "wb") as file:  # single, double, triple indirect with 1 KiB
        for at in (0, 15 << 10, 300 << 10, 5 << 20, 70 << 20):
            file.seek(at)
            file.write(b"island" * 100)
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
    disk.settle(path)
    disk.tool("e2fsck", "-fn", path)


def make(folder: Path) -> Path:
    """Write all images into the folder.  Raises ImageError."""
    with mock.patch.dict(os.environ), tempfile.TemporaryDirectory() as tree:
        os.environ.pop("SOURCE_DATE_EPOCH", None)  # make exports the commit's
        _tree(Path(tree))
        for name, (size, options) in IMAGES.items():
            _image(folder / name, size, options, Path(tree))
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]))
