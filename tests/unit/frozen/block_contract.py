"""What every disk driver's block devices do, whatever they hang on.

medium: the bytearray behind the disk, of at least 64 blocks.
"""

import array

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


def arrays(disk, medium):
    """Buffers of other items than bytes: 0 and all of it, or -EINVAL and nothing."""
    size = disk.block_size
    mirror = bytearray(medium)
    for count, off in ((size // 2, 0), (16 * size, 0), (3, 5), (size, size - 4)):
        data = array.array("I", [n * 0x1234567 & 0x7FFFFFFF for n in range(1, count + 1)])
        raw = bytes(data)
        at = 2 * size + off
        status = disk.writeblocks(2, data, off)
        if status == 0:
            mirror[at : at + len(raw)] = raw
        assert status in (0, -22) and medium == mirror, (count, off, status)
        back = array.array("I", bytes(len(raw)))
        status = disk.readblocks(2, back, off)
        assert bytes(back) == (mirror[at : at + len(raw)] if status == 0 else bytes(len(raw)))


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


def writers_of_one_block(disk, medium, together):
    """Tasks that write parts of a block: each part is there.  together(calls): runs them."""
    size = disk.block_size
    mirror = bytearray(medium)
    calls = [(5, pattern(100, n), n * size // 4 + 10) for n in range(4)]
    calls.append((4, pattern(19, 9), size - 9))
    for n, data, off in calls:
        mirror[n * size + off : n * size + off + len(data)] = data
    assert together(calls) == [0] * len(calls) and medium == mirror


def flush_cut_short(disk, medium, hang, sent):
    """After a flush that Ctrl-C ended the next one still has to ask the disk.

    hang(): the next command does not end, and Ctrl-C is typed.  sent(): how many commands came.
    """
    assert disk.writeblocks(0, bytes(disk.block_size)) == 0
    hang()
    try:
        assert disk.flush() < 0
    except KeyboardInterrupt:
        pass
    before = sent()
    assert disk.flush() == 0 and sent() > before
    before = sent()
    assert disk.flush() == 0 and sent() == before


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


ALL = (whole_blocks, parts_of_blocks, bad_arguments, arrays, write_protected)
