# Made by `inv stubs` from frozen/fs/ext2/vfs.py: do not edit.
"""VfsExt2: the whole protocol, reading (reader.py) and writing."""

from _typeshed import Incomplete
from ext2.change import Changes
from ext2.dirwrite import DirWriter
from ext2.reader import Reader

class VfsExt2(Reader):
    """An ext2 file system on a block device: docs/reference/ext2.md.

    sb: block of a backup superblock, in KiB.  cache: bytes.  errors: "continue", "remount-ro",
    "panic", or None for what the superblock says.  sizes: ilistdir() tells them.  OSError: ENODEV
    no ext2, EUCLEAN broken, EOPNOTSUPP a feature (the log names it).
    """

    dirs: DirWriter
    changes: Changes
    def __init__(
        self,
        bdev: Incomplete,
        sb: int | None = None,
        read_only: bool = False,
        cache: int = ...,
        errors: str | None = "remount-ro",
        sizes: bool = False,
    ) -> None: ...
    @staticmethod
    def mkfs(
        bdev: Incomplete,
        block_size: int = 4096,
        label: str = "",
        inode_size: int = 256,
        uuid: bytes | None = None,
    ) -> None:
        """Make an empty file system on all of a block device."""
    def mount(self, readonly: Incomplete, mkfs: Incomplete) -> None:
        """Called by vfs.mount().  After umount(), what the disk has now is read anew."""
    def umount(self) -> None:
        """Called by vfs.umount(): all is written, and the disk is marked clean.

        Files that are open cannot be written any more; what has no name is freed.  OSError(EIO):
        it is unmounted, but an earlier error had ended all writing.
        """
    def sync(self) -> None:
        """All changes are on the medium when this returns.  OSError(EIO) when an earlier error
        ended all writing.
        """
    def open(self, path: Incomplete, mode: str = "r") -> Incomplete:
        """A File, or a TextFile unless mode has "b".  Modes as of the builtin open()."""
    def mkdir(self, path: str) -> None:
        """Make a directory.  OSError: EEXIST, ENOENT, ENOSPC."""
    def rmdir(self, path: str) -> None:
        """Remove an empty directory.  OSError: ENOTEMPTY, ENOTDIR."""
    def remove(self, path: str) -> None:
        """Remove a name.  An open file keeps its content until it is closed.  OSError(EISDIR)."""
    def rename(self, old: str, new: str) -> None:
        """Move a name, over an existing one too.  OSError(EINVAL): a directory into itself."""
    def link(self, old: str, new: str) -> None:
        """Give a file one more name.  OSError(EPERM) for a directory."""
    def symlink(self, target: str, path: str) -> None:
        """Make a symbolic link at path that points to target."""
    def chmod(self, path: str, mode: int) -> None:
        """Set the permission bits.  They are kept for others; here nobody is refused."""
    def utime(self, path: str, times: tuple[int, int] | None = None) -> None:
        """Set (atime, mtime) in seconds, now without."""
