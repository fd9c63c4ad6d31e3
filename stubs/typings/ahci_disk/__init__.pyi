# Made by `inv stubs` from frozen/blk/ahci_disk.py: do not edit.
"""A SATA disk as a block device (ATA8-ACS; SATA 3.4 §13.6 for NCQ)."""

from _typeshed import Incomplete
from _typeshed import ReadableBuffer, WriteableBuffer
from ahci_drive import Drive
from ahci_identify import Identity
from collections.abc import Awaitable, Callable

class Disk(Drive):
    """MicroPython's block protocol: every call gives 0 or -errno and raises nothing.

    readblocks(n, buf, off=0), writeblocks(n, buf, off=0): off in bytes; any length.
    writefua(n, buf, off=0): on the medium when it returns, where info.fua says so.
    writev(n, bufs): a list of buffers of whole blocks, one after the other, as few commands.
    gather(lbas, count, buf): count blocks from each of an array("Q") of block numbers, queued.
    info: Identity.  block_size, blocks.  read_only: writes give -EROFS.
    """

    waiters: Incomplete | None
    info: Identity
    block_size: int
    blocks: int
    readblocks: Callable[..., int]
    writeblocks: Callable[..., int]
    writefua: Callable[..., int]
    writev: Incomplete
    gather: Callable[[ReadableBuffer, int, WriteableBuffer], int]
    def __init__(
        self,
        name: Incomplete,
        port: Incomplete,
        link: Incomplete,
        log: Incomplete,
        vacate: Incomplete,
        reset: Incomplete,
    ) -> None: ...
    @property
    def read_only(self) -> bool:
        """Whether writes are refused."""
    @read_only.setter
    def read_only(self, on: Incomplete) -> None: ...
    def ioctl(self, op: int, arg: int = 0) -> int:
        """1 init, 2 deinit, 3 sync, 4 blocks, 5 bytes of a block, 6 forget block `arg` (TRIM)."""
    def flush(self) -> int:
        """What was written is on the medium when this returns 0."""
    def trim(self, first: int, count: int) -> int:
        """Tell the disk that these blocks hold nothing any more; 0 also where it has no TRIM."""
    def smart(self) -> dict[int, tuple[int, int, int]]:
        """{attribute: (value, worst, raw)} of SMART; {} where the disk has none.

        Raises OSError(EIO).
        """
    def healthy(self) -> bool | None:
        """Whether SMART expects no failure; None where the disk has none.  Raises OSError(EIO)."""
    def areadblocks(self, n: int, buf: WriteableBuffer, off: int = 0) -> Awaitable[int]:
        """As readblocks, to be awaited: queued beside what other tasks ask for."""
    def awriteblocks(self, n: int, buf: ReadableBuffer, off: int = 0) -> Awaitable[int]:
        """As writeblocks, to be awaited."""
