# Made by `inv stubs` from frozen/fs/ext2/journal.py: do not edit.
"""Replay of a journal that was left dirty, in memory: the disk is not written (Linux
Documentation/filesystems/ext4/journal.rst, fs/jbd2).

What is kept is where in the journal the newest copy of each block is, not the copy.
"""

from _typeshed import Incomplete
from ext2.disk import Disk

class Overlay(Disk):
    """A disk with the blocks of a journal over its own.  copies: {block: (where, escaped)}."""

    bdev: Incomplete
    sector: Incomplete
    sectors: Incomplete
    name: Incomplete
    read_only: Incomplete
    copies: Incomplete
    def __init__(self, disk: Incomplete, block_size: Incomplete, copies: Incomplete) -> None: ...
    def set_block_size(self, size: Incomplete) -> None:
        """OSError(EUCLEAN) when it is not the one that the journal has."""
    def read(self, block: Incomplete, buf: Incomplete) -> None:
        """Fill buf, whole blocks, from `block` on.  OSError as the device says."""
    def read_bytes(self, at: Incomplete, buf: Incomplete) -> None:
        """Fill buf from any byte of the device."""

class Journal:
    """The journal of a volume, read block by block from where the last checkpoint was."""
    def __init__(self, volume: Incomplete) -> None: ...
    @property
    def empty(self) -> bool:
        """Whether there is nothing to replay."""
    def replay(self) -> tuple[dict[Incomplete, Incomplete], Incomplete]:
        """{block: (copy's block on the disk, whether it is escaped)} of all complete
        transactions, and how many those are.  OSError(EUCLEAN) when a checksum in one is wrong.

        What is wrong in a transaction counts when its commit comes: without, it was not written
        whole and ends the journal, as for jbd2.
        """

def overlay(volume: Incomplete) -> Overlay:
    """The volume's disk as it is once the journal is replayed.  OSError: EUCLEAN, EOPNOTSUPP."""

def is_empty(volume: Incomplete) -> Incomplete:
    """Whether the journal of a volume has nothing to replay; None when it cannot be read."""
