"""Commands of a SATA port: docs/reference/ahcicmd.md."""

from _typeshed import ReadableBuffer, WriteableBuffer
from collections.abc import Callable, Sequence

from typing import Any

from dma import Buffer
from irq import Line
from mmio import Regs

WRITE: int
FUA: int
LBA48: int
ATAPI: int

class Hba:
    """regs: of the whole controller."""

    irq: bool
    notify: Callable[[Port | int], object] | None  # can be set, not read
    @property
    def irqs(self) -> int: ...
    @property
    def missing(self) -> int: ...
    plugged: int
    def __init__(self, regs: Regs, /) -> None: ...
    def interrupt(self, line: Line, /) -> None:
        """Handler for the controller's interrupt; for irq.request(…, hard=True)."""
    def close(self) -> None:
        """Given back, all its ports stopped: a soft reset leaves it alone."""

class Port:
    """A port's commands; memory: 18,176 bytes at a multiple of 1024; bounce: 4 KiB, likewise."""

    blocks: int
    block_size: int
    what: int
    slots: int
    depth: int
    wide: int
    timeout_ms: int
    read_only: int
    gone: int
    attend: Callable[[Port], object] | None
    number: int
    taken: int
    active: int
    queued: int
    held: int
    awaited: int
    cancelled: int
    causes: int
    tfd: int
    late: int
    changed: int
    attention: int
    recovering: int
    dirty: int
    requests: int
    lost: int
    @property
    def irq(self) -> bool: ...
    def __init__(
        self, hba: Hba, regs: Regs, number: int, memory: Buffer, bounce: Buffer, /
    ) -> None: ...
    def readblocks(self, n: int, buf: WriteableBuffer, off: int = 0, /) -> int: ...
    def writeblocks(self, n: int, buf: ReadableBuffer, off: int = 0, /) -> int: ...
    def writefua(self, n: int, buf: ReadableBuffer, off: int = 0, /) -> int: ...
    def writev(self, n: int, bufs: Sequence[ReadableBuffer], /) -> int: ...
    def gather(self, lbas: ReadableBuffer, count: int, buf: WriteableBuffer, /) -> int: ...
    def run(
        self,
        fis: ReadableBuffer,
        buf: ReadableBuffer | None = None,
        what: int = 0,
        timeout_ms: int = 10000,
        cdb: ReadableBuffer | None = None,
        /,
    ) -> int:
        """One command: 0 done, 1 error, 2 time-out, 3 cancelled."""
    def submit(self, what: int, n: int, buf: ReadableBuffer, /) -> int:
        """Begin one; its slot, -11 when none is free, or another -errno."""
    def result(self, slot: int, /) -> int:
        """1 before the end; then, once, 0 or -errno, and lets it go."""
    def wake(self, tasks: list[Any], push: Callable[[Any], object], /) -> None:
        """push(tasks[slot]) for each slot that has ended, and None in its place."""
    def poll(self) -> bool:
        """Look at the port as an interrupt would; whether it needs attention."""
    def halt(self) -> int:
        """Stop; the mask of what was under way.  Raises OSError(ETIMEDOUT)."""
    def rerun(self, slot: int, /) -> int:
        """Do it again, alone; as run()."""
    def finish(self, slot: int, result: int, /) -> None:
        """Give it its end."""
    def request(self, slot: int, /) -> tuple[int, int, int]:
        """(what, lba, blocks)"""
    def close(self) -> None:
        """The port is no longer the HBA's."""
