# Made by `inv stubs` from frozen/fs/ext2/file.py: do not edit.
"""An open file: a stream as MicroPython's own file objects are."""

from _typeshed import Incomplete
from ext2.filewrite import Writing
from typing import Self

def opened(
    kind: Incomplete,
    volume: Incomplete,
    changes: Incomplete,
    inode: Incomplete,
    readable: Incomplete,
    writable: Incomplete,
    append: Incomplete,
) -> Incomplete:
    """A File or TextFile of an inode, at its beginning."""

class File(Writing):
    """Bytes of one inode, made by opened().  Not buffered: what is read in whole blocks goes from
    the disk into the caller's buffer.
    """
    def readinto(self, buf: Incomplete, n: int = -1) -> Incomplete:
        """Fill buf, of bytes, or its first n; how many were read, fewer only at the end of the
        file.
        """
    def read(self, n: int = -1) -> Incomplete:
        """Up to n bytes, all that is left without n."""
    def readline(self, n: int = -1) -> Incomplete:
        """Up to and with the next newline, or n bytes."""
    def readlines(self) -> list[Incomplete]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Incomplete: ...
    def seek(self, offset: Incomplete, whence: int = 0) -> Incomplete:
        """Go to offset from the start, from here (1) or from the end (2); the new position."""
    def tell(self) -> Incomplete: ...
    def close(self) -> None:
        """Write what waits.  A file without a name left is freed now.  OSError(EIO) when what was
        written cannot reach the medium.
        """
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: Incomplete, *_: Incomplete) -> None: ...
    def ioctl(self, request: Incomplete, arg: Incomplete) -> Incomplete:
        """The stream protocol: flush, seek, close, poll, buffer size."""

class TextFile(File):
    """The same in UTF-8 text: read() counts characters, positions are bytes."""
    def read(self, n: int = -1) -> str: ...
    def readline(self, n: int = -1) -> str: ...
