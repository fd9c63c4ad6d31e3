# Made by `inv stubs` from frozen/blk/partition.py: do not edit.
"""A part of a disk as a block device, and what makes the entries of a table fit to be used."""

from _typeshed import Incomplete
from _typeshed import ReadableBuffer, WriteableBuffer

EUCLEAN: int

class Partition:
    """Blocks first to first + count - 1 of disk, by MicroPython's block protocol.

    name: the device's, "sd0p2" on the disk sd0, for logs.  number: in the table, from 1.
    label: what the table calls it.  type: a GUID, "0x83" from an MBR.  guid: its own; an MBR's
    disk signature and number, "1b2c3d4e-02".  Whatever is asked outside of it is -EINVAL, a
    write where read_only -EROFS, the rest the disk's answer.  The disk stays: init and deinit do
    nothing.
    """

    disk: Incomplete
    first: int
    count: int
    number: int
    name: str
    label: str
    type: str
    guid: str
    read_only: bool
    block_size: int
    def __init__(
        self,
        disk: Incomplete,
        first: Incomplete,
        count: Incomplete,
        number: int = 0,
        label: str = "",
        type: str = "",
        guid: str = "",
        read_only: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def readblocks(self, n: int, buf: WriteableBuffer, offset: int | None = None) -> int:
        """Read len(buf) bytes from block n on, from `offset` bytes into it if given."""
    def writeblocks(self, n: int, buf: ReadableBuffer, offset: int | None = None) -> int:
        """Write buf, as readblocks()."""
    @property
    def writev(self) -> Incomplete:
        """writev(n, bufs): write buffers of whole blocks, on a disk that can; None on others."""
    async def areadblocks(self, n: Incomplete, buf: Incomplete, offset: int = 0) -> Incomplete:
        """As readblocks() while other tasks run, on a disk that can."""
    async def awriteblocks(self, n: Incomplete, buf: Incomplete, offset: int = 0) -> Incomplete:
        """As writeblocks() while other tasks run, on a disk that can."""
    def ioctl(self, op: Incomplete, arg: Incomplete) -> Incomplete:
        """MicroPython's control operations 1 to 6."""

def name_of(disk: Incomplete) -> Incomplete:
    """A disk's name for logs."""

def read(disk: Incomplete, lba: Incomplete, count: int = 1) -> bytearray:
    """Blocks of a disk as bytearray.  Raises OSError with the disk's errno."""

def log(disk: Incomplete, text: Incomplete) -> None:
    """A line of the kernel log about a disk's table."""

def sound(
    disk: Incomplete, found: Incomplete, low: Incomplete, high: Incomplete
) -> list[Incomplete]:
    """Those of the Partitions that lie within low to high and share no block with another.

    Each of the others gets a line in the log.  Of two that overlap neither is given: nothing
    tells which is right, and a write to one could destroy the other.
    """
