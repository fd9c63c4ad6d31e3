"""Directories as lists of records: inode, record length, name length, type, name (ext2.rst;
rec_len rules of e2fsck).
"""

import ext2c

from .const import ENOTDIR
from .super import FILETYPE, INCOMPAT


class Dirs:
    """The directories of a volume.  Hash trees are read as the lists they also are."""

    def __init__(self, volume):
        self._volume = volume
        self._typed = volume.sb.has(INCOMPAT, FILETYPE)

    def blocks(self, directory, first=0):
        """Each block of a directory from `first` on as (index, block on the disk, bytearray)."""
        volume = self._volume
        if not directory.is_dir:
            raise OSError(ENOTDIR)
        at = first
        end = directory.size >> volume.sb.block_bits
        while at < end:
            n = directory.map.run(directory, at, end - at)
            phys = directory.map.phys
            if phys == 0:
                volume.corrupt("hole in directory", directory.ino)
            for i in range(n):
                yield at + i, phys + i, volume.cache.get(phys + i)
            at += n

    def find(self, directory, name):
        """Inode number of a name (bytes), 0 when it is not there.  (block, data, offset) are left
        in `at`.
        """
        for _, block, data in self.blocks(directory):
            off = ext2c.find(data, name)
            if off >= 0:
                self.at = (block, data, off)
                return int.from_bytes(data[off : off + 4], "little")
            if off < -1:
                self._volume.corrupt("directory block", block)
        return 0

    def entries(self, directory):
        """All names as (name, type, inode number), "." and ".." left out; types are those of
        st_mode.
        """
        out = []
        for _, block, data in self.blocks(directory):
            if ext2c.entries(data, out, self._typed) < 0:
                self._volume.corrupt("directory block", block)
        if not self._typed:
            get = self._volume.inodes.get
            out = [(name, get(ino).format, ino) for name, _, ino in out]
        return out
