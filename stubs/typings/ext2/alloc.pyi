# Made by `inv stubs` from frozen/fs/ext2/alloc.py: do not edit.
"""Allocation of blocks and inodes.

What is freed stays taken in the bitmaps until the commit that frees it is complete on the disk:
so no block has two owners there, whichever of the writes of a commit are lost.
"""

from _typeshed import Incomplete

class Allocator:
    """Takes blocks and inodes, and notes what a commit is to free."""

    blocks_pending: int
    def __init__(self, volume: Incomplete) -> None: ...
    @property
    def pending(self) -> bool:
        """Whether a commit would make room."""
    @property
    def inodes_pending(self) -> int: ...
    def take(self, goal: Incomplete, most: Incomplete) -> tuple[Incomplete, Incomplete] | None:
        """Up to `most` blocks side by side, near goal: (first, n).  OSError(ENOSPC)."""
    def free(self, block: Incomplete, n: Incomplete) -> None:
        """Free n blocks with the next commit; what the cache has of them is forgotten now."""
    def take_inode(self, directory: Incomplete, is_dir: Incomplete) -> Incomplete:
        """Number of a free inode: in the directory's group; a new top directory where most blocks
        are free.
        """
    def free_inode(self, inode: Incomplete) -> None:
        """Free an inode's number with the next commit."""
    def apply(self) -> None:
        """Clear what was freed in the bitmaps, which then wait to be written."""
