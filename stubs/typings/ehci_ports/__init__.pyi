# Made by `inv stubs` from frozen/usb/ehci_ports.py: do not edit.
"""Root ports of an EHCI controller, and who owns them (EHCI 1.0 §2.3.9, §4.2)."""

from _typeshed import Incomplete
from collections.abc import Iterator

class RootHub:
    """The ports of a controller.  on_change(hub, mask): set by core."""

    speed_class: int
    power_ms: int
    name: Incomplete
    ports: Incomplete
    on_change: Incomplete | None
    dead: bool
    def __init__(self, caps: Incomplete, log: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def portsc(self, port: Incomplete) -> Incomplete:
        """The register as read."""
    def status(self, port: Incomplete) -> Incomplete:
        """What is and what has changed: bits of usbport.  A companion's device is not there."""
    def clear(self, port: Incomplete, changes: Incomplete = ...) -> None:
        """Acknowledge changes: bits of usbport, nothing else of the port is touched."""
    def power(self, port: Incomplete, on: bool = True) -> None:
        """Switch a port's power, which takes power_ms; where it cannot be switched it is on."""
    def unpowered(self) -> Incomplete:
        """Whether power had to be switched on anywhere."""
    def changed(self) -> None:
        """Tell core of every port that has changes.  Softly."""
    def tell_all(self) -> None:
        """Every port may have become another: the controller died, or lives again."""
    def reset(self, port: Incomplete, warm: bool = False) -> Iterator[Incomplete]:
        """Generator: bring a connected high-speed device to enabled; gives status().

        What is slower goes to the companion controller and is not there then (§4.2.2).
        Raises OSError: ENODEV nothing there, ETIMEDOUT, EOPNOTSUPP too slow and no companion.
        """
    def report(self) -> list[str]:
        """A line for each port: PORTSC, whether something is there, whose it is."""

def text(port: Incomplete, value: Incomplete) -> str:
    """One port in words."""
