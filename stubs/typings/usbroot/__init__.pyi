# Made by `inv stubs` from frozen/usb/usbroot.py: do not edit.
"""The ports of a host controller as a hub: what xHCI and EHCI have in common of them."""

from _typeshed import Incomplete

class RootHub:
    """One PORTSC register for each port.  on_change(hub, mask): set by core, bit n
    for port n.

    Who is one gives _portsc(port), the register's offset, and of it: NOW and CHANGED, (bit, what
    usbport calls it); POWERED; KEPT, the bits that are written back as read.
    """

    power_ms: int
    name: Incomplete
    ports: Incomplete
    on_change: Incomplete | None
    dead: bool
    def __init__(
        self, name: Incomplete, op: Incomplete, ports: Incomplete, ppc: Incomplete
    ) -> None: ...
    def portsc(self, port: Incomplete) -> Incomplete:
        """The register as read."""
    def clear(self, port: Incomplete, changes: Incomplete = ...) -> None:
        """Acknowledge changes: bits of usbport, nothing else of the port is touched."""
    def power(self, port: Incomplete, on: bool = True) -> None:
        """Switch a port's power, which takes power_ms; where it cannot be switched it is on."""
    def unpowered(self) -> Incomplete:
        """Whether power had to be switched on anywhere."""
    def tell(self, mask: Incomplete) -> None:
        """Tell core of ports that have changed.  Softly."""
    def tell_all(self) -> None:
        """Every port may have become another: the controller died, or lives again."""
