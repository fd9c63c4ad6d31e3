"""Checksums of ext4's metadata, verified when it is read: crc16 of the group descriptors (feature
gdt_csum), crc32c of all (metadata_csum); Linux Documentation/filesystems/ext4/checksums.rst.

Bitmaps and attribute blocks are only read to write, which no such volume is.
"""

import errno
import struct

import ext2c
from micropython import const

from .const import EUCLEAN
from .super import CSUM_SEED, GDT_CSUM, INCOMPAT, METADATA_CSUM, RO_COMPAT

_START = const(0xFFFFFFFF)
_SB_CRC = const(1020)
_SB_TYPE = const(0x175)  # s_checksum_type: 1 crc32c
_SB_SEED = const(0x270)
_SB_UUID = const(104)
_DESC_CRC = const(30)
_GENERATION = const(100)
_INODE_CRC = const(124)
_EXTRA_ISIZE = const(128)
_INODE_CRC_HIGH = const(130)
_TAIL = const(12)  # of a directory's leaf: a record without a name, of type 0xDE
_DX_ENTRY = const(8)
_SEEN = const(256)

_CRC16 = (0, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401)
_CRC16 += (0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400)


def crc16(crc, data):
    """CRC-16 of polynomial 0x8005, bits reflected, nothing inverted."""
    for byte in data:
        crc = crc >> 4 ^ _CRC16[(crc ^ byte) & 15]
        crc = crc >> 4 ^ _CRC16[(crc ^ byte >> 4) & 15]
    return crc


def _zeroed(raw, *places):
    """A copy of raw with 16 bits of 0 at each place: where the checksum itself is."""
    copy = bytearray(raw)
    for at in places:
        copy[at] = copy[at + 1] = 0
    return copy


class Crc16Groups:
    """gdt_csum without metadata_csum: only group descriptors have a checksum."""

    full = False

    def __init__(self, volume):
        raw = volume.sb.raw
        self._seed = crc16(0xFFFF, raw[_SB_UUID : _SB_UUID + 16])

    def descriptor(self, group, raw):
        """Whether a group descriptor has the checksum it says."""
        crc = crc16(crc16(self._seed, struct.pack("<I", group)), raw[:_DESC_CRC])
        crc = crc16(crc, raw[_DESC_CRC + 2 :])
        return crc == struct.unpack_from("<H", raw, _DESC_CRC)[0]


class Crc32c:
    """metadata_csum.  Blocks that were good are not looked at again while they stay in memory."""

    full = True

    def __init__(self, volume):
        self._volume = volume
        raw = volume.sb.raw
        if raw[_SB_TYPE] != 1:
            volume.log("not mounted: checksum type %d" % raw[_SB_TYPE])
            raise OSError(errno.EOPNOTSUPP)
        if ext2c.crc32c(_START, raw[:_SB_CRC]) != struct.unpack_from("<I", raw, _SB_CRC)[0]:
            volume.log("checksum of superblock is wrong")
            raise OSError(EUCLEAN)
        if volume.sb.has(INCOMPAT, CSUM_SEED):
            self._seed = struct.unpack_from("<I", raw, _SB_SEED)[0]
        else:
            self._seed = ext2c.crc32c(_START, raw[_SB_UUID : _SB_UUID + 16])
        self._seen = {}

    def descriptor(self, group, raw):
        """Whether a group descriptor has the checksum it says."""
        crc = ext2c.crc32c(self._seed, struct.pack("<I", group))
        crc = ext2c.crc32c(crc, _zeroed(raw, _DESC_CRC))
        return crc & 0xFFFF == struct.unpack_from("<H", raw, _DESC_CRC)[0]

    def _of_inode(self, ino, raw):
        """What the checksums of an inode and of its blocks begin with."""
        crc = ext2c.crc32c(self._seed, struct.pack("<I", ino))
        return ext2c.crc32c(crc, raw[_GENERATION : _GENERATION + 4])

    def inode(self, ino, raw):
        """OSError(EUCLEAN) when an inode, as its table has it, has another checksum."""
        want = struct.unpack_from("<H", raw, _INODE_CRC)[0]
        if len(raw) > _EXTRA_ISIZE and struct.unpack_from("<H", raw, _EXTRA_ISIZE)[0] >= 4:
            want |= struct.unpack_from("<H", raw, _INODE_CRC_HIGH)[0] << 16
            copy, mask = _zeroed(raw, _INODE_CRC, _INODE_CRC_HIGH), 0xFFFFFFFF
        else:
            copy, mask = _zeroed(raw, _INODE_CRC), 0xFFFF
        if ext2c.crc32c(self._of_inode(ino, raw), copy) & mask != want:
            self._volume.corrupt("checksum: inode", ino)

    def extents(self, inode, block, data):
        """OSError(EUCLEAN) when a block of extents, its header checked, has another checksum."""
        if self._seen.get(block) is not data:
            at = 12 + 12 * struct.unpack_from("<H", data, 4)[0]
            if at + 4 > len(data):
                self._volume.corrupt("extent block", block)
            crc = ext2c.crc32c(self._of_inode(inode.ino, inode.raw), data[:at])
            self._compare(crc, data, at, "extent block", block)

    def directory(self, inode, block, data):
        """Its data.  OSError(EUCLEAN) when a directory block, leaf or part of the hash tree, has
        another checksum.
        """
        if self._seen.get(block) is data:
            return data
        crc = self._of_inode(inode.ino, inode.raw)
        at = len(data) - _TAIL
        if data[at : at + 8] == b"\0\0\0\0\x0c\0\0\xde":
            self._compare(ext2c.crc32c(crc, data[:at]), data, at + 8, "directory block", block)
        else:
            self._hash_tree(crc, block, data)
        return data

    def _hash_tree(self, crc, block, data):
        """The root of a hash tree has records of . and .. before its entries, a node one empty
        record.
        """
        size = len(data)
        first, second = struct.unpack_from("<H10xH", data, 4)
        at = 32 if first == 12 and second == size - 12 else 8
        limit, count = struct.unpack_from("<HH", data, at)
        tail = at + limit * _DX_ENTRY  # a reserved word, then the checksum
        if count > limit or tail + 8 > size:
            self._volume.corrupt("checksum: none in directory block", block)
        crc = ext2c.crc32c(crc, data[: at + count * _DX_ENTRY])
        crc = ext2c.crc32c(crc, data[tail : tail + 4] + b"\0\0\0\0")
        self._compare(crc, data, tail + 4, "directory block", block)

    def _compare(self, crc, data, at, what, block):
        """The checksum of a block with that at `at` in it; remember the block when it is good."""
        if crc != struct.unpack_from("<I", data, at)[0]:
            self._volume.corrupt("checksum: " + what, block)
        if len(self._seen) >= _SEEN:
            self._seen.clear()
        self._seen[block] = data


def of(volume):
    """What verifies a volume's metadata: Crc32c, Crc16Groups, None.  OSError: EUCLEAN for the
    superblock's own, EOPNOTSUPP for an unknown kind.
    """
    if volume.sb.has(RO_COMPAT, METADATA_CSUM):
        return Crc32c(volume)
    if volume.sb.has(RO_COMPAT, GDT_CSUM):
        return Crc16Groups(volume)
    return None
