# Made by `inv stubs` from frozen/usb/ehci_ports.py: do not edit.
"""Root ports of an EHCI controller, and who owns them (EHCI 1.0 §2.3.9, §4.2)."""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbroot import RootHub as _RootHub

class RootHub(_RootHub):
    """The ports of a controller.  on_change(hub, mask): set by core."""

    speed_class: int
    NOW: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
    CHANGED: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    POWERED: Incomplete
    KEPT: Incomplete
    def __init__(self, caps: Incomplete, log: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def status(self, port: Incomplete) -> Incomplete:
        """What is and what has changed: bits of usbport.  A companion's device is not there."""
    def changed(self) -> None:
        """Tell core of every port that has changes.  Softly."""
    def disable(self, port: Incomplete) -> None:
        """What is plugged in hears nothing until it is reset."""
    def reset(self, port: Incomplete, warm: bool = False) -> Iterator[Incomplete]:
        """Generator: bring a connected high-speed device to enabled; gives status().

        What is slower goes to the companion controller and is not there then (§4.2.2).
        Raises OSError: ENODEV nothing there, ETIMEDOUT, EOPNOTSUPP too slow and no companion.
        """
    def report(self) -> list[str]:
        """A line for each port: PORTSC, whether something is there, whose it is."""

def text(port: Incomplete, value: Incomplete) -> str:
    """One port in words."""
