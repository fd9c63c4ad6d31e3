# Made by `inv stubs` from frozen/usb/usbline.py: do not edit.
"""A USB serial port: a stream with a line."""

from _typeshed import Incomplete
from typing import Self
from usbstream import Stream

class Port(Stream):
    """One port; init() opens it.

    dcd, dsr, ri, cts: the other side's lines, None where the chip does not tell.  breaks, framing,
    parity, overruns: how often the device said so.  dtr, rts: ours.  The rest as Stream.
    """

    dcd: Incomplete | None
    dsr: Incomplete | None
    ri: Incomplete | None
    cts: bool | None
    breaks: int
    framing: int
    parity: int
    overruns: int
    dtr: Incomplete
    rts: Incomplete
    def __init__(
        self,
        name: Incomplete,
        device: Incomplete,
        chip: Incomplete,
        reader: Incomplete,
        writer: Incomplete,
        forget: Incomplete,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def init(
        self,
        baudrate: int = 115200,
        bits: int = 8,
        parity: Incomplete | None = None,
        stop: int = 1,
        *,
        dtr: bool = True,
        rts: bool = True,
    ) -> Self:
        """Open it, or change the line; the port.  parity: None, 0 even, 1 odd.

        Raises OSError, ValueError.
        """
    def control(self, dtr: Incomplete | None = None, rts: Incomplete | None = None) -> None:
        """Set DTR and RTS; None: as it is.  Raises OSError."""
    def sendbreak(self, ms: int = 250) -> None:
        """Hold the line in break.  Raises OSError."""
    def tell(self, lines: Incomplete, errors: Incomplete) -> None:
        """By the chip: bits, from the lowest.

        lines: DCD, DSR, -, RI, CTS; errors: break, -, framing, parity, overrun.
        """
    def detached(self) -> None:
        """By the core: unplugged."""
