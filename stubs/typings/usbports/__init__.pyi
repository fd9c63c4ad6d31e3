# Made by `inv stubs` from frozen/usb/usbports.py: do not edit.
"""The ports of one hub, a root hub or any other: what is plugged in, out, and in trouble.

Each port has at most one task; ports go on side by side.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Ports:
    """hub: what the controller driver gives for a root hub, or a usbhub.Hub.  device: that hub's.

    children: {port: Device}.  tasks: ports where something goes on.  power_ma: of each port.
    """

    bus: Incomplete
    hub: Incomplete
    device: Incomplete
    super: bool
    power_ma: int
    children: dict[Incomplete, Incomplete]
    tasks: dict[Incomplete, Incomplete]
    stopped: bool
    def __init__(
        self, bus: Incomplete, hub: Incomplete, device: Incomplete | None = None, power_ma: int = 0
    ) -> None: ...
    def name(self, port: Incomplete) -> str:
        """Where a port is, for logs."""
    def start(self) -> None:
        """Power the ports, look at each; from here on changes are seen."""
    def changed(self, hub: Incomplete, mask: Incomplete) -> None:
        """Something happened at the ports of that mask, bit 1 being port 1.  Softly."""
    def status(self, port: Incomplete) -> Iterator[Incomplete]:
        """Generator: usbport's bits."""
    def do(self, what: Incomplete, *args: Incomplete) -> Iterator[Incomplete]:
        """Generator: one of the hub's methods that wait only where it is no root hub."""
    def stop(self) -> Iterator[Incomplete]:
        """Generator: the hub goes: so does all that is plugged into it."""
