"""Group descriptors and the bitmaps they point at."""

import struct

from .const import EUCLEAN
from .super import BIT64, INCOMPAT


class Groups:
    """The descriptors of a volume, in core as the blocks the disk has.

    backup: as of super.read(), whose descriptors are then taken, but for meta_bg's: as Linux does.
    """

    def __init__(self, volume, backup=None):
        self._volume = volume
        sb = self._sb = volume.sb
        self._wide = sb.has(INCOMPAT, BIT64) and sb.desc_size >= 64
        n = -(-sb.groups // sb.descs_per_block)
        if sb.groups * (2 + sb.inodes_per_group // sb.inodes_per_block) > sb.blocks:
            volume.log("superblock 1: %d groups do not fit" % sb.groups)
            raise OSError(EUCLEAN)
        copy = None if backup is None else backup * 1024 >> sb.block_bits
        self.blocks = []
        self.dirty = set()
        for i in range(n):
            at = sb.desc_block(i, copy)
            volume.check_block(at, 1, "group descriptors", i)
            data = bytearray(sb.block_size)
            volume.disk.read(at, data)
            if at != sb.desc_block(i) and not volume.read_only:
                data = self._newer(i, data)
            self.blocks.append(data)
        self._unchecked = bytearray(b"\1" * sb.groups) if volume.checks else None

    def _newer(self, i, backup):
        """The primary block i if it points to where the backup does: only its counts are kept up
        to date.  Else the backup, which is then to be written there.
        """
        data = bytearray(len(backup))
        try:
            self._volume.disk.read(self._sb.desc_block(i), data)
        except OSError:  # a backup is for that, too
            data = b""
        for off in range(0, len(backup), self._sb.desc_size):
            if data[off : off + 12] != backup[off : off + 12]:
                self.dirty.add(i)
                return backup
        return data

    def _desc(self, group):
        """(block of descriptors, offset in it)"""
        n = self._sb.descs_per_block
        return self.blocks[group // n], group % n * self._sb.desc_size

    def _field(self, group, index, what, n=1):
        block, off = self._desc(group)
        if self._unchecked and self._unchecked[group]:
            if not self._volume.checks.descriptor(group, block[off : off + self._sb.desc_size]):
                self._volume.corrupt("checksum: descriptor of group", group)
            self._unchecked[group] = 0
        at = struct.unpack_from("<I", block, off + 4 * index)[0]
        if self._wide:
            at |= struct.unpack_from("<I", block, off + 32 + 4 * index)[0] << 32
        self._volume.check_block(at, n, what, group)
        return at

    def block_bitmap(self, group):
        """Block with the bitmap of a group's blocks.  OSError(EUCLEAN) when it is outside of the
        volume.
        """
        return self._field(group, 0, "block bitmap of group")

    def inode_bitmap(self, group):
        return self._field(group, 1, "inode bitmap of group")

    def inode_table(self, group):
        """First block of a group's inodes."""
        n = -(-self._sb.inodes_per_group // self._sb.inodes_per_block)
        return self._field(group, 2, "inode table of group", n)

    # Counts

    def count(self, group, index, delta):
        """Change a 16-bit count of a descriptor: 0 free blocks, 1 free inodes, 2 directories."""
        block, off = self._desc(group)
        off += 12 + 2 * index
        value = struct.unpack_from("<H", block, off)[0] + delta
        struct.pack_into("<H", block, off, max(0, min(value, 0xFFFF)))
        self.dirty.add(group // self._sb.descs_per_block)

    def free_blocks(self, group):
        block, off = self._desc(group)
        return struct.unpack_from("<H", block, off + 12)[0]

    def free_inodes(self, group):
        block, off = self._desc(group)
        return struct.unpack_from("<H", block, off + 14)[0]

    def recount(self):
        """Set the superblock's free counts to the groups' sums, as Linux does: theirs are
        newer.
        """
        sb = self._sb
        sb.free_blocks = sum([self.free_blocks(g) for g in range(sb.groups)])
        sb.free_inodes = sum([self.free_inodes(g) for g in range(sb.groups)])

    def write(self):
        """Write the changed blocks of descriptors: the primary ones, as Linux does."""
        for i in sorted(self.dirty):
            self._volume.disk.write(self._sb.desc_block(i), self.blocks[i])
        self.dirty.clear()
