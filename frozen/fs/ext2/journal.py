"""Replay of a journal that was left dirty, in memory: the disk is not written (Linux
Documentation/filesystems/ext4/journal.rst, fs/jbd2).

What is kept is where in the journal the newest copy of each block is, not the copy.
"""

import errno
import struct

import ext2c
from micropython import const

from .const import EUCLEAN
from .disk import Disk

_MAGIC = const(0xC03B3998)
_MAGIC_BYTES = b"\xc0\x3b\x39\x98"

# Kinds of journal blocks.
_DESCRIPTOR = const(1)
_COMMIT = const(2)
_SUPER_V1 = const(3)
_SUPER_V2 = const(4)
_REVOKE = const(5)

# Incompatible features.
_64BIT = const(2)
_CSUM_V2 = const(8)
_CSUM_V3 = const(16)
_UNDERSTOOD = const(27)  # those and revoke, 1
_NAMES = {4: "async_commit", 32: "fast_commit"}

# Flags of a descriptor's tag.
_ESCAPED = const(1)  # the block began with the magic number; 0 stands in its place
_SAME_UUID = const(2)
_LAST = const(8)

_START = const(0xFFFFFFFF)
_COMMIT_CRC = const(16)
_SUPER_CRC = const(252)


class Overlay(Disk):
    """A disk with the blocks of a journal over its own.  copies: {block: (where, escaped)}."""

    def __init__(self, disk, block_size, copies):
        # Not Disk.__init__: the device is open.
        self.bdev, self.sector, self.sectors = disk.bdev, disk.sector, disk.sectors
        self.name, self.read_only = disk.name, disk.read_only
        self._unsafe = False
        self._size = block_size
        self.set_block_size(block_size)
        self.copies = copies

    def set_block_size(self, size):
        """OSError(EUCLEAN) when it is not the one that the journal has."""
        if size != self._size:
            raise OSError(EUCLEAN)
        Disk.set_block_size(self, size)

    def read(self, block, buf):
        """Fill buf, whole blocks, from `block` on.  OSError as the device says."""
        Disk.read(self, block, buf)
        copies = self.copies
        size = self._size
        for i in range(len(buf) // size):
            if block + i in copies:
                where, escaped = copies[block + i]
                part = memoryview(buf)[i * size : (i + 1) * size]
                Disk.read(self, where, part)
                if escaped:
                    part[:4] = _MAGIC_BYTES

    def read_bytes(self, at, buf):
        """Fill buf from any byte of the device."""
        first = at // self._size
        whole = bytearray(-(-(at + len(buf)) // self._size) * self._size - first * self._size)
        self.read(first, whole)
        off = at - first * self._size
        buf[:] = whole[off : off + len(buf)]


class Journal:
    """The journal of a volume, read block by block from where the last checkpoint was."""

    def __init__(self, volume):
        self._volume = volume
        self._size = volume.sb.block_size
        self._buf = bytearray(self._size)
        if not volume.sb.journal_ino:
            volume.log("the journal is on another device")
            raise OSError(errno.EOPNOTSUPP)
        self._inode = volume.inodes.get(volume.sb.journal_ino)
        self._length = 1
        raw = self._read(0)
        magic, kind = struct.unpack_from(">II", raw, 0)
        size, length, self._first, self._sequence, self._at = struct.unpack_from(">5I", raw, 12)
        if (
            magic != _MAGIC
            or kind not in (_SUPER_V1, _SUPER_V2)
            or size != self._size
            or not 0 < self._first < length <= self._inode.size >> volume.sb.block_bits
            or self._at >= length
            or 0 < self._at < self._first
        ):
            volume.corrupt("journal superblock in inode", self._inode.ino)
        self._length = length
        self._features(raw, kind)

    @property
    def empty(self):
        """Whether there is nothing to replay."""
        return self._at == 0

    def _features(self, raw, kind):
        """Formats that follow from the superblock's feature words."""
        volume = self._volume
        incompat = struct.unpack_from(">I", raw, 40)[0] if kind == _SUPER_V2 else 0
        bits = [1 << i for i in range(32) if (incompat & ~_UNDERSTOOD) >> i & 1]
        if bits:
            names = [_NAMES.get(bit, "0x%x" % bit) for bit in bits]
            volume.log("journal feature %s" % ", ".join(names))
            raise OSError(errno.EOPNOTSUPP)
        self._wide = bool(incompat & _64BIT)
        self._v3 = bool(incompat & _CSUM_V3)
        self._v2 = bool(incompat & _CSUM_V2) and not self._v3
        self._seed = None
        if self._v2 or self._v3:
            if raw[80] != 4:
                volume.log("checksum type %d of the journal" % raw[80])
                raise OSError(errno.EOPNOTSUPP)
            if not self._sealed(_START, raw[:1024], _SUPER_CRC):
                volume.corrupt("checksum: journal superblock in inode", self._inode.ino)
            self._seed = ext2c.crc32c(_START, raw[48:64])

    def _sealed(self, crc, raw, at):
        """Whether the checksum at `at`, counted as 0, is right."""
        copy = bytearray(raw)
        copy[at : at + 4] = b"\0\0\0\0"
        return ext2c.crc32c(crc, copy) == struct.unpack_from(">I", raw, at)[0]

    def _where(self, index):
        """Block on the disk of a block of the journal."""
        if self._inode.map.run(self._inode, index, 1) != 1 or not self._inode.map.phys:
            self._volume.corrupt("hole in the journal, block", index)
        return self._inode.map.phys

    def _read(self, index):
        self._volume.disk.read(self._where(index), self._buf)
        return self._buf

    def _next(self, index, n=1):
        """The block n after one: behind the last comes the first."""
        index += n
        return index - self._length + self._first if index >= self._length else index

    def replay(self):
        """{block: (copy's block on the disk, whether it is escaped)} of all complete
        transactions, and how many those are.  OSError(EUCLEAN) when a checksum in one is wrong.

        What is wrong in a transaction counts when its commit comes: without, it was not written
        whole and ends the journal, as for jbd2.
        """
        found = {}
        self._wrong = None
        tags, revoked = [], []
        at, sequence = self._at, self._sequence
        count = 0
        left = self._length if at else 0  # more than the whole ring is never valid
        while left > 0:
            raw = self._read(at)
            magic, kind, number = struct.unpack_from(">III", raw, 0)
            if magic != _MAGIC or number != sequence:
                break
            where, at = at, self._next(at)
            left -= 1
            if kind == _DESCRIPTOR:
                self._check_tail(raw, where)
                n = self._tags(raw, at, sequence, tags)
                at = self._next(at, n)
                left -= n
            elif kind == _REVOKE:
                self._check_tail(raw, where)
                self._revoked(raw, where, revoked)
            elif kind == _COMMIT:
                if self._wrong:
                    self._volume.corrupt(*self._wrong)
                if self._seed is not None and not self._sealed(self._seed, raw, _COMMIT_CRC):
                    self._corrupt("commit", where)
                for tag in tags:
                    found[tag[0]] = tag
                for block in revoked:
                    found.pop(block, None)
                tags, revoked = [], []
                sequence = sequence + 1 & 0xFFFFFFFF
                count += 1
            else:
                break
        return {block: self._copy(found[block]) for block in found}, count

    def _corrupt(self, what, index):
        self._volume.corrupt("checksum: journal %s" % what, index)

    def _doubt(self, what, index):
        self._wrong = self._wrong or (what, index)

    def _check_tail(self, raw, index):
        """Descriptors and revocations have their checksum at the end."""
        if self._seed is not None and not self._sealed(self._seed, raw, self._size - 4):
            self._doubt("checksum: journal block", index)

    def _tags(self, raw, index, sequence, out):
        """Append (block, index of its copy, flags, checksum, sequence) for each tag; how many."""
        size = 16 if self._v3 else 8 + 2 * self._v2 + 4 * self._wide
        end = self._size - (4 if self._seed is not None else 0)
        off = 12
        n = 0
        while off + size <= end:
            if self._v3:
                block, flags, high, crc = struct.unpack_from(">4I", raw, off)
            else:
                block, crc, flags = struct.unpack_from(">IHH", raw, off)
                high = struct.unpack_from(">I", raw, off + 8)[0] if self._wide else 0
            if self._wide:
                block |= high << 32
            if block >= self._volume.sb.blocks:
                self._doubt("block number in journal block", index - 1)
            out.append((block, self._next(index, n), flags & _ESCAPED, crc, sequence))
            n += 1
            off += size + (0 if flags & _SAME_UUID else 16)
            if flags & _LAST:
                break
        return n

    def _revoked(self, raw, index, out):
        """Append the blocks whose copies up to this transaction do not count."""
        used = struct.unpack_from(">I", raw, 12)[0]
        size = 8 if self._wide else 4
        if not 16 <= used <= self._size - (4 if self._seed is not None else 0):
            self._doubt("revocation in journal block", index)
            return
        form = ">Q" if self._wide else ">I"
        for off in range(16, used - size + 1, size):
            out.append(struct.unpack_from(form, raw, off)[0])

    def _copy(self, tag):
        """(block on the disk, escaped) of a copy whose checksum is right.  OSError(EUCLEAN)."""
        _, index, escaped, crc, sequence = tag
        if self._seed is not None:
            seed = ext2c.crc32c(self._seed, struct.pack(">I", sequence))
            real = ext2c.crc32c(seed, self._read(index))
            if (real if self._v3 else real & 0xFFFF) != crc:
                self._corrupt("copy", index)
        return self._where(index), bool(escaped)


def overlay(volume):
    """The volume's disk as it is once the journal is replayed.  OSError: EUCLEAN, EOPNOTSUPP."""
    try:
        copies, count = Journal(volume).replay()
    except OSError as why:
        if why.args[0] in (EUCLEAN, errno.EOPNOTSUPP):
            volume.log("not mounted: the journal cannot be replayed")
        raise
    volume.log("journal replayed in memory: %d transactions, %d blocks" % (count, len(copies)))
    return Overlay(volume.disk, volume.sb.block_size, copies)


def is_empty(volume):
    """Whether the journal of a volume has nothing to replay; None when it cannot be read."""
    try:
        return Journal(volume).empty
    except OSError as why:
        if why.args[0] in (EUCLEAN, errno.EOPNOTSUPP):
            return None
        raise
