# Made by `inv stubs` from frozen/usb/xhci_ports.py: do not edit.
"""Root ports of an xHCI controller: one hub for USB 2, one for USB 3 (xHCI 1.2 §4.19, §5.4.8)."""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbroot import RootHub as _RootHub

class RootHub(_RootHub):
    """The ports of one or more Protocols with the same major.  on_change(hub, mask): set by core.

    ports: how many; speed_class: 2 or 3; mask: bit n for port n, counted from 1.
    """

    NOW: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
    CHANGED: tuple[
        tuple[int, int],
        tuple[int, int],
        tuple[int, int],
        tuple[int, int],
        tuple[int, int],
        tuple[int, int],
        tuple[int, int],
    ]
    POWERED: Incomplete
    KEPT: Incomplete
    speed_class: Incomplete
    def __init__(
        self,
        name: Incomplete,
        op: Incomplete,
        protocols: Incomplete,
        ppc: Incomplete,
        gentle: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def root(self, port: Incomplete) -> tuple[Incomplete, Incomplete]:
        """(number the controller gives the port, slot type)."""
    def find(self, number: Incomplete) -> Incomplete:
        """The hub's port for the controller's, or 0."""
    def speed_id(self, port: Incomplete) -> Incomplete:
        """The number that a slot context has for this port's speed."""
    def status(self, port: Incomplete) -> Incomplete:
        """What is and what has changed: bits of usbport."""
    def clear_all(self) -> None:
        """Acknowledge every change of every port."""
    def disable(self, port: Incomplete) -> None:
        """Disable a port.  USB 3: by its link state (§4.19.1.2)."""
    def reset(
        self, port: Incomplete, warm: bool = False, force: bool = False
    ) -> Iterator[Incomplete]:
        """Generator: bring a connected port to enabled, changes cleared; gives its status().

        A USB 3 port that is enabled already is left alone (observed: Parallels', which some report
        to lose its endpoints by it) unless force or warm.  warm: USB 3's warm reset.
        Raises OSError: ENODEV nothing there, ETIMEDOUT, EIO it does not become enabled.
        """

def hubs(caps: Incomplete, gentle: bool = False) -> list[Incomplete]:
    """The RootHubs of a controller, USB 3 first: what is there comes up on it.

    gentle: an enabled USB 3 port gets no warm reset either.
    """
