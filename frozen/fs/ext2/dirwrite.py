"""Changes to directories.  Each is of one block, so that the disk has a name before or after it,
not half.
"""

import struct

import ext2c

from .cache import SOURCE
from .const import TYPE_OF_MODE
from .dirs import Dirs, length_at
from .inode import INDEX_FL


def _need(name):
    """Bytes of a record with that name."""
    return (8 + len(name) + 3) & ~3


def clear(data, off):
    """Take the record at off out of a directory block; False when the block is broken."""
    before = ext2c.before(data, off)
    if before < 0:
        return False
    if before == off:
        struct.pack_into("<I", data, off, 0)
    else:
        length = length_at(data, off) + length_at(data, before)
        struct.pack_into("<H", data, before + 4, min(length, 0xFFFF))
    return True


class DirWriter(Dirs):
    """Adds, removes and redirects names (bytes)."""

    def _type(self, inode):
        return TYPE_OF_MODE[inode.mode >> 12] if self._typed else 0

    def unindex(self, directory):
        """A directory that is to change becomes a plain list: its hash tree would be wrong."""
        if directory.flags & INDEX_FL:
            directory.flags &= ~INDEX_FL
            self._volume.inodes.mark(directory)
            self._volume.commit()

    def place(self, directory, name):
        """Where a record for the name has room, as (block, data, offset); the directory grows
        when there is none.
        """
        volume = self._volume
        need = _need(name)
        first = directory.hint_room
        for index, block, data in self.blocks(directory, first):
            off = ext2c.room(data, need)
            if off >= 0:
                directory.hint_room = index
                return block, data, off
            if off < -1:
                volume.corrupt("directory block", block)
        index = directory.size >> volume.sb.block_bits
        directory.map.grow(directory, index, 1)
        block = directory.map.phys
        data = volume.begin_block(block)
        struct.pack_into("<IH", data, 0, 0, min(len(data), 0xFFFF))
        directory.size += len(data)
        directory.grown = True
        directory.hint_room = index
        volume.inodes.mark(directory)
        return block, data, 0

    def add(self, directory, name, inode):
        """Give an inode a name in a directory that does not have that name."""
        volume = self._volume
        self.unindex(directory)
        block, data, off = self.place(directory, name)
        if volume.is_source(block):
            volume.commit()
            data = volume.cache.get(block)
        self.insert(block, data, off, name, inode)
        self.touched(directory)
        if directory.new or directory.grown:
            inode.level = max(inode.level, directory.level + 1)

    def insert(self, block, data, off, name, inode):
        """Put a record behind that at off, or in its place when it is free.  There is room
        (ext2c.room).
        """
        volume = self._volume
        length = length_at(data, off)
        if struct.unpack_from("<I", data, off)[0]:
            used = (8 + data[off + 6] + 3) & ~3
            struct.pack_into("<H", data, off + 4, used)
            off += used
            length -= used
        struct.pack_into(
            "<IHBB", data, off, inode.ino, min(length, 0xFFFF), len(name), self._type(inode)
        )
        data[off + 8 : off + 8 + len(name)] = name
        inode.moved = True
        volume.pending.targets.add(block)
        volume.mark(block, data)
        volume.inodes.mark(inode)

    def redirect(self, block, data, off, inode):
        """Let the record at off name another inode."""
        volume = self._volume
        struct.pack_into("<I", data, off, inode.ino)
        data[off + 7] = self._type(inode)
        inode.moved = True
        volume.pending.targets.add(block)
        volume.mark(block, data)
        volume.inodes.mark(inode)

    def erase(self, block, data, off):
        """Remove the record at off from its block."""
        if not clear(data, off):
            self._volume.corrupt("directory block", block)
        self._volume.mark(block, data)

    def remove(self, directory, at, survives=False):
        """Remove the name found at `at`.  survives: the inode got another name since the last
        commit.

        Then the disk must have the new name first: the block waits until after it, and may not
        have new names itself.
        """
        volume = self._volume
        block, data, off = at
        if directory.hint_room:
            full = (directory.listed or self._list(directory))[: directory.hint_room]
            if block in full:
                directory.hint_room = full.index(block)
        directory.shed = True
        if survives:
            directory.left = True
        self.erase(block, data, off)
        if survives and block not in volume.pending.fresh:
            volume.cache.move(block, SOURCE)
        self.touched(directory)
        self.shrink(directory)

    def shrink(self, directory):
        """Free the empty blocks at a directory's end."""
        volume = self._volume
        size = directory.size
        bits = volume.sb.block_bits
        while size >> bits > 1:
            directory.map.run(directory, (size >> bits) - 1, 1)
            block = directory.map.phys
            if block == 0 or volume.is_source(block) or ext2c.live(volume.cache.get(block)):
                break
            size -= 1 << bits
        if size != directory.size:
            directory.size = size
            directory.found_at = 0
            directory.map.cut(directory, size >> bits)

    def touched(self, directory):
        directory.mtime = directory.ctime = self._volume.now()
        self._volume.inodes.mark(directory)

    def begin_block(self, data, directory, parent):
        """Fill a new directory's first block."""
        kind = self._type(directory)
        struct.pack_into("<IHBB", data, 0, directory.ino, 12, 1, kind)
        data[8:9] = b"."
        struct.pack_into("<IHBB", data, 12, parent.ino, len(data) - 12, 2, kind)
        data[20:22] = b".."

    def is_empty(self, directory):
        """Whether there is nothing but "." and ".."."""
        for index, block, data in self.blocks(directory):
            n = ext2c.live(data)
            if n < 0:
                self._volume.corrupt("directory block", block)
            if n > (2 if index == 0 else 0):
                return False
        return True
