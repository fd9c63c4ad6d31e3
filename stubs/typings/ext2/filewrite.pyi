# Made by `inv stubs` from frozen/fs/ext2/filewrite.py: do not edit.
"""The writing half of an open file."""

from _typeshed import Incomplete

class Writing:
    """File's write, truncate, flush.

    It is the stream: C sees one only where the first base is (import panics on a file otherwise).
    """
    def write(self, buf: Incomplete) -> Incomplete:
        """Write bytes, or a str as UTF-8, at the position, or at the end when opened with "a";
        how many bytes.

        OSError(ENOSPC) when the disk is full: what fitted is in the file.
        """
    def truncate(self, size: Incomplete | None = None) -> Incomplete:
        """Make the file `size` bytes long, up to the position without one; what is new is a
        hole.
        """
    def flush(self) -> None:
        """All that was written is on the medium when this returns."""

def large(volume: Incomplete, size: Incomplete) -> None:
    """Before a file gets this size.  OSError(EFBIG) for more than the volume can have."""

def zero_tail(volume: Incomplete, inode: Incomplete) -> None:
    """Clear what is behind a file's end in its last block, before the end moves up."""

def cut(volume: Incomplete, inode: Incomplete, size: Incomplete) -> None:
    """Set a file's size, not above what it is, and free what is behind it."""

def resize(volume: Incomplete, inode: Incomplete, size: Incomplete) -> None:
    """Set a file's size and free what is behind it."""
