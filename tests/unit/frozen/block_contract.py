"""What every disk driver's block devices do, whatever they hang on.

medium: the bytearray behind the disk, of at least 64 blocks.
"""

import gpt
from ext2 import VfsExt2
from memdisk import Gpt, MemDisk

from ahci_rig import pattern


def whole_blocks(disk, medium):
    """Read, write, flush; from the first to the last block."""
    size = disk.block_size
    last = disk.blocks - 1
    assert (disk.ioctl(4, 0), disk.ioctl(5, 0)) == (disk.blocks, size)
    assert disk.blocks * size == len(medium) and disk.ioctl(1, 0) == 0
    for n, count in ((0, 1), (last, 1), (7, 33), (0, 64)):
        data = pattern(count * size, n + 1)
        at = n * size
        assert disk.writeblocks(n, data) == 0 and medium[at : at + len(data)] == data
        buf = bytearray(len(data))
        assert disk.readblocks(n, buf) == 0 and buf == data
    assert disk.ioctl(3, 0) == disk.ioctl(2, 0) == 0
    assert disk.readblocks(disk.blocks, b"") == 0


def parts_of_blocks(disk, medium):
    """Any length at any offset, and nothing beside it is changed."""
    size = disk.block_size
    medium[:] = pattern(len(medium))
    mirror = bytearray(medium)
    last = disk.blocks - 1
    spans = (
        (0, 0, 1),
        (3, 5, 100),
        (7, size - 1, 2),
        (10, 0, 2 * size),
        (20, size + 188, 5 * size + 440),
        (last, size - 1, 1),
        (5, 0, size + 1),
        (6, 1, size),
    )
    for block, off, n in spans:
        at = block * size + off
        buf = bytearray(n)
        assert disk.readblocks(block, buf, off) == 0 and buf == mirror[at : at + n], (block, off)
        data = pattern(n, at)
        assert disk.writeblocks(block, data, off) == 0
        mirror[at : at + n] = data
    assert medium == mirror
    odd = memoryview(bytearray(3 * size + 1))[1:]
    assert disk.readblocks(9, odd) == 0 and odd == mirror[9 * size : 12 * size]


def bad_arguments(disk, medium):
    """-EINVAL, and nothing raises."""
    size = disk.block_size
    before = bytes(medium)
    b = bytearray(size)
    for call in (
        (disk.blocks, bytearray(1), 0),
        (-1, bytearray(1), 0),
        (disk.blocks - 1, b, 1),
        (0, b"", -1),
        (1 << 62, b),
        (0, b, 1 << 62),
        (1 << 64, b),
        (0, b, 1 << 64),
    ):
        assert disk.readblocks(*call) == -22, call
        assert disk.writeblocks(*call) == -22, call
    assert disk.ioctl(99, 0) == -22
    assert bytes(medium) == before


def write_protected(disk, medium):
    """-EROFS, and reading goes on."""
    before = bytes(medium)
    disk.read_only = True
    assert disk.writeblocks(0, bytearray(disk.block_size)) == -30
    assert disk.writeblocks(1, b"x", 3) == -30
    buf = bytearray(disk.block_size)
    assert disk.readblocks(0, buf) == 0 and buf == before[: len(buf)]
    disk.read_only = False
    assert bytes(medium) == before


def volumes(disk, medium):
    """A GPT, a partition of it, an ext2 on that; gives the partition."""
    size = disk.block_size
    medium[:] = bytes(len(medium))
    raw = MemDisk(medium, size)
    last = disk.blocks - 40
    Gpt(raw, ((0x11, 40, 99, "efi"), (0x22, 100, last, "root"))).write(raw)
    esp, root = gpt.partitions(disk)
    assert (esp.block_size, root.count, root.name) == (size, last - 99, disk.name + "p2")
    VfsExt2.mkfs(root, 4096)
    fs = VfsExt2(root)
    fs.mount(False, False)
    fs.mkdir("/dir")
    for n in range(20):
        with fs.open("/dir/f%d" % n, "wb") as file:
            file.write(pattern(1000 * n, n + 1))
    fs.umount()
    fs = VfsExt2(root, read_only=True)
    for n in range(20):
        with fs.open("/dir/f%d" % n, "rb") as file:
            assert file.read() == pattern(1000 * n, n + 1)
    return root


def gone(disk, root):
    """After it was pulled: errors everywhere, at once, for ever."""
    b = bytearray(disk.block_size)
    assert disk.readblocks(0, b) == disk.writeblocks(0, b) == disk.ioctl(1, 0) == -19
    assert disk.ioctl(3, 0) == disk.readblocks(1, b, 3) == -19
    assert root.readblocks(0, b) == root.writeblocks(1, b) == -19
    try:
        VfsExt2(root)
    except OSError as why:
        assert why.args[0] in (5, 19)
    else:
        raise AssertionError("mounted")


ALL = (whole_blocks, parts_of_blocks, bad_arguments, write_protected)
