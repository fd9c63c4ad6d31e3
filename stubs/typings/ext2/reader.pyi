# Made by `inv stubs` from frozen/fs/ext2/reader.py: do not edit.
"""MicroPython's file system protocol over a volume, as far as it reads."""

from _typeshed import Incomplete
from ext2.dirs import Dirs
from ext2.volume import Volume

LINKS: int

class Reader:
    """What a read-only mount can do."""

    volume: Volume
    dirs: Dirs
    def __init__(
        self,
        bdev: Incomplete,
        sb: int | None = None,
        read_only: bool = False,
        cache: int = ...,
        errors: str | None = "remount-ro",
        sizes: bool = False,
    ) -> None: ...
    def walk(self, path: Incomplete, follow: bool = True) -> Incomplete:
        """The inode of a path.  follow: through a symbolic link at its end.

        OSError: ENOENT, ENOTDIR, ELOOP.
        """
    def trail(self, path: Incomplete, follow: bool = True) -> list[Incomplete]:
        """walk(), with all directories on the way from the root: a list."""
    def lookup(self, directory: Incomplete, name: Incomplete) -> Incomplete:
        """The inode of one name.  OSError(ENOENT)."""
    def target(self, inode: Incomplete) -> str:
        """Where a symbolic link points, str."""
    def ilistdir(self, path: Incomplete) -> Incomplete:
        """Iterator of (name, type, inode number), with sizes=True (…, size); type is the format
        of st_mode, links not followed.
        """
    def stat(self, path: Incomplete) -> Incomplete:
        """10-tuple as os.stat(): through symbolic links.  lstat() is for the link itself."""
    def lstat(self, path: Incomplete) -> Incomplete:
        """stat() of a symbolic link itself."""
    def readlink(self, path: Incomplete) -> str:
        """Where a symbolic link points.  OSError(EINVAL) when it is none."""
    def statvfs(
        self, path: Incomplete
    ) -> tuple[
        Incomplete,
        Incomplete,
        Incomplete,
        Incomplete,
        Incomplete,
        Incomplete,
        Incomplete,
        Incomplete,
        int,
        Incomplete,
    ]:
        """10-tuple as os.statvfs()."""
    def forget_folder(self) -> None:
        """Names are about to change: the folder of the last path may be another one then."""
    def chdir(self, path: Incomplete) -> None:
        """Relative paths begin at `path` from now on."""
    def getcwd(self) -> Incomplete: ...
