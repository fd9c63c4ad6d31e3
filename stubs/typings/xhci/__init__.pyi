# Made by `inv stubs` from frozen/usb/xhci.py: do not edit.
"""xHCI controllers: reset, start, interrupt, events, death (xHCI 1.2 §4.2).

Not done: isochronous endpoints, streams, power management, more than one interrupter.
"""

from _typeshed import Incomplete
from usbhost import Host
from xhci_commands import CommandRing
from xhci_pipes import Mender
from xhci_slots import Slots
from xhciring import Controller as _Controller

class Controller(Host):
    """One controller, running, as the core wants it.  place: from xhci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: it is in use.
    name; roothubs; caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not
    answering; wide: it reaches all of memory; max_transfer: bytes that one transfer may have.
    """

    kind: str
    speeds: Incomplete
    max_transfer: Incomplete
    shared_address0: bool
    ring: CommandRing | None
    take: Incomplete
    pending: Incomplete
    caps: Incomplete
    dcbaa: Incomplete
    wide: Incomplete
    events: _Controller | None
    mender: Mender
    cancel: Incomplete
    slots: Slots
    attach: Incomplete
    detach: Incomplete
    packet_size: Incomplete
    configure: Incomplete
    as_hub: Incomplete
    reset_device: Incomplete
    reset_endpoint: Incomplete
    drain: Incomplete
    line: Incomplete | None
    def __init__(
        self,
        place: Incomplete,
        *,
        irq: bool = True,
        log: Incomplete = ...,
        clock: Incomplete = ...,
        timer: Incomplete | None = None,
    ) -> None: ...
    def poll(self, _: Incomplete | None = None) -> None:
        """Tell what has ended; the controller's memory is looked at where no interrupt does."""
    def submit(self, transfer: Incomplete) -> Incomplete:
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""

def controllers(**options: Incomplete) -> Incomplete:
    """Every controller, attached; what does not start is logged and left out.  The caller's."""
