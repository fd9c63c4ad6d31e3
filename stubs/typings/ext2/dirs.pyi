# Made by `inv stubs` from frozen/fs/ext2/dirs.py: do not edit.
"""Directories as lists of records: inode, record length, name length, type, name (ext2.rst;
rec_len rules of e2fsck).
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def length_at(data: Incomplete, off: Incomplete) -> Incomplete:
    """Length of the record at off.  One as long as a block of 64 KiB has 0 or 65535 there."""

class Dirs:
    """The directories of a volume.  Hash trees are read as the lists they also are."""

    plain: bool
    block: Incomplete
    def __init__(self, volume: Incomplete) -> None: ...
    def blocks(self, directory: Incomplete, first: int = 0) -> Iterator[Incomplete]:
        """Each block of a directory from `first` on as (index, block on the disk, bytearray)."""
    @property
    def at(self) -> tuple[Incomplete, Incomplete, Incomplete]:
        """Where find() found a name: (block, data, offset)."""
    def find(self, directory: Incomplete, name: Incomplete) -> Incomplete:
        """Inode number of a name (bytes), 0 when it is not there.  `at` tells where it was found.

        The block where a name was found last comes first: names are mostly asked for in order.
        """
    def entries(self, directory: Incomplete) -> Incomplete:
        """Iterator of all names as (name, type, inode number), with sizes also the size; "." and
        ".." left out; types are of st_mode.  The directory is as it was at the call.
        """
