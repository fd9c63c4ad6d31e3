# Made by `inv stubs` from frozen/usb/ehci_find.py: do not edit.
"""Where EHCI controllers are: PCI class 0C0320."""

from _typeshed import Incomplete
from usbplace import Place as _Place

class Place(_Place):
    """A PCI function.  name; cfg: its configuration space; left: to be left alone unless asked."""

    left: Incomplete
    def __init__(self, f: Incomplete, clock: Incomplete) -> None: ...
    def look(self) -> Incomplete:
        """The registers as they are, nothing written; None where memory is not decoded."""
    def hook(self, handler: Incomplete) -> Incomplete:
        """Take the interrupt.  Raises OSError."""

def places(everything: bool = False, clock: Incomplete = ...) -> list[Incomplete]:
    """Every controller, as a Place; reads only.  everything: those to be left alone, too."""

def report() -> list[Incomplete]:
    """A line for every port of every controller: connected, whose; nothing is written."""
