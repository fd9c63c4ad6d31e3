# Made by `inv stubs` from frozen/usb/usbcore.py: do not edit.
"""USB buses: devices that come, are taken in, get their drivers, and go.

One Bus per controller.  Class drivers register themselves once for all buses.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def register(match: Incomplete, factory: Incomplete) -> None:
    """Let a class driver have what it wants, also of the devices that are there already.

    match(device, interface) says whether.  factory(device, interface) is a generator that gives
    the driver, or None when it is not one for it after all; the device is configured by then.
    driver.detached(), if it has one, is called softly when the device has gone.
    """

def unregister(factory: Incomplete) -> None:
    """Undo register(); drivers that it has made stay with their devices."""

def capture(hook: Incomplete) -> None:
    """Call hook(event, transfer) for every transfer, also of buses to come; None: no more.

    event: 83 'S' at its beginning, 67 'C' at its end, 69 'E' when it could not begin.
    """

def buses() -> list[Incomplete]:
    """Every Bus there is."""

def bind(device: Incomplete) -> Iterator[Incomplete]:
    """Generator: offer the device's interfaces to the drivers registered."""

class Bus:
    """A controller with its root hubs.  devices: all that are on it, hubs before what they have.

    hcd: the controller driver.  The root hubs are looked at at once; what is there is taken in
    from soft interrupts, or by settle().  on_attach(device, there): called when a device has come
    or gone.
    """

    hcd: Incomplete
    log: Incomplete
    devices: list[Incomplete]
    on_attach: Incomplete | None
    ports: list[Incomplete]
    def __init__(self, hcd: Incomplete, log: Incomplete = ...) -> None: ...
    def __repr__(self) -> str: ...
    def number(self, hub: Incomplete) -> Incomplete:
        """The bus number of a root hub, as Linux counts them."""
    def turn(self, root: Incomplete) -> Incomplete:
        """The Lock that a device without an address needs, at that (root hub, port)."""
    def settle(self, least_ms: int = 0, most_ms: int = 60000) -> Iterator[Incomplete]:
        """Generator: until every device that is plugged in has been taken in or refused.

        Gives whether that was so within most_ms.
        """
    def ended(self) -> None:
        """A port's task has; by Ports."""
    def busy(self) -> bool:
        """Whether something goes on at any port."""
    def take_in(self, device: Incomplete, power_ma: Incomplete) -> Iterator[Incomplete]:
        """Generator: ask, configure, bind.  Raises OSError, ValueError: it is refused then."""
    def remove(self, device: Incomplete) -> Iterator[Incomplete]:
        """Generator: the device has gone, and with it all behind it."""
    def close(self) -> Iterator[Incomplete]:
        """Generator: let go of every device and of the controller."""
