"""Mounts by a backup of the superblock and of the group descriptors, judged by e2fsprogs."""

import random

import e2fs
import pytest
from ext2 import VfsExt2
from ext2_workload import listing
from ramblk import RamBlock

from pyrallax import ROOT

pytestmark = pytest.mark.storage

TREE = ROOT / "frozen/fs"


def check(disk, tmp_path):
    (tmp_path / "judged").write_bytes(disk.data)
    e2fs.check(tmp_path / "judged")


class Scratched(RamBlock):
    """Blocks of 512 bytes in a range cannot be read until they are written."""

    bad = range(0)

    def readblocks(self, n, buf, off=0):
        if any(n <= at < n + (len(buf) + off + 511) // 512 for at in self.bad):
            return -5
        return RamBlock.readblocks(self, n, buf, off)

    def writeblocks(self, n, buf, off=0):
        if n <= self.bad.start and self.bad.stop <= n + len(buf) // 512:
            self.bad = range(0)
        return RamBlock.writeblocks(self, n, buf, off)


@pytest.mark.parametrize(
    "options, backup",
    [
        (["-b1024"], 8193),
        (["-b1024"], 24577),
        (["-b1024", "-r0"], 8193),
        (["-b1024", "-Osparse_super"], 3 * 8192 + 1),
        (["-b1024", "-g1024"], 1025),  # more than one block of descriptors
        (["-b2048", "-g4096"], 3 * 8192),
        (["-b4096", "-g1024"], 4096),
        (["-b65536", "-g256"], 16384),
    ],
)
def test_without_the_primary_descriptors(tmp_path, options, backup):
    size = (96 if "-b65536" in options else 48) << 20
    disk = RamBlock(e2fs.mke2fs(tmp_path / "i", size, *options, tree=TREE).read_bytes())
    want = listing(VfsExt2(RamBlock(disk.data), read_only=True))
    sb = VfsExt2(RamBlock(disk.data), read_only=True).volume.sb
    last = max(sb.desc_block(n) for n in range(-(-sb.groups // sb.descs_per_block))) + 1
    noise = random.Random(5).randbytes((last << sb.block_bits) - 1024)
    disk.data[1024 : last << sb.block_bits] = noise
    before = bytes(disk.data)
    fs = VfsExt2(disk, sb=backup, read_only=True)
    assert listing(fs) == want
    fs.umount()
    assert disk.data == before
    fs = VfsExt2(disk, sb=backup)
    assert listing(fs) == want
    fs.mkdir("/d")
    with fs.open("/d/new", "wb") as file:
        file.write(bytes(300_000))
    fs.umount()
    check(disk, tmp_path)
    fs = VfsExt2(disk)  # the primary ones are whole again
    assert not fs.volume.sb.clean, "a backup does not know: e2fsck is due"
    fs.umount()
    assert listing(fs) == want | {"/d": None, "/d/new": bytes(300_000)}


def test_newer_counts_of_the_primary_descriptors_stay(tmp_path):
    """The backups are as old as the image."""
    disk = RamBlock(e2fs.mke2fs(tmp_path / "i", 40 << 20, "-b1024", tree=TREE).read_bytes())
    fs = VfsExt2(disk)
    for i in range(100):
        fs.mkdir(f"/{i}")
    fs.umount()
    disk.data[1024:2048] = bytes(1024)
    fs = VfsExt2(disk, sb=8193)
    fs.mkdir("/d")
    fs.umount()
    check(disk, tmp_path)


def test_old_counts_of_the_backup_cost_no_file(tmp_path):
    disk = RamBlock(e2fs.mke2fs(tmp_path / "i", 40 << 20, "-b1024", tree=TREE).read_bytes())
    fs = VfsExt2(disk)
    for i in range(100):
        with fs.open(f"/{i}", "wb") as file:
            file.write(bytes([i]) * 9000)
    fs.umount()
    want = listing(fs)
    disk.data[1024:3072] = random.Random(6).randbytes(2048)
    fs = VfsExt2(disk, sb=8193)
    with fs.open("/new", "wb") as file:
        file.write(bytes(300_000))
    fs.umount()
    path = tmp_path / "image"
    path.write_bytes(disk.data)
    e2fs.run("e2fsck", "-p", path, ok=(0, 1))  # the state is not clean: it looks, and asks nothing
    e2fs.check(path)
    assert listing(VfsExt2(RamBlock(path.read_bytes()))) == want | {"/new": bytes(300_000)}


def test_descriptors_that_cannot_be_read(tmp_path):
    disk = Scratched(e2fs.mke2fs(tmp_path / "i", 40 << 20, "-b1024", tree=TREE).read_bytes())
    want = listing(VfsExt2(disk, read_only=True))
    disk.bad = range(4, 6)
    with pytest.raises(OSError, match="5"):
        VfsExt2(disk)
    fs = VfsExt2(disk, sb=8193)
    assert listing(fs) == want
    fs.umount()
    check(disk, tmp_path)
    assert listing(VfsExt2(disk)) == want


def test_a_mount_by_a_backup_makes_no_backup_of_the_primary(tmp_path):
    """Each copy of the superblock has the number of its group."""
    disk = RamBlock(40 << 20)
    VfsExt2.mkfs(disk, 1024)
    fs = VfsExt2(disk, sb=3 * 8192 + 1)
    fs.mkdir("/d")
    fs.umount()
    check(disk, tmp_path)
    for group in (0, 1, 3):
        assert disk.data[(group * 8192 + 1) * 1024 + 90] == group
