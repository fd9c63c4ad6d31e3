# Made by `inv stubs` from frozen/usb/xhci_find.py: do not edit.
"""Where xHCI controllers are: PCI class 0C0330."""

from _typeshed import Incomplete
from usbplace import Place as _Place

class Place(_Place):
    """A PCI function.  name; cfg: its configuration space; quirks: dict of usbquirks."""
    def __init__(self, f: Incomplete, clock: Incomplete) -> None: ...
    def left_ms(self) -> Incomplete:
        """How long it is to be left alone yet, after the firmware gave the machine up."""
    def open(self) -> Incomplete:
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
    def begin(self) -> None:
        """The controller is the caller's alone: what it needs before its reset."""
    def hook(self, handler: Incomplete) -> Incomplete:
        """Take the interrupt: message or line.  Raises OSError."""

def places(clock: Incomplete = ...) -> Incomplete:
    """Every controller, as a Place; reads only."""
