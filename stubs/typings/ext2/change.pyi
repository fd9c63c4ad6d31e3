# Made by `inv stubs` from frozen/fs/ext2/change.py: do not edit.
"""Making and removing inodes and their names: what create, link, unlink, mkdir, rmdir and symlink
share.
"""

from _typeshed import Incomplete

class Changes:
    """Operations on inodes of a volume, below paths."""

    volume: Incomplete
    dirs: Incomplete
    def __init__(self, volume: Incomplete, dirs: Incomplete) -> None: ...
    def make(self, directory: Incomplete, mode: Incomplete) -> Incomplete:
        """A new inode, without a name yet.  OSError(ENOSPC)."""
    def create(self, directory: Incomplete, name: Incomplete) -> Incomplete:
        """A new empty file."""
    def mkdir(self, directory: Incomplete, name: Incomplete, mode: int = 493) -> Incomplete:
        """A new empty directory."""
    def symlink(self, directory: Incomplete, name: Incomplete, target: Incomplete) -> Incomplete:
        """A symbolic link to target, bytes: in the inode when it is short, in a block
        otherwise.
        """
    def link(self, directory: Incomplete, name: Incomplete, inode: Incomplete) -> None:
        """One more name of an inode."""
    def before_remove(
        self, directory: Incomplete, inode: Incomplete, at: Incomplete
    ) -> tuple[Incomplete, Incomplete] | tuple[tuple[Incomplete, Incomplete, Incomplete], bool]:
        """Commit what must be on the disk before a name goes, and find the name's block again."""
    def unlink(self, directory: Incomplete, inode: Incomplete, at: Incomplete) -> None:
        """Remove the name at `at` (dirs.find) of what is no directory."""
    def lose(self, inode: Incomplete) -> None:
        """One name less; the last one frees the inode, once no file has it open."""
    def rmdir(self, directory: Incomplete, inode: Incomplete, at: Incomplete) -> None:
        """Remove an empty directory."""
    def orphan(self, inode: Incomplete) -> None:
        """A file without a name that is still open: free on the disk, but its blocks are kept
        until close.
        """
    def drop(self, inode: Incomplete) -> None:
        """Free an inode and all it has."""
    def check_name(self, name: Incomplete) -> Incomplete:
        """A name to be made, as bytes.  OSError: EINVAL, ENAMETOOLONG."""
