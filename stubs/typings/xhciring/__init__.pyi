"""Rings of an xHCI controller: docs/reference/xhciring.md."""

from _typeshed import ReadableBuffer
from collections.abc import Callable

from irq import Line
from mmio import Regs

TRANSFER: int
COMMAND: int
PORT: int
HOST: int
LOST: int

class Controller:
    """op, runtime, doorbells: the operational registers, interrupter 0's, the doorbells."""

    callback: Callable[[Controller], object] | None
    @property
    def dead(self) -> int:
        """0, or USBSTS when the controller had failed."""
    def __init__(
        self,
        op: Regs,
        runtime: Regs,
        doorbells: Regs,
        *,
        segments: int = 1,
        entries: int = 256,
        queue: int = 256,
    ) -> None: ...
    def program(self) -> None:
        """Give an empty event ring to the controller, after each of its resets."""
    def interrupt(self, line: Line, /) -> None:
        """Handler for the controller's interrupt; for irq.request(…, hard=True)."""
    def poll(self) -> int:
        """Take events as the interrupt does; records that wait."""
    def serve(self) -> None:
        """Call `callback` if there are records, with the scheduler locked."""
    def next(self, record: list[int], /) -> bool:
        """Put the next record into a list of 8: kind, slot, DCI or port, cookie, completion code,
        bytes, parameter, µs since boot.  False: there is none.
        """
    def stats(self) -> dict[str, int]: ...
    def history(self) -> list[tuple[int, int, int, int, int, int, int, int]]:
        """The last 256 events, as Ring.history."""
    def deinit(self) -> None:
        """Give the memory back.  The controller has been stopped before."""

class Ring:
    """Commands (slot 0, dci 0) or an endpoint's TDs.  Submissions give 0 or -errno."""

    held: bool
    mps: int
    @property
    def address(self) -> int: ...
    @property
    def position(self) -> int:
        """For Set TR Dequeue Pointer, with the cycle bit."""
    @property
    def pending(self) -> int: ...
    @property
    def room(self) -> int: ...
    @property
    def slot(self) -> int: ...
    @property
    def dci(self) -> int: ...
    def __init__(
        self,
        controller: Controller,
        slot: int,
        dci: int,
        *,
        entries: int = 64,
        segments: int = 1,
        mps: int = 8,
        legacy: bool = False,
    ) -> None: ...
    def command(
        self, control: int, cookie: int, parameter: int = 0, status: int = 0, /
    ) -> int: ...
    def control(self, setup: ReadableBuffer, address: int, length: int, cookie: int, /) -> int: ...
    def transfer(self, address: int, length: int, cookie: int, /) -> int:
        """One TD, bulk or interrupt."""
    def immediate(self, data: ReadableBuffer, cookie: int, /) -> int:
        """At most 8 bytes, in the TRB itself."""
    def kick(self) -> int:
        """held is False, and the doorbell rung."""
    def cancel(self, cookie: int, /) -> int:
        """Take a TD of a stopped endpoint back: 1, 0 (it was behind others), -2 (not pending)."""
    def partial(self, cookie: int, /) -> int:
        """Bytes that a TD had moved when its endpoint was stopped, or -2."""
    def take(self) -> int:
        """Cookie of the first pending TD, which is dropped, or -1."""
    def reset(self) -> None:
        """As new."""
    def history(self) -> list[tuple[int, int, int, int, int, int, int, int]]:
        """The last 256 TRBs, oldest first: µs since boot, address, parameter, status, control,
        completion code, residual, µs until its event.
        """
    def free(self) -> None:
        """Give the memory back, after the slot or the endpoint was disabled."""
