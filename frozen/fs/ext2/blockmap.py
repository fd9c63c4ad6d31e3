"""From a file's block to the disk's: 12 direct pointers, then single, double and triple indirect
blocks.
"""

import struct

import ext2c
from micropython import const

from .const import EFBIG, ENOSPC

_DIRECT = const(12)
_FIRST_INDIRECT = const(84)  # of i_block[11 + levels] in the inode, in bytes, less 4 a level
_POINTERS = const(10)  # index of i_block[0] in the inode, in words


class IndirectMap:
    """How ext2 inodes map.  run() leaves the disk's block in `phys`, to allocate nothing in a
    read loop.
    """

    def __init__(self, volume):
        self._volume = volume
        self._bits = volume.sb.block_bits - 2  # pointers to a block, as a power of two
        self._mask = (1 << self._bits) - 1
        self._first, self._end = volume.sb.first_data_block, volume.sb.blocks
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
        at = lblock - inode.run_first
        if 0 <= at < inode.run_length:
            phys = inode.run_phys
            self.phys = phys + at if phys else 0
            at = inode.run_length - at
            return at if at < want else want
        if lblock < _DIRECT:
            found = ext2c.run(inode.raw, _POINTERS + lblock, _DIRECT - lblock)
        else:
            bits = self._bits
            rest = lblock - _DIRECT
            levels = 1  # of indirect blocks
            while levels < 3 and rest >> bits * levels:
                rest -= 1 << bits * levels
                levels += 1
            at = ext2c.word(inode.raw, _FIRST_INDIRECT + 4 * levels)
            while True:
                if at == 0:
                    # A hole that is as long as the missing indirect block reaches.
                    span = 1 << bits * levels
                    self.phys = 0
                    return min(want, span - (rest & span - 1))
                self._volume.check_block(at, 1, "indirect block", inode.ino)
                data = self._volume.cache.get(at)
                levels -= 1
                index = rest >> bits * levels & self._mask
                if levels == 0:
                    break
                at = ext2c.word(data, 4 * index)
            found = ext2c.run(data, index, self._mask + 1 - index)
        phys = self.phys = found & 0xFFFFFFFF
        n = found >> 32
        if phys and (phys <= self._first or phys + n > self._end):
            self._volume.check_block(phys, n, "inode", inode.ino)
        # One by one: three at once would make a tuple.
        inode.run_first = lblock
        inode.run_length = n
        inode.run_phys = phys
        return n if n < want else want

    # Writing

    def grow(self, inode, lblock, want):
        """run(), with blocks allocated where there is a hole: n, and whether they are new.

        OSError: ENOSPC (nothing changed), EFBIG.
        """
        if lblock + want > self.limit():
            raise OSError(EFBIG)
        n = self.run(inode, lblock, want)
        if self.phys:
            return n, False
        volume = self._volume
        path = self.path(lblock)
        last = path[-1]
        n = min(n, (_DIRECT if len(path) == 1 else 1 << self._bits) - last)
        missing = self._missing(inode, path)
        if volume.sb.free_blocks <= missing:
            raise OSError(ENOSPC)
        goal = inode.hint
        if not goal and lblock and self.run(inode, lblock - 1, 1) and self.phys:
            goal = self.phys + 1
        if not goal:
            group = (inode.ino - 1) // volume.sb.inodes_per_group
            goal = volume.sb.group_first(group)
        n = min(n, volume.sb.free_blocks - missing)
        inode.run_length = 0
        inode.listed = None
        words, at = self._leaf(inode, path, goal)
        first, n = volume.alloc.take(max(goal, inode.hint), n)
        if at:
            ext2c.put_run(words, last, n, first)
            volume.mark(at, words)
        else:
            ext2c.put_run(words, _POINTERS + last, n, first)
        inode.hint = first + n
        inode.sectors += n << volume.sb.block_bits - 9
        volume.inodes.mark(inode)
        self.phys = first
        return n, True

    def release(self, inode, lblock, n):
        """Take back n new blocks of grow(): their content could not be written."""
        volume = self._volume
        path = self.path(lblock)
        words, at = self._leaf(inode, path, 0)
        index = path[-1] if at else _POINTERS + path[-1]
        phys = ext2c.word(words, 4 * index)
        ext2c.put_run(words, index, n, 0)
        if at:
            volume.mark(at, words)
        inode.run_length = inode.hint = 0
        self._free(inode, phys, n)
        volume.inodes.mark(inode)

    def _missing(self, inode, path):
        """How many indirect blocks a path lacks."""
        at = struct.unpack_from("<I", inode.raw, 40 + 4 * path[0])[0]
        for depth in range(1, len(path)):
            if at == 0:
                return len(path) - depth
            if depth < len(path) - 1:
                self._volume.check_block(at, 1, "indirect block", inode.ino)
                at = struct.unpack_from("<I", self._volume.cache.get(at), 4 * path[depth])[0]
        return 0

    def _leaf(self, inode, path, goal):
        """(what holds the pointers, its block or 0 for the inode), indirect blocks made as
        needed.
        """
        volume = self._volume
        words, block, off = inode.raw, 0, 40 + 4 * path[0]
        for index in path[1:]:
            at = struct.unpack_from("<I", words, off)[0]
            if at == 0:
                at, data = volume.new_block(goal)
                inode.hint = goal = at + 1
                inode.sectors += volume.sb.block_size >> 9
                volume.inodes.mark(inode)
                struct.pack_into("<I", words, off, at)
                if block:
                    volume.mark(block, words)
            else:
                data = volume.cache.get(at)
            words, block, off = data, at, 4 * index
        return words, block

    def cut(self, inode, first):
        """Free all blocks of a file from block `first` on.  After an OSError some are freed, and
        holes.
        """
        inode.run_length = inode.hint = 0
        inode.listed = None
        self._volume.inodes.mark(inode)
        for index in range(_DIRECT + 3):
            depth = max(index - _DIRECT + 1, 0)
            span = 1 << self._bits * depth
            off = 40 + 4 * index
            at = struct.unpack_from("<I", inode.raw, off)[0]
            if at and first < span and self._cut(inode, at, depth, max(first, 0)):
                struct.pack_into("<I", inode.raw, off, 0)
            first -= span

    def _cut(self, inode, block, depth, first):
        """Free what a pointer maps from its block `first` on; whether nothing is left of it."""
        volume = self._volume
        volume.check_block(block, 1, "block of inode", inode.ino)
        if depth:
            data = volume.cache.get(block)
            try:
                self._cut_below(inode, data, depth, first)
            except OSError:
                volume.mark(block, data)
                raise
            if first:
                volume.mark(block, data)
                return False
        self._free(inode, block, 1)
        return True

    def _cut_below(self, inode, data, depth, first):
        """_cut() of what an indirect block points to."""
        volume = self._volume
        span = 1 << self._bits * (depth - 1)
        index = first // span
        limit = 1 << self._bits
        while index < limit:
            run = ext2c.run(data, index, limit - index)
            at, n = run & 0xFFFFFFFF, run >> 32
            gone = bool(at)
            if at and depth == 1:
                volume.check_block(at, n, "block of inode", inode.ino)
                self._free(inode, at, n)
            elif at:
                n = 1
                gone = self._cut(inode, at, depth - 1, max(first - index * span, 0))
            if gone:
                ext2c.put_run(data, index, n, 0)
            index += n

    def _free(self, inode, block, n):
        alloc = self._volume.alloc
        if alloc.blocks_pending > self._volume.sb.blocks:  # pointers that go in circles
            self._volume.corrupt("block map of inode", inode.ino)
        alloc.free(block, n)
        inode.sectors = max(inode.sectors - (n << self._volume.sb.block_bits - 9), 0)
