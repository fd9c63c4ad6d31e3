# Made by `inv stubs` from frozen/usb/ehci.py: do not edit.
"""EHCI controllers: reset, start, interrupt, death (EHCI 1.0 §4.1, §4.15).

Not done: isochronous endpoints, power management, companion controllers.
"""

from _typeshed import Incomplete
from ehci_caps import Caps
from ehci_devices import Devices
from ehci_find import report as report
from ehci_hba import Hba
from ehci_memory import Memory
from ehci_mend import Mender
from ehci_ports import RootHub
from ehci_schedule import Schedule

class Controller:
    """One controller, running, as the core wants it.  place: from ehci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: in use.  name; roothubs;
    caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not answering; wide:
    64-bit addresses reach.
    """

    speeds: Incomplete
    shared_address0: bool
    name: Incomplete
    line: Incomplete | None
    capture: Incomplete | None
    bus: Incomplete | None
    log: Incomplete
    dead: bool
    restarts: int
    interrupts: int
    pipes: list[Incomplete]
    serving: bool
    roothubs: list[Incomplete]
    schedule: Schedule | None
    caps: Caps
    wide: Incomplete
    hba: Hba
    memory: Memory
    mender: Mender
    devices: Devices
    attach: Incomplete
    detach: Incomplete
    packet_size: Incomplete
    configure: Incomplete
    as_hub: Incomplete
    reset_endpoint: Incomplete
    drain: Incomplete
    cancel: Incomplete
    hub: RootHub
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
        """Tell what has ended; registers are read at most 50 times a second, but for the bell."""
    def work(self) -> None:
        """Give hardware what is new and tell what has ended.

        Called again by what it tells, or in a soft handler: then it is done again here.
        """
    def submit(self, transfer: Incomplete) -> Incomplete:
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""
    def died(self, why: Incomplete) -> None:
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
    def deinit(self) -> None:
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""

def controllers(everything: bool = False, **options: Incomplete) -> list[Incomplete]:
    """Every controller, attached; what does not start is logged and left out.  The caller's.

    everything: those that are left alone unless asked, too.
    """
