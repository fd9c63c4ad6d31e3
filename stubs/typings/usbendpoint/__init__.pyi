# Made by `inv stubs` from frozen/usb/usbendpoint.py: do not edit.
"""Endpoints and transfers: what class drivers hand to a host controller driver.

A Transfer is made once and used again and again; submitting it and its end allocate nothing.
"""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbwait import Wait

CONTROL: str
ISOCHRONOUS: str
BULK: str
INTERRUPT: str
KINDS: tuple[str, str, str, str]

class Endpoint:
    """One endpoint, as its descriptors say (USB 2.0 §9.6.6, USB 3.2 §9.6.7).

    address: with the direction in bit 7; 0 is the default pipe.  kind: KINDS.  interval: bInterval
    as it stands.  mps: bytes of a packet.  mult: further packets per microframe (high speed).
    burst, attributes, bytes_per_interval: of the SuperSpeed companion.  hcd_data: the controller
    driver's own.
    """

    device: Incomplete
    address: Incomplete
    kind: Incomplete
    mps: Incomplete
    interval: int
    mult: int
    burst: int
    attributes: int
    bytes_per_interval: int
    max_streams: int
    extra: tuple[Incomplete, ...]
    hcd_data: Incomplete | None
    def __init__(
        self,
        device: Incomplete,
        address: Incomplete,
        kind: Incomplete,
        mps: Incomplete,
        interval: int = 0,
    ) -> None: ...
    @property
    def number(self) -> Incomplete: ...
    @property
    def is_in(self) -> bool: ...
    @property
    def dci(self) -> Incomplete:
        """xHCI's number: 1 for the default pipe, else twice the number, one more for IN."""
    @property
    def interval_us(self) -> Incomplete:
        """How often the device wants to be asked; 0 where that has no meaning."""
    def clear_halt(self) -> Iterator[Incomplete]:
        """Generator: end a stall; device and controller begin anew, what is under way ends."""
    def __repr__(self) -> str: ...

class Transfer(Wait):
    """Bytes to or from an endpoint.  buffer: dma.Buffer, or None for no data.

    callback(transfer) is called softly at its end.  offset, length: which part of the buffer.
    setup: the 8 bytes of a control request, whose direction is its own.  status: 1 under way, 0
    done (a short one too), -errno.  actual: bytes moved.  code: the controller's name of how it
    ended.  limit_ms: for who waits; None for endpoints that may stay silent for ever.
    hcd_data: the controller driver's own.
    """

    status: Incomplete
    waiter: Incomplete | None
    endpoint: Incomplete
    buffer: Incomplete
    callback: Incomplete
    offset: int
    length: int
    setup: bytearray | None
    actual: int
    code: str
    limit_ms: int | None
    hcd_data: Incomplete | None
    def __init__(
        self,
        endpoint: Incomplete,
        buffer: Incomplete | None = None,
        callback: Incomplete | None = None,
    ) -> None: ...
    @property
    def is_in(self) -> bool:
        """Whether data comes from the device."""
    @property
    def lost(self) -> Incomplete:
        """Whether its device has gone."""
    def submit(self) -> Incomplete:
        """Hand it to the controller.  0, or -errno: then it has not begun."""
    def cancel(self) -> None:
        """End it with -ECANCELED, unless it ends by itself before.  It ends later, softly."""
    def finish(self, status: Incomplete, actual: int = 0, code: str = "") -> None:
        """By the controller driver, softly: it has ended."""
