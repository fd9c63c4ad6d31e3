# Made by `inv stubs` from frozen/system/loader_media.py: do not edit.
"""Media of the serial loader: block devices as ranges of bytes, changed in whole blocks only."""

from _typeshed import Incomplete
from collections.abc import Iterator

DISK: int
ESP: int
ROOT: int
PARTITION: int

class Medium:
    """A block device.  name, kind, size in bytes, block in bytes, read_only."""

    kind: Incomplete
    name: Incomplete
    block: Incomplete
    size: Incomplete
    read_only: bool
    def __init__(self, volume: Incomplete, kind: Incomplete) -> None: ...
    def check(self, at: Incomplete, size: Incomplete) -> None:
        """Raises Refused where a range is not inside."""
    def read_blocks(self, n: Incomplete, buf: Incomplete) -> None:
        """Blocks from n on.  Raises Refused."""
    def write_blocks(self, n: Incomplete, buf: Incomplete) -> None:
        """Blocks from n on.  Raises Refused."""
    def flush(self) -> None:
        """What was written is on the medium.  Raises Refused."""
    def pieces(self, at: Incomplete, size: Incomplete) -> Iterator[Incomplete]:
        """The bytes of a range as memoryviews, each to be used before the next is asked for."""
    def read(self, at: Incomplete, size: Incomplete) -> Incomplete:
        """Bytes of a range."""
    def digest(self, at: Incomplete, size: Incomplete) -> Incomplete:
        """MD5 of a range, of what the medium gives after a flush."""
    def zero(self, at: Incomplete, size: Incomplete) -> None:
        """Zeros in a range."""

class Writer:
    """Writes `size` bytes from byte `at` on.  left: how many are still to come.

    A block that the range covers in part is read first, and is written when the last of its bytes
    has come.  Raises Refused.
    """

    left: Incomplete
    def __init__(self, medium: Incomplete, at: Incomplete, size: Incomplete) -> None: ...
    def push(self, data: Incomplete) -> None:
        """The next bytes: at most `left`."""
    def finish(self) -> None:
        """Write what is left of the last block, with what the medium has behind it."""
