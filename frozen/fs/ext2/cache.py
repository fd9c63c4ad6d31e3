"""Write-back cache of metadata blocks and partly written data blocks.

Two generations stand in for a list by age: a hit moves a block to the young one, and when that is
full the old one is forgotten.  Blocks that wait to be written are held apart by class, so that
commit.py can write class after class.
"""

import ext2c
from micropython import const

# Classes of waiting blocks, in the order a commit writes them.
DATA = const(0)  # at any time: file data, metadata in blocks that nothing on the disk points to
BITMAP = const(1)
META = const(2)  # directory and indirect blocks that are in use
SOURCE = const(3)  # directory blocks from which a name moved elsewhere: after its new place
CLASSES = const(4)

# Blocks are kept under their number times this: dicts hash integers to themselves and probe on
# from there, so that neighbours would be one long cluster to search for each block that is not
# here.
SPREAD = const(40503)


class Cache:
    """Blocks of a Disk.  limit: how many are kept clean, and again how many may wait."""

    def __init__(self, disk, block_size, limit):
        self._disk = disk
        self._size = block_size
        self._half = max(limit // 2, 8)
        self.limit = max(limit, 16)
        self.young = {}  # blocks by number times SPREAD
        self._old = {}
        self.waiting = tuple({} for _ in range(CLASSES))
        self.data_waiting = self.waiting[DATA]

    def get(self, block):
        """A block's bytearray; read when it is not here.  Who changes it calls mark()."""
        data = self.young.get(block * SPREAD)
        if data is None:
            data = self._find(block)
        return data

    def _find(self, block):
        key = block * SPREAD
        data = self._old.get(key)
        if data is None:
            data = ext2c.lookup(self.waiting, key)
            if data is None:
                data = bytearray(self._size)
                self._disk.read(block, data)
        if len(self.young) >= self._half:
            self._keep(key, data)
        else:
            self.young[key] = data
        return data

    def _keep(self, key, data):
        if len(self.young) >= self._half:
            self._old = self.young
            self.young = {}
        self.young[key] = data

    def new(self, block, kind):
        """A block of zeros in place of what the disk has, waiting to be written."""
        self.drop(block, 1)
        data = bytearray(self._size)
        self._keep(block * SPREAD, data)
        self.waiting[kind][block * SPREAD] = data
        return data

    def mark(self, block, data, kind):
        """data, from get(), was changed: it waits to be written, in its class or the one it
        already waits in.
        """
        key = block * SPREAD
        for blocks in self.waiting:
            if key in blocks:
                return
        self.waiting[kind][key] = data

    def move(self, block, kind):
        """Let a waiting block wait in another class."""
        key = block * SPREAD
        for blocks in self.waiting:
            data = blocks.pop(key, None)
            if data is not None:
                self.waiting[kind][key] = data
                return

    def waits_in(self, block, kind):
        """Whether a block waits in a class."""
        return block * SPREAD in self.waiting[kind]

    def drop(self, block, n):
        """Forget n blocks, waiting or not: they were freed, or are written past the cache."""
        first = block * SPREAD
        end = first + n * SPREAD
        for blocks in (self.young, self._old) + self.waiting:
            if len(blocks) < n:
                for key in [k for k in blocks if first <= k < end]:
                    del blocks[key]
            else:
                for key in range(first, end, SPREAD):
                    blocks.pop(key, None)

    def count(self):
        """How many blocks wait."""
        return sum([len(blocks) for blocks in self.waiting])

    def write(self, kind):
        """Write all blocks of one class, neighbours in one request.  A class is forgotten once
        all is written.
        """
        blocks = self.waiting[kind]
        if not blocks:
            return
        order = sorted(blocks)
        at = 0
        while at < len(order):
            first = order[at]
            n = 1
            while at + n < len(order) and n < 64 and order[at + n] == first + n * SPREAD:
                n += 1
            if n == 1:
                self._disk.write(first // SPREAD, blocks[first])
            else:
                self._disk.write_all(first // SPREAD, [blocks[key] for key in order[at : at + n]])
            at += n
        blocks.clear()
