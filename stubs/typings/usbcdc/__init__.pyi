# Made by `inv stubs` from frozen/usb/usbcdc.py: do not edit.
"""CDC-ACM: modems, and most of what calls itself a serial port (CDC 1.2, PSTN 1.2)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def matches(interface: Incomplete) -> bool:
    """Whether it is the control interface of an ACM function."""

def parity_number(parity: Incomplete) -> int:
    """None, 0 even, 1 odd, as devices have it: 0 none, 1 odd, 2 even."""

def line_coding(
    baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
) -> Incomplete:
    """PSTN §6.3.11's seven bytes.  parity: None, 0 even, 1 odd.  stop: 1, 1.5, 2."""

class Acm:
    """How an ACM function is told what to do.  data: the Interface with the bulk endpoints.

    Raises ValueError: there is none.
    """

    name: str
    device: Incomplete
    interface: Incomplete
    data: Incomplete
    def __init__(self, device: Incomplete, interface: Incomplete) -> None: ...
    def begin(self) -> Iterator[Incomplete]:
        """Generator: once, when it is plugged in."""
    def open(self, port: Incomplete) -> Iterator[Incomplete]:
        """Generator: before the first byte."""
    def close(self) -> Iterator[Incomplete]:
        """Generator: nothing is asked for any more."""
    def line(
        self, baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
    ) -> Iterator[Incomplete]:
        """Generator: SET_LINE_CODING."""
    def control(self, dtr: Incomplete, rts: Incomplete) -> Iterator[Incomplete]:
        """Generator: DTR and RTS."""
    def brk(self, on: Incomplete) -> Iterator[Incomplete]:
        """Generator: a break begins or ends."""
    def unpack(
        self, port: Incomplete, view: Incomplete, n: Incomplete, mps: Incomplete
    ) -> Incomplete:
        """How many bytes of data there are, moved to the front: all."""
