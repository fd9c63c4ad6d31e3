"""From a file's block to the disk's by extents: runs in a tree below i_block (Linux
Documentation/filesystems/ext4/ifork.rst).
"""

import struct

from micropython import const

_MAGIC = const(0xF30A)
_DEEPEST = const(5)
_ROOT = const(40)  # i_block in the inode
_ROOT_SIZE = const(60)
_ENTRY = const(12)  # header and entries alike
_WRITTEN = const(32768)  # a length above: allocated, never written, that much longer
_END = const(1 << 32)  # no file has more blocks


class ExtentMap:
    """How ext4 inodes map: run() as IndirectMap's, for reading."""

    def __init__(self, volume):
        self._volume = volume
        self.phys = 0
        # The run found last.
        self._inode = None
        self._first = self._end = self._start = 0

    def run(self, inode, lblock, want):
        """Length of the run of up to `want` blocks from lblock on that lie side by side on the
        disk from `phys`.

        phys is 0 for what reads as zeros: a hole, or blocks that were never written.
        OSError(EUCLEAN) for a tree that is broken.
        """
        if inode is not self._inode or not self._first <= lblock < self._end:
            self._find(inode, lblock)
        start = self._start
        self.phys = start + lblock - self._first if start else 0
        n = self._end - lblock
        return n if n < want else want

    def _find(self, inode, lblock):
        """Set the run around a block."""
        volume = self._volume
        self._inode = None
        if lblock >= _END:
            volume.corrupt("size of inode", inode.ino)
        data, at, size, end, above = inode.raw, _ROOT, _ROOT_SIZE, _END, -1
        block = 0
        while True:
            magic, n, most, depth = struct.unpack_from("<4H", data, at)
            if (
                magic != _MAGIC
                or n > most
                or (most + 1) * _ENTRY > size
                or (depth > _DEEPEST if above < 0 else depth != above - 1)
                or (depth and not n)
            ):
                volume.corrupt("extents of inode", inode.ino)
            if above >= 0 and volume.checks and volume.checks.full:
                volume.checks.extents(inode, block, data)
            i = self._search(data, at, n, lblock)
            if i < n:
                following = struct.unpack_from("<I", data, at + (i + 1) * _ENTRY)[0]
                end = min(end, following)
            if i == 0:
                self._first, self._end, self._start = lblock, end, 0
                break
            if depth == 0:
                self._leaf(inode, struct.unpack_from("<IHHI", data, at + i * _ENTRY), lblock, end)
                break
            _, low, high = struct.unpack_from("<IIH", data, at + i * _ENTRY)
            block = low | high << 32
            volume.check_block(block, 1, "extent block of inode", inode.ino)
            data, at, size, above = volume.cache.get(block), 0, volume.sb.block_size, depth
        self._inode = inode

    def _search(self, data, at, n, lblock):
        """Number, from 1, of the last entry that begins at or before a block; 0 when none does."""
        low, high = 0, n
        while low < high:
            mid = (low + high + 1) // 2
            if struct.unpack_from("<I", data, at + mid * _ENTRY)[0] <= lblock:
                low = mid
            else:
                high = mid - 1
        return low

    def _leaf(self, inode, extent, lblock, end):
        """The run around a block, from the extent at or before it; `end`: where the next
        begins.
        """
        first, n, high, low = extent
        start = low | high << 32
        written = n <= _WRITTEN
        if not written:
            n -= _WRITTEN
        if n == 0 or first + n > end:
            self._volume.corrupt("extents of inode", inode.ino)
        if lblock >= first + n:
            self._first, self._end, self._start = first + n, end, 0
            return
        self._volume.check_block(start, n, "extent of inode", inode.ino)
        self._first, self._end, self._start = first, first + n, start if written else 0
