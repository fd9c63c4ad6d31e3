# Made by `inv stubs` from frozen/usb/xhci.py: do not edit.
"""xHCI controllers: reset, start, interrupt, events, death (xHCI 1.2 §4.2).

Not done: isochronous endpoints, streams, power management, more than one interrupter.
"""

from _typeshed import Incomplete
from xhci_commands import CommandRing
from xhci_pipes import Mender
from xhci_slots import Slots
from xhciring import Controller as _Controller

class Controller:
    """One controller, running, as the core wants it.  place: from xhci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: it is in use.
    name; roothubs; caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not
    answering; wide: it reaches all of memory; max_transfer: bytes that one transfer may have.
    """

    speeds: Incomplete
    max_transfer: Incomplete
    shared_address0: bool
    name: Incomplete
    line: Incomplete | None
    capture: Incomplete | None
    ring: CommandRing | None
    log: Incomplete
    dead: bool
    restarts: int
    roothubs: Incomplete
    take: Incomplete
    pending: Incomplete
    caps: Incomplete
    dcbaa: Incomplete
    wide: Incomplete
    events: _Controller | None
    mender: Mender
    slots: Slots
    attach: Incomplete
    detach: Incomplete
    packet_size: Incomplete
    configure: Incomplete
    as_hub: Incomplete
    reset_device: Incomplete
    reset_endpoint: Incomplete
    drain: Incomplete
    cancel: Incomplete
    def __init__(
        self,
        place: Incomplete,
        *,
        irq: bool = True,
        log: Incomplete = ...,
        clock: Incomplete = ...,
        timer: Incomplete | None = None,
    ) -> None: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def poll(self, _: Incomplete | None = None) -> None:
        """Tell what has ended; the controller's memory is looked at where no interrupt does."""
    def submit(self, transfer: Incomplete) -> Incomplete:
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""
    def died(self, why: Incomplete) -> None:
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
    def deinit(self) -> None:
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""

def controllers(**options: Incomplete) -> list[Incomplete]:
    """Every controller, attached; what does not start is logged and left out.  The caller's."""
