# Made by `inv stubs` from frozen/usb/ehci_find.py: do not edit.
"""Where EHCI controllers are: PCI class 0C0320."""

from _typeshed import Incomplete

class Place:
    """A PCI function.  name; cfg: its configuration space; left: to be left alone unless asked."""

    name: Incomplete
    cfg: Incomplete
    left: Incomplete
    def __init__(self, f: Incomplete) -> None: ...
    def open(self, clock: Incomplete) -> Incomplete:
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
    def look(self) -> Incomplete:
        """The registers as they are, nothing written; None where memory is not decoded."""
    def hook(self, handler: Incomplete) -> Incomplete:
        """Take the interrupt.  Raises OSError."""
    def release(self) -> None:
        """Give the interrupt back."""
    def silence(self) -> None:
        """Nothing that the controller does reaches memory from here on."""

def places(everything: bool = False) -> list[Incomplete]:
    """Every controller, as a Place; reads only.  everything: those to be left alone, too."""

def report() -> list[Incomplete]:
    """A line for every port of every controller: connected, whose; nothing is written."""
