# Made by `inv stubs` from frozen/fs/ext2/groups.py: do not edit.
"""Group descriptors and the bitmaps they point at."""

from _typeshed import Incomplete

class Groups:
    """The descriptors of a volume, in core as the blocks the disk has.

    backup: as of super.read(), whose descriptors are then taken, but for meta_bg's: as Linux does.
    """

    blocks: list[Incomplete]
    dirty: set[Incomplete]
    def __init__(self, volume: Incomplete, backup: Incomplete | None = None) -> None: ...
    def block_bitmap(self, group: Incomplete) -> Incomplete:
        """Block with the bitmap of a group's blocks.  OSError(EUCLEAN) when it is outside of the
        volume.
        """
    def inode_bitmap(self, group: Incomplete) -> Incomplete: ...
    def inode_table(self, group: Incomplete) -> Incomplete:
        """First block of a group's inodes."""
    def count(self, group: Incomplete, index: Incomplete, delta: Incomplete) -> None:
        """Change a 16-bit count of a descriptor: 0 free blocks, 1 free inodes, 2 directories."""
    def free_blocks(self, group: Incomplete) -> Incomplete: ...
    def free_inodes(self, group: Incomplete) -> Incomplete: ...
    def recount(self) -> None:
        """Set the superblock's free counts to the groups' sums, as Linux does: theirs are
        newer.
        """
    def write(self) -> None:
        """Write the changed blocks of descriptors: the primary ones, as Linux does."""
