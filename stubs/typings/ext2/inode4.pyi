# Made by `inv stubs` from frozen/fs/ext2/inode4.py: do not edit.
"""Inodes of ext4: checksums, and directories beyond 4 GiB."""

from _typeshed import Incomplete
from ext2.inode import Table

class Table4(Table):
    """The inode table of a volume with metadata_csum or largedir."""
    def get(self, ino: Incomplete) -> Incomplete:
        """The inode in core, verified when it is read.  OSError(EUCLEAN)."""
    def stat(self, ino: Incomplete, block: Incomplete) -> Incomplete:
        """10-tuple of os.stat() for a name found in a directory block."""
