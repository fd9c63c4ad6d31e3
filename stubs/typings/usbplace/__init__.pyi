# Made by `inv stubs` from frozen/usb/usbplace.py: do not edit.
"""Where USB controllers are: PCI functions of class 0C03."""

from _typeshed import Incomplete

class Place:
    """A PCI function.  name; cfg: its configuration space; quirks: dict of usbquirks."""

    name: Incomplete
    cfg: Incomplete
    quirks: Incomplete
    def __init__(self, f: Incomplete, clock: Incomplete, quirks: Incomplete) -> None: ...
    def open(self) -> Incomplete:
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
    def release(self) -> None:
        """Give the interrupt back."""
    def silence(self) -> None:
        """Nothing that the controller does reaches memory from here on."""

def places(interface: Incomplete, make: Incomplete) -> list[Incomplete]:
    """make(function) for every controller with that programming interface; reads only."""
