# Made by `inv stubs` from frozen/usb/ehci.py: do not edit.
"""EHCI controllers: reset, start, interrupt, death (EHCI 1.0 §4.1, §4.15).

Not done: isochronous endpoints, power management, companion controllers.
"""

from _typeshed import Incomplete
from ehci_caps import Caps
from ehci_devices import Devices
from ehci_find import report as report
from ehci_memory import Memory
from ehci_mend import Mender
from ehci_ports import RootHub
from ehci_schedule import Schedule
from usbhost import Host

class Controller(Host):
    """One controller, running, as the core wants it.  place: from ehci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: in use.  name; roothubs;
    caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not answering; wide:
    64-bit addresses reach.
    """

    kind: str
    speeds: Incomplete
    shared_address0: bool
    bus: Incomplete | None
    schedule: Schedule | None
    interrupts: int
    pipes: list[Incomplete]
    caps: Caps
    wide: Incomplete
    memory: Memory
    mender: Mender
    cancel: Incomplete
    devices: Devices
    attach: Incomplete
    detach: Incomplete
    packet_size: Incomplete
    configure: Incomplete
    as_hub: Incomplete
    reset_endpoint: Incomplete
    drain: Incomplete
    hub: RootHub
    serving: bool
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
        """Tell what has ended; registers are read at most 50 times a second, but for the bell."""
    def work(self) -> None:
        """Give hardware what is new and tell what has ended.

        Called again by what it tells, or in a soft handler: then it is done again here.
        """
    def submit(self, transfer: Incomplete) -> Incomplete:
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""

def controllers(everything: bool = False, **options: Incomplete) -> Incomplete:
    """Every controller, attached; what does not start is logged and left out.  The caller's.

    everything: those that are left alone unless asked, too.
    """
