"""From a file's block to the disk's: 12 direct pointers, then single, double and triple indirect
blocks.
"""

import struct

import ext2c
from micropython import const

_DIRECT = const(12)
_POINTERS = const(10)  # index of i_block[0] in the inode, in words


class IndirectMap:
    """How ext2 inodes map.  run() leaves the disk's block in `phys`, to allocate nothing in a
    read loop.
    """

    def __init__(self, volume):
        self._volume = volume
        self._bits = volume.sb.block_bits - 2  # pointers to a block, as a power of two
        self._mask = (1 << self._bits) - 1
        self.phys = 0

    def limit(self):
        """How many blocks a file may have by its pointers."""
        n = 1 << self._bits
        return _DIRECT + n + n * n + n * n * n

    def path(self, lblock):
        """(index in i_block, indices in each indirect block from the top) of a file's block."""
        if lblock < _DIRECT:
            return (lblock,)
        lblock -= _DIRECT
        bits = self._bits
        mask = self._mask
        if lblock >> bits == 0:
            return (12, lblock)
        lblock -= 1 << bits
        if lblock >> 2 * bits == 0:
            return (13, lblock >> bits, lblock & mask)
        lblock -= 1 << 2 * bits
        return (14, lblock >> 2 * bits, lblock >> bits & mask, lblock & mask)

    def run(self, inode, lblock, want):
        """Length of the run of up to `want` blocks from lblock on that lie side by side on the
        disk from `phys`.

        phys is 0 for a hole.  OSError(EUCLEAN) for a pointer outside of the volume.
        """
        if lblock < _DIRECT:
            found = ext2c.run(inode.raw, _POINTERS + lblock, min(want, _DIRECT - lblock))
        else:
            path = self.path(lblock)
            at = struct.unpack_from("<I", inode.raw, 40 + 4 * path[0])[0]
            for depth in range(1, len(path)):
                if at == 0:
                    # A hole that is as long as the missing indirect block reaches.
                    span = 1 << self._bits * (len(path) - depth)
                    self.phys = 0
                    return min(want, span - self._below(path, depth))
                self._volume.check_block(at, 1, "indirect block", inode.ino)
                data = self._volume.cache.get(at)
                if depth == len(path) - 1:
                    found = ext2c.run(data, path[depth], want)
                else:
                    at = struct.unpack_from("<I", data, 4 * path[depth])[0]
        phys = self.phys = found & 0xFFFFFFFF
        n = found >> 32
        if phys:
            self._volume.check_block(phys, n, "inode", inode.ino)
        return n

    def _below(self, path, depth):
        """How far the block of `path` is into what the missing block at `depth` would map."""
        n = 0
        for index in path[depth:]:
            n = n << self._bits | index
        return n
