"""A partition as a block device: both forms, bounds, control operations."""

import asyncio

from memdisk import MemDisk
from partition import Partition

AREA = "storage"


def make(size=512, read_only=False, disk_read_only=False):
    data = bytearray(bytes(b // 4 % 251 for b in range(100 * 16)) * (size // 16))
    disk = MemDisk(data, size, "sd3", disk_read_only)
    return disk, Partition(disk, 20, 30, 2, "data", "0x83", "x", read_only)


def test_reads_and_writes_its_own_blocks():
    for size in (512, 4096):
        disk, part = make(size)
        buf = bytearray(2 * size)
        assert part.readblocks(28, buf) == 0
        assert buf == disk.data[48 * size : 50 * size]
        assert part.writeblocks(0, bytes(size)) == 0
        assert disk.data[20 * size : 21 * size] == bytes(size) and disk.written == [20]
        assert part.readblocks(0, buf[:0]) == 0


def test_extended_form():
    disk, part = make()
    buf = bytearray(700)
    assert part.readblocks(3, buf, 500) == 0
    assert buf == disk.data[23 * 512 + 500 :][:700]
    assert part.writeblocks(29, b"end", 509) == 0
    assert disk.data[50 * 512 - 3 : 50 * 512] == b"end"


def test_nothing_outside_is_touched():
    disk, part = make()
    before = bytes(disk.data)
    one, two = bytearray(512), bytearray(1024)
    for n, buf in ((-1, one), (30, one), (29, two), (1 << 70, one), (0, bytearray(31 * 512))):
        assert part.readblocks(n, buf) == part.writeblocks(n, buf) == -22
    for n, buf, at in (
        (-1, one, 512),
        (0, one, -1),
        (29, one, 1),
        (30, b"", 1),
        (0, one, 30 * 512),
    ):
        assert part.readblocks(n, buf, at) == part.writeblocks(n, buf, at) == -22
    assert part.readblocks(0, bytearray(511)) == part.writeblocks(0, bytes(513)) == -22
    assert disk.calls == 0 and bytes(disk.data) == before


def test_errors_are_the_disks():
    disk, part = make()
    disk.bad.add(25)
    assert part.readblocks(5, bytearray(512)) == -5 == part.writeblocks(5, bytes(512))
    assert part.readblocks(4, bytearray(512)) == 0


def test_read_only():
    for kinds in ((True, False), (False, True)):
        disk, part = make(512, *kinds)
        assert part.read_only and part.writeblocks(0, bytes(512)) == -30
        assert part.writeblocks(0, b"x", 0) == -30 and part.ioctl(6, 0) == -30
        assert disk.calls == 0 and disk.erased == []


def test_ioctl():
    disk, part = make()
    assert (part.ioctl(4, 0), part.ioctl(5, 0)) == (30, 512)
    assert part.ioctl(1, 0) == part.ioctl(2, 0) == part.ioctl(3, 0) == 0
    assert disk.flushes == 1
    assert part.ioctl(6, 7) == 0 and disk.erased == [27]
    assert part.ioctl(6, 30) == part.ioctl(6, -1) == -22 and disk.erased == [27]


def test_what_it_tells():
    _, part = make()
    assert (part.name, part.label, part.type, part.guid) == ("sd3p2", "data", "0x83", "x")
    assert repr(part) == '<Partition sd3p2 "data": from 20, 30 blocks of 512, type 0x83>'


class Async(MemDisk):
    """A disk with the asynchronous face."""

    async def areadblocks(self, n, buf, off=0):
        return self.readblocks(n, buf, off)

    async def awriteblocks(self, n, buf, off=0):
        return self.writeblocks(n, buf, off)


def test_async():
    disk = Async(bytearray(512 * 100))
    part = Partition(disk, 20, 30)
    read_only = Partition(disk, 20, 30, read_only=True)
    buf = bytearray(512)

    async def main():
        assert await part.awriteblocks(29, b"x" * 512) == 0
        assert await part.areadblocks(29, buf) == 0
        assert await part.areadblocks(30, buf) == await part.awriteblocks(-1, buf) == -22
        assert await part.areadblocks(29, buf, 1) == await part.awriteblocks(0, buf, -1) == -22
        assert await read_only.awriteblocks(0, buf) == -30

    asyncio.run(main())
    assert buf == b"x" * 512 == disk.data[49 * 512 : 50 * 512] and disk.calls == 2


def test_many_buffers_go_to_a_disk_that_can():
    disk, part = make()
    assert part.writev is None
    seen = []
    disk.writev = lambda n, bufs: seen.append((n, len(bufs))) or -5
    assert part.writev(28, [bytes(512), bytes(512)]) == -5 and seen == [(48, 2)]
    for n, bufs in ((29, [bytes(512)] * 2), (-1, [bytes(512)]), (0, [bytes(31 * 512)])):
        assert part.writev(n, bufs) == -22
    part.read_only = True
    assert part.writev(0, [bytes(512)]) == -30 and len(seen) == 1
