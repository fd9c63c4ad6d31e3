"""Sizes for a listing, from tables of inodes that are read many blocks at a time."""

from micropython import const

_WINDOW = const(65536)  # bytes of a table in one request
_MOST = const(32)  # windows kept: names need not be in the order of their inodes


class Sizes:
    """Finds the inodes of one listing for ext2c.names()."""

    def __init__(self, volume):
        self._volume = volume
        self._windows = {}

    def __call__(self, ino):
        """(number of an inode, table entries from that one on, length of an entry): ino is in
        there, or nothing is when it is no inode's number.
        """
        sb = self._volume.sb
        size = sb.inode_size
        if not 1 <= ino <= sb.inodes:
            return ino, b"", size
        group, at = divmod(ino - 1, sb.inodes_per_group)
        at -= at % (max(_WINDOW, sb.block_size) // size)
        first = group * sb.inodes_per_group + at + 1
        window = self._windows.get(first)
        if window is None:
            window = self._read(group, at, first)
            if len(self._windows) >= _MOST:
                self._windows.clear()
            self._windows[first] = window
        return first, window, size

    def _read(self, group, at, first):
        volume, sb = self._volume, self._volume.sb
        size = sb.inode_size
        used = min(max(_WINDOW, sb.block_size), (sb.inodes_per_group - at) * size)
        blocks = -(-used // sb.block_size)
        window = bytearray(blocks << sb.block_bits)
        volume.disk.read(volume.groups.inode_table(group) + (at * size >> sb.block_bits), window)
        for inode in volume.inodes.dirty.values():  # newer than the disk
            off = (inode.ino - first) * size
            if 0 <= off < used:
                window[off : off + size] = inode.pack()
        return memoryview(window)[:used]
