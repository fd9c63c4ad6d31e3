# Made by `inv stubs` from frozen/fs/ext2/sizes.py: do not edit.
"""Sizes for a listing, from tables of inodes that are read many blocks at a time."""

from _typeshed import Incomplete

class Sizes:
    """Finds the inodes of one listing for ext2c.names()."""
    def __init__(self, volume: Incomplete) -> None: ...
    def __call__(
        self, ino: Incomplete
    ) -> tuple[Incomplete, Incomplete, Incomplete] | tuple[Incomplete, bytes, Incomplete]:
        """(number of an inode, table entries from that one on, length of an entry): ino is in
        there, or nothing is when it is no inode's number.
        """
