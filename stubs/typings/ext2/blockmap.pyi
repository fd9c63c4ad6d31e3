# Made by `inv stubs` from frozen/fs/ext2/blockmap.py: do not edit.
"""From a file's block to the disk's: 12 direct pointers, then single, double and triple indirect
blocks.
"""

from _typeshed import Incomplete

class IndirectMap:
    """How ext2 inodes map.  run() leaves the disk's block in `phys`, to allocate nothing in a
    read loop.
    """

    phys: Incomplete
    def __init__(self, volume: Incomplete) -> None: ...
    def limit(self) -> Incomplete:
        """How many blocks a file may have by its pointers."""
    def path(self, lblock: Incomplete) -> Incomplete:
        """(index in i_block, indices in each indirect block from the top) of a file's block."""
    def run(self, inode: Incomplete, lblock: Incomplete, want: Incomplete) -> Incomplete:
        """Length of the run of up to `want` blocks from lblock on that lie side by side on the
        disk from `phys`.

        phys is 0 for a hole.  OSError(EUCLEAN) for a pointer outside of the volume.
        """
    def grow(
        self, inode: Incomplete, lblock: Incomplete, want: Incomplete
    ) -> tuple[Incomplete, bool]:
        """run(), with blocks allocated where there is a hole: n, and whether they are new.

        OSError: ENOSPC (nothing changed), EFBIG.
        """
    def release(self, inode: Incomplete, lblock: Incomplete, n: Incomplete) -> None:
        """Take back n new blocks of grow(): their content could not be written."""
    def cut(self, inode: Incomplete, first: Incomplete) -> None:
        """Free all blocks of a file from block `first` on.  After an OSError some are freed, and
        holes.
        """
