# Made by `inv stubs` from frozen/fs/ext2/extents.py: do not edit.
"""From a file's block to the disk's by extents: runs in a tree below i_block (Linux
Documentation/filesystems/ext4/ifork.rst).
"""

from _typeshed import Incomplete

class ExtentMap:
    """How ext4 inodes map: run() as IndirectMap's, for reading."""

    phys: Incomplete
    def __init__(self, volume: Incomplete) -> None: ...
    def run(self, inode: Incomplete, lblock: Incomplete, want: Incomplete) -> Incomplete:
        """Length of the run of up to `want` blocks from lblock on that lie side by side on the
        disk from `phys`.

        phys is 0 for what reads as zeros: a hole, or blocks that were never written.
        OSError(EUCLEAN) for a tree that is broken.
        """
