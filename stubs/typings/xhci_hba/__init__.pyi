# Made by `inv stubs` from frozen/usb/xhci_hba.py: do not edit.
"""An xHCI controller's reset and start (xHCI 1.2 §4.2), and the memory that is its for good."""

from _typeshed import Incomplete
from xhci_caps import Caps

class Hba:
    """place: from xhci_find.places().  Opens it, reads only.

    caps: Caps; op: the operational registers; wide: it has 64-bit addresses.  Raises OSError.
    """

    name: Incomplete
    caps: Caps
    op: Incomplete
    wide: Incomplete
    def __init__(self, place: Incomplete, log: Incomplete, clock: Incomplete) -> None: ...
    def reset(self) -> None:
        """Halt, then reset (§4.2).  Raises OSError(ENODEV), OSError(ETIMEDOUT)."""
    def provide(self) -> None:
        """The array of device contexts, and the pages that the controller wants (§4.20)."""
    def dcbaa(self, slot: Incomplete, phys: Incomplete) -> None:
        """Tell where a slot's device context is."""
    def program(self, ring: Incomplete, events: Incomplete) -> None:
        """What a reset has cleared, in the order that Linux has (reference §6.5)."""
    def start(self, hubs: Incomplete, interrupts: Incomplete) -> None: ...
    def mute(self) -> None:
        """Interrupt no more: nobody is there to let a line go that others share."""
    def free(self) -> None:
        """Give the memory back: the controller is reset or silenced."""
