"""Partition tables: GPT with its backup (UEFI 2.10 §5.3), MBR where there is no GPT.

gpt.partitions(disk), gpt.read(disk).guid, gpt.check(disk).  Not done: writing tables.
"""

import struct
from binascii import crc32

from micropython import const

import mbr
import partition

_HEADER = "<8sIIIIQQQQ16sQIII"  # §5.3.2
_HEADER_BYTES = const(92)
_CRC_AT = const(16)
_ENTRY_MIN = const(128)
_ARRAY_MOST = const(1 << 20)  # bytes of all entries; the usual table has 16 KiB
_PIECE = const(4096)
_READ_ONLY = const(1 << 60)  # attribute, Discoverable Partitions Specification

EFI = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"
LINUX_ROOT = "b921b045-1df0-41c3-af44-4c6f280d3fae"  # the root of an AArch64 system


def guid(b):
    """Text of 16 bytes, the first three fields little-endian (Appendix A)."""
    tail = "".join("%02x" % v for v in b[8:16])
    return "%08x-%04x-%04x-" % struct.unpack("<IHH", b[:8]) + tail[:4] + "-" + tail[4:]


def _name(b):
    """Text of UTF-16 up to the first 0."""
    text = ""
    high = 0
    for unit in struct.unpack("<%dH" % (len(b) // 2), b):
        if unit == 0:
            break
        if high and 0xDC00 <= unit < 0xE000:
            text += chr(0x10000 + ((high & 0x3FF) << 10 | unit & 0x3FF))
            high = 0
            continue
        text += "?" if high else ""
        high = unit if 0xD800 <= unit < 0xDC00 else 0
        if not high:
            text += "?" if unit < 32 or 0xDC00 <= unit < 0xE000 else chr(unit)
    return text + ("?" if high else "")


def _broken(text, *values):
    return OSError(partition.EUCLEAN, text % values)


class Header:
    """The header in block lba, its CRC and bounds checked.  Raises OSError(117), or the disk's.

    guid: of the disk.  first, last: usable blocks.  alternate: where the other header is.
    entries, count, size, array_crc: of the array.
    """

    def __init__(self, disk, lba):
        block = partition.read(disk, lba)
        f = struct.unpack_from(_HEADER, block, 0)
        size = f[2]
        if f[0] != b"EFI PART":
            raise _broken("block %d is no GPT header", lba)
        if f[1] >> 16 != 1 or not _HEADER_BYTES <= size <= len(block):
            raise _broken("header in block %d: revision 0x%x, %d bytes", lba, f[1], size)
        block[_CRC_AT : _CRC_AT + 4] = bytes(4)
        crc = crc32(memoryview(block)[:size]) & 0xFFFFFFFF
        if crc != f[3]:
            raise _broken("header in block %d: CRC 0x%08x, it says 0x%08x", lba, crc, f[3])
        if f[5] != lba:
            raise _broken("header in block %d says that it is in block %d", lba, f[5])
        self.lba = lba
        self.alternate, self.first, self.last = f[6], f[7], f[8]
        self.guid = guid(f[9])
        self.entries, self.count, self.size, self.array_crc = f[10], f[11], f[12], f[13]
        self._check(disk.ioctl(4, 0), len(block))

    def _check(self, blocks, block_size):
        lba = self.lba
        if not 1 < self.first <= self.last < blocks or self.first <= lba <= self.last:
            raise _broken(
                "header in block %d: blocks %d to %d of %d are usable",
                lba, self.first, self.last, blocks,
            )  # fmt: skip
        size = self.size
        if size < _ENTRY_MIN or size & (size - 1) or not 0 < self.count * size <= _ARRAY_MOST:
            raise _broken("header in block %d: %d entries of %d bytes", lba, self.count, size)
        end = self.entries + (self.count * size + block_size - 1) // block_size
        inside = self.entries <= lba < end or self.entries <= self.last and end > self.first
        if self.entries < 2 or end > blocks or inside:
            raise _broken("header in block %d: entries from block %d on", lba, self.entries)


class Table:
    """A Header's entries, their CRC checked.  Raises OSError(117), or the disk's."""

    def __init__(self, disk, header):
        self.disk = disk
        self.header = header
        self.guid = header.guid
        self._used = []  # (number, entry)
        left = header.count * header.size
        block = disk.ioctl(5, 0)
        most = max(_PIECE, header.size, block)  # powers of two: no entry lies in two pieces
        lba, number, crc = header.entries, 1, 0
        while left:
            blocks = (min(left, most) + block - 1) // block
            piece = memoryview(partition.read(disk, lba, blocks))[: min(left, most)]
            crc = crc32(piece, crc)
            lba += blocks
            left -= len(piece)
            self._keep(piece, number)
            number += len(piece) // header.size
        if crc & 0xFFFFFFFF != header.array_crc:
            raise _broken(
                "entries in block %d: CRC 0x%08x, the header says 0x%08x",
                header.entries, crc & 0xFFFFFFFF, header.array_crc,
            )  # fmt: skip

    def _keep(self, piece, number):
        if bytes(piece) == bytes(len(piece)):
            return
        unused = bytes(16)
        size = self.header.size
        for at in range(0, len(piece), size):
            if piece[at : at + 16] != unused:
                self._used.append((number + at // size, bytes(piece[at : at + _ENTRY_MIN])))

    def partitions(self):
        """[Partition, …] in order of number.  What cannot be one is left out and logged."""
        found = []
        for number, entry in self._used:
            first, last, attributes = struct.unpack_from("<QQQ", entry, 32)
            found.append(
                partition.Partition(
                    self.disk,
                    first,
                    last - first + 1,
                    number,
                    _name(entry[56:128]),
                    guid(entry[:16]),
                    guid(entry[16:32]),
                    attributes & _READ_ONLY,
                )  # fmt: skip
            )
        return partition.sound(self.disk, found, self.header.first, self.header.last)


def read(disk):
    """The Table of a disk: the primary one, or else the backup, and the log says why.

    Raises OSError(117) where both are broken.
    """
    last = disk.ioctl(4, 0) - 1
    places = [last]
    try:
        header = Header(disk, 1)
        if header.alternate not in (1, last):  # the disk has grown since
            places.insert(0, header.alternate)
        return Table(disk, header)
    except OSError as why:
        partition.log(disk, "GPT broken: %s; trying the backup" % _text(why))
    for lba in places:
        try:
            found = Table(disk, Header(disk, lba))
        except OSError as why:
            partition.log(disk, "GPT backup broken: %s" % _text(why))
        else:
            partition.log(disk, "using the GPT backup in block %d" % lba)
            return found
    raise OSError(partition.EUCLEAN, "both GPTs are broken")


def _text(why):
    return why.args[1] if len(why.args) > 1 else "error %s" % why.args[0]


def partitions(disk):
    """[Partition, …] by GPT where block 0 is a protective MBR (§5.2.3), else by MBR, else [].

    Each is a block device.  Raises OSError: the disk's own, or 117 where there should be a GPT
    and both copies are broken.
    """
    block = partition.read(disk, 0)
    if mbr.protective(block):
        return read(disk).partitions()
    return mbr.partitions(disk, block)


def check(disk):
    """[text, …]: what is wrong with a disk's GPTs, both read whole.  Writes and logs nothing."""
    problems = []
    last = disk.ioctl(4, 0) - 1
    tables = []
    if not mbr.protective(partition.read(disk, 0)):
        problems.append("block 0 is no protective MBR")
    for lba, other in ((1, last), (last, 1)):
        try:
            table = Table(disk, Header(disk, lba))
        except OSError as why:
            problems.append(_text(why))
            continue
        tables.append(table.header)
        if table.header.alternate != other:
            text = "header in block %d: the other one is in block %d, not %d"
            problems.append(text % (lba, table.header.alternate, other))
    if len(tables) == 2:
        same = [(t.guid, t.first, t.last, t.count, t.size, t.array_crc) for t in tables]
        if same[0] != same[1]:
            problems.append("the two tables differ")
    return problems
