"""Directories as lists of records: inode, record length, name length, type, name (ext2.rst;
rec_len rules of e2fsck).
"""

import struct

import ext2c
from micropython import const

from .const import ENOTDIR
from .inode import Table
from .sizes import Sizes
from .super import FILETYPE, INCOMPAT

_CHUNK = const(65536)


def length_at(data, off):
    """Length of the record at off.  One as long as a block of 64 KiB has 0 or 65535 there."""
    n = struct.unpack_from("<H", data, off + 4)[0]
    return n if 0 < n < 0xFFFF else len(data)


class Dirs:
    """The directories of a volume.  Hash trees are read as the lists they also are."""

    def __init__(self, volume):
        self._volume = volume
        checks = volume.checks
        self._check = checks.directory if checks and checks.full else None
        # Whether blocks need no checksum whenever they are looked at.
        self.plain = type(volume.inodes) is Table and not self._check
        self._typed = volume.sb.has(INCOMPAT, FILETYPE)

    def blocks(self, directory, first=0):
        """Each block of a directory from `first` on as (index, block on the disk, bytearray)."""
        volume = self._volume
        if not directory.is_dir:
            raise OSError(ENOTDIR)
        get = self._getter(directory)
        at = first
        end = self._length(directory)
        while at < end:
            n = directory.map.run(directory, at, end - at)
            phys = directory.map.phys
            if phys == 0:
                volume.corrupt("hole in directory", directory.ino)
            for i in range(n):
                yield at + i, phys + i, get(phys + i)
            at += n

    @property
    def at(self):
        """Where find() found a name: (block, data, offset)."""
        return self.block, self._data, self._off

    def find(self, directory, name):
        """Inode number of a name (bytes), 0 when it is not there.  `at` tells where it was found.

        The block where a name was found last comes first: names are mostly asked for in order.
        """
        block = directory.found_at
        if block:
            data = self._volume.cache.get(block)
            if self._check:
                self._check(directory, block, data)
            off = ext2c.find(data, name)
            if off >= 0:
                self.block, self._data, self._off = block, data, off
                return ext2c.word(data, off)
        return self._search(directory, name)

    def _search(self, directory, name):
        """find() in all blocks."""
        get = self._getter(directory)
        look = ext2c.find
        for block in directory.listed or self._list(directory):
            off = look(get(block), name)
            if off != -1:
                if off < 0:
                    self._volume.corrupt("directory block", block)
                directory.found_at = block
                self.block, self._data, self._off = block, get(block), off
                return ext2c.word(self._data, off)
        return 0

    def _getter(self, directory):
        """Function that gives a block of a directory, verified where there are checksums."""
        get = self._volume.cache.get
        check = self._check
        return (lambda block: check(directory, block, get(block))) if check else get

    def _length(self, directory):
        """How many blocks a directory has: not more than the volume."""
        volume = self._volume
        n = directory.size >> volume.sb.block_bits
        if n > volume.sb.blocks:
            volume.corrupt("inode size", directory.ino)
        return n

    def _list(self, directory):
        """All blocks of a directory, remembered: searches go through them again and again."""
        volume = self._volume
        if not directory.is_dir:
            raise OSError(ENOTDIR)
        out = []
        end = self._length(directory)
        while len(out) < end:
            n = directory.map.run(directory, len(out), end - len(out))
            phys = directory.map.phys
            if phys == 0:
                volume.corrupt("hole in directory", directory.ino)
            out.extend(range(phys, phys + n))
        directory.listed = out
        return out

    def entries(self, directory):
        """Iterator of all names as (name, type, inode number), with sizes also the size; "." and
        ".." left out; types are of st_mode.  The directory is as it was at the call.
        """
        if not directory.is_dir:
            raise OSError(ENOTDIR)
        volume = self._volume
        if self._check or any(volume.cache.waiting):  # some of it may be newer there
            found = [(block, bytearray(data)) for _, block, data in self.blocks(directory)]
            blocks = [block for block, _ in found]
            chunks = [data for _, data in found]
        else:
            blocks = directory.listed or self._list(directory)
            chunks = self._read(directory, blocks)

        def broken(n):
            volume.corrupt("directory block", blocks[n])

        inodes = Sizes(volume) if volume.sizes else None
        names = ext2c.names(chunks, self._typed, volume.sb.block_size, broken, inodes)
        if self._typed:
            return names
        get = volume.inodes.get
        return iter([(e[0], get(e[2]).format) + e[2:] for e in names])

    def _read(self, directory, blocks):
        """Blocks from the disk, many in one request: a list of buffers."""
        volume = self._volume
        bits = volume.sb.block_bits
        chunks = []
        at = 0
        while at < len(blocks):
            phys = blocks[at]
            n = 1
            most = min(len(blocks) - at, _CHUNK >> bits)
            while n < most and blocks[at + n] == phys + n:
                n += 1
            chunk = bytearray(n << bits)
            volume.disk.read(phys, chunk)
            chunks.append(chunk)
            at += n
        return chunks
