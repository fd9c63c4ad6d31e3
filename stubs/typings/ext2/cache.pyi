# Made by `inv stubs` from frozen/fs/ext2/cache.py: do not edit.
"""Write-back cache of metadata blocks and partly written data blocks.

Two generations stand in for a list by age: a hit moves a block to the young one, and when that is
full the old one is forgotten.  Blocks that wait to be written are held apart by class, so that
commit.py can write class after class.
"""

from _typeshed import Incomplete

DATA: int
BITMAP: int
META: int
SOURCE: int
CLASSES: int
SPREAD: int

class Cache:
    """Blocks of a Disk.  limit: how many are kept clean, and again how many may wait."""

    limit: Incomplete
    young: dict[Incomplete, Incomplete]
    waiting: tuple[Incomplete, ...]
    data_waiting: Incomplete
    def __init__(self, disk: Incomplete, block_size: Incomplete, limit: Incomplete) -> None: ...
    def get(self, block: Incomplete) -> Incomplete:
        """A block's bytearray; read when it is not here.  Who changes it calls mark()."""
    def new(self, block: Incomplete, kind: Incomplete) -> bytearray:
        """A block of zeros in place of what the disk has, waiting to be written."""
    def mark(self, block: Incomplete, data: Incomplete, kind: Incomplete) -> None:
        """data, from get(), was changed: it waits to be written, in its class or the one it
        already waits in.
        """
    def move(self, block: Incomplete, kind: Incomplete) -> None:
        """Let a waiting block wait in another class."""
    def waits_in(self, block: Incomplete, kind: Incomplete) -> bool:
        """Whether a block waits in a class."""
    def drop(self, block: Incomplete, n: Incomplete) -> None:
        """Forget n blocks, waiting or not: they were freed, or are written past the cache."""
    def count(self) -> Incomplete:
        """How many blocks wait."""
    def write(self, kind: Incomplete) -> None:
        """Write all blocks of one class, neighbours in one request.  A class is forgotten once
        all is written.
        """
