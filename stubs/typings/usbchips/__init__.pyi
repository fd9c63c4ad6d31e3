# Made by `inv stubs` from frozen/usb/usbchips.py: do not edit.
"""Serial chips that have protocols of their own: FT232 and kin, CP210x, CH34x, PL2303.

By what their makers publish, and what Linux does where they publish nothing.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Chip:
    """What they have in common: methods as usbcdc.Acm's.  index: wIndex of the port."""

    name: str
    device: Incomplete
    data: Incomplete
    index: Incomplete
    def __init__(self, device: Incomplete, interface: Incomplete) -> None: ...
    def begin(self) -> tuple[Incomplete, ...]: ...
    def open(self, port: Incomplete) -> tuple[Incomplete, ...]: ...
    def close(self) -> tuple[Incomplete, ...]: ...
    def unpack(
        self, port: Incomplete, view: Incomplete, n: Incomplete, mps: Incomplete
    ) -> Incomplete: ...
    def tell(
        self,
        request: Incomplete,
        value: int = 0,
        index: Incomplete | None = None,
        data: int = 0,
        type: int = 64,
    ) -> Iterator[Incomplete]:
        """Generator: a vendor request."""

class Ftdi(Chip):
    """FT232, FT2232, FT4232, FT-X (AN232B-04, AN232B-05).  Each packet begins with 2 of status."""

    name: str
    index: Incomplete
    def __init__(self, device: Incomplete, interface: Incomplete) -> None: ...
    def open(self, port: Incomplete) -> Iterator[Incomplete]: ...
    def line(
        self, baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
    ) -> Iterator[Incomplete]: ...
    def control(self, dtr: Incomplete, rts: Incomplete) -> Iterator[Incomplete]: ...
    def brk(self, on: Incomplete) -> Iterator[Incomplete]: ...
    def unpack(
        self, port: Incomplete, view: Incomplete, n: Incomplete, mps: Incomplete
    ) -> Incomplete: ...

class Cp210x(Chip):
    """Silicon Labs CP2102 and kin (AN571)."""

    name: str
    def open(self, port: Incomplete) -> Iterator[Incomplete]: ...
    def close(self) -> Iterator[Incomplete]: ...
    def line(
        self, baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
    ) -> Iterator[Incomplete]: ...
    def control(self, dtr: Incomplete, rts: Incomplete) -> Iterator[Incomplete]: ...
    def brk(self, on: Incomplete) -> Iterator[Incomplete]: ...

class Ch34x(Chip):
    """WCH CH340, CH341."""

    name: str
    def open(self, port: Incomplete) -> Iterator[Incomplete]: ...
    def line(
        self, baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
    ) -> Iterator[Incomplete]: ...
    def control(self, dtr: Incomplete, rts: Incomplete) -> Iterator[Incomplete]: ...
    def brk(self, on: Incomplete) -> Iterator[Incomplete]: ...

class Pl2303(Chip):
    """Prolific PL2303: requests as CDC-ACM's."""

    name: str
    def open(self, port: Incomplete) -> Iterator[Incomplete]: ...
    def line(
        self, baud: Incomplete, bits: Incomplete, parity: Incomplete, stop: Incomplete
    ) -> Iterator[Incomplete]: ...
    def control(self, dtr: Incomplete, rts: Incomplete) -> Iterator[Incomplete]: ...
    def brk(self, on: Incomplete) -> Iterator[Incomplete]: ...

def find(device: Incomplete) -> Incomplete:
    """The class for a device's chip, or None."""
