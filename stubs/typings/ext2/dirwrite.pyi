# Made by `inv stubs` from frozen/fs/ext2/dirwrite.py: do not edit.
"""Changes to directories.  Each is of one block, so that the disk has a name before or after it,
not half.
"""

from _typeshed import Incomplete
from ext2.dirs import Dirs

def clear(data: Incomplete, off: Incomplete) -> bool:
    """Take the record at off out of a directory block; False when the block is broken."""

class DirWriter(Dirs):
    """Adds, removes and redirects names (bytes)."""
    def unindex(self, directory: Incomplete) -> None:
        """A directory that is to change becomes a plain list: its hash tree would be wrong."""
    def place(
        self, directory: Incomplete, name: Incomplete
    ) -> tuple[Incomplete, Incomplete, Incomplete] | tuple[Incomplete, Incomplete, int]:
        """Where a record for the name has room, as (block, data, offset); the directory grows
        when there is none.
        """
    def add(self, directory: Incomplete, name: Incomplete, inode: Incomplete) -> None:
        """Give an inode a name in a directory that does not have that name."""
    def insert(
        self,
        block: Incomplete,
        data: Incomplete,
        off: Incomplete,
        name: Incomplete,
        inode: Incomplete,
    ) -> None:
        """Put a record behind that at off, or in its place when it is free.  There is room
        (ext2c.room).
        """
    def redirect(
        self, block: Incomplete, data: Incomplete, off: Incomplete, inode: Incomplete
    ) -> None:
        """Let the record at off name another inode."""
    def erase(self, block: Incomplete, data: Incomplete, off: Incomplete) -> None:
        """Remove the record at off from its block."""
    def remove(self, directory: Incomplete, at: Incomplete, survives: bool = False) -> None:
        """Remove the name found at `at`.  survives: the inode got another name since the last
        commit.

        Then the disk must have the new name first: the block waits until after it, and may not
        have new names itself.
        """
    def shrink(self, directory: Incomplete) -> None:
        """Free the empty blocks at a directory's end."""
    def touched(self, directory: Incomplete) -> None: ...
    def begin_block(self, data: Incomplete, directory: Incomplete, parent: Incomplete) -> None:
        """Fill a new directory's first block."""
    def is_empty(self, directory: Incomplete) -> bool:
        """Whether there is nothing but "." and ".."."""
