"""A disk in memory by MicroPython's block protocol, and a maker of partition tables on it."""

import struct
from binascii import crc32


class MemDisk:
    """Blocks over data, a bytearray.  bad: blocks that cannot be read or written (-EIO).

    calls: how many requests there were.  written: blocks that were written.
    """

    def __init__(self, data, block_size=512, name="mem0", read_only=False):
        self.data = data
        self.block_size = block_size
        self.count = len(data) // block_size
        self.name = name
        self.read_only = read_only
        self.bad = set()
        self.calls = 0
        self.flushes = 0
        self.erased = []
        self.written = []

    def _place(self, n, buf, offset):
        self.calls += 1
        if offset is None:
            assert len(buf) % self.block_size == 0, "the simple form takes whole blocks"
        at = n * self.block_size + (offset or 0)
        end = at + len(buf)
        if n < 0 or end > self.count * self.block_size:
            return None
        blocks = range(at // self.block_size, (end + self.block_size - 1) // self.block_size)
        return None if any(b in self.bad for b in blocks) else (at, end)

    def readblocks(self, n, buf, offset=None):
        place = self._place(n, buf, offset)
        if place is None:
            return -5
        buf[:] = self.data[place[0] : place[1]]
        return 0

    def writeblocks(self, n, buf, offset=None):
        if self.read_only:
            return -30
        place = self._place(n, buf, offset)
        if place is None:
            return -5
        self.data[place[0] : place[1]] = buf
        self.written.append(n)
        return 0

    def ioctl(self, op, arg):
        if op == 3:
            self.flushes += 1
        if op == 6:
            self.erased.append(arg)
        return {4: self.count, 5: self.block_size}.get(op, 0)


class Gpt:
    """A GPT to write: change any field, then write(disk).  parts: (type, first, last, name)."""

    def __init__(self, disk, parts=(), count=128, size=128):
        block = disk.block_size
        self.blocks = (count * size + block - 1) // block
        self.last = disk.count - 1
        self.count, self.size = count, size
        self.first_usable = 2 + self.blocks
        self.last_usable = self.last - self.blocks - 1
        self.entries = bytearray(count * size)
        self.revision = 0x10000
        self.header_size = 92
        self.says = {}  # what a header has in place of the right value, by name
        for n, part in enumerate(parts):
            self.entry(n, *part)

    def entry(self, n, kind, first, last, name="", attributes=0):
        """Set entry n (from 0); kind: a byte that makes the type's GUID."""
        at = n * self.size
        units = b"".join(struct.pack("<H", ord(c)) for c in name)
        head = (
            bytes([kind] * 16) + bytes([n + 1] * 16) + struct.pack("<QQQ", first, last, attributes)
        )
        self.entries[at : at + 128] = head + units + bytes(72 - len(units))

    def header(self, lba):
        """Bytes of the header that is in block lba."""
        primary = lba == 1
        values = {
            "my": lba,
            "alternate": self.last if primary else 1,
            "first": self.first_usable,
            "last": self.last_usable,
            "entries": 2 if primary else self.last - self.blocks,
            "count": self.count,
            "size": self.size,
            "array_crc": crc32(self.entries) & 0xFFFFFFFF,
        }
        values.update(self.says)
        v = values
        tail = struct.pack("<IQQQQ", 0, v["my"], v["alternate"], v["first"], v["last"])
        tail += bytes(range(16))
        tail += struct.pack("<QIII", v["entries"], v["count"], v["size"], v["array_crc"])
        head = b"EFI PART" + struct.pack("<II", self.revision, self.header_size)
        whole = head + bytes(4) + tail
        crc = crc32((whole + bytes(4096))[: self.header_size]) & 0xFFFFFFFF
        return head + struct.pack("<I", crc) + tail

    def write(self, disk, places=(1, None)):
        """Write protective MBR, primary (1) and backup (None)."""
        mbr(disk, [(0xEE, 1, min(self.last, 0xFFFFFFFF))])
        block = disk.block_size
        for place in places:
            lba = place or self.last
            head = self.header(lba)
            disk.data[lba * block : lba * block + len(head)] = head
            at = (2 if lba == 1 else self.last - self.blocks) * block
            disk.data[at : at + len(self.entries)] = self.entries
        return self


def mbr(disk, entries, lba=0, status=0):
    """Write a boot record: entries (type, first, count), in block lba."""
    at = lba * disk.block_size
    disk.data[at + 440 : at + 444] = b"\x4e\x3d\x2c\x1b"
    for n, (kind, first, count) in enumerate(entries):
        place = at + 446 + 16 * n
        disk.data[place : place + 16] = struct.pack("<BxxxBxxxII", status, kind, first, count)
    disk.data[at + 510 : at + 512] = b"\x55\xaa"
