"""Write-back cache of metadata blocks and partly written data blocks.

Two generations stand in for a list by age: a hit moves a block to the young one, and when that is
full the old one is
forgotten.  Blocks that wait to be written are held apart by class, so that commit.py can write
class after class.
"""

from micropython import const

# Classes of waiting blocks, in the order a commit writes them.
DATA = const(
    0
)  # file data, and metadata in blocks that nothing on the disk points to yet: at any time
BITMAP = const(1)
META = const(2)  # directory and indirect blocks that are in use
SOURCE = const(3)  # directory blocks from which a name moved elsewhere: after its new place
CLASSES = const(4)


class Cache:
    """Blocks of a Disk.  limit: how many are kept clean, and again how many may wait."""

    def __init__(self, disk, block_size, limit):
        self._disk = disk
        self._size = block_size
        self._half = max(limit // 2, 8)
        self.limit = max(limit, 16)
        self._young = {}
        self._old = {}
        self.waiting = tuple({} for _ in range(CLASSES))
        self.data_waiting = self.waiting[DATA]

    def get(self, block):
        """A block's bytearray; read when it is not here.  Who changes it calls mark()."""
        data = self._young.get(block)
        if data is None:
            data = self._old.get(block)
            if data is None:
                for blocks in self.waiting:
                    data = blocks.get(block)
                    if data is not None:
                        break
                else:
                    data = bytearray(self._size)
                    self._disk.read(block, data)
            self._keep(block, data)
        return data

    def _keep(self, block, data):
        if len(self._young) >= self._half:
            self._old = self._young
            self._young = {}
        self._young[block] = data

    def new(self, block, kind):
        """A block of zeros in place of what the disk has, waiting to be written."""
        self.drop(block, 1)
        data = bytearray(self._size)
        self._keep(block, data)
        self.waiting[kind][block] = data
        return data

    def mark(self, block, data, kind):
        """data, from get(), was changed: it waits to be written, in its class or the one it
        already waits in.
        """
        for blocks in self.waiting:
            if block in blocks:
                return
        self.waiting[kind][block] = data

    def move(self, block, kind):
        """Let a waiting block wait in another class."""
        for blocks in self.waiting:
            data = blocks.pop(block, None)
            if data is not None:
                self.waiting[kind][block] = data
                return

    def drop(self, block, n):
        """Forget n blocks, waiting or not: they were freed, or are written past the cache."""
        for blocks in (self._young, self._old) + self.waiting:
            if len(blocks) < n:
                gone = [b for b in blocks if block <= b < block + n]
                for b in gone:
                    del blocks[b]
            else:
                for b in range(block, block + n):
                    blocks.pop(b, None)

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
            while at + n < len(order) and n < 64 and order[at + n] == first + n:
                n += 1
            if n == 1:
                self._disk.write(first, blocks[first])
            else:
                self._disk.write(first, b"".join([blocks[b] for b in order[at : at + n]]))
            at += n
        blocks.clear()
