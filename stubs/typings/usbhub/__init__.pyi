# Made by `inv stubs` from frozen/usb/usbhub.py: do not edit.
"""External hubs: full, high (with their transaction translators) and super speed.

USB 2.0 §11, USB 3.2 §10.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Hub:
    """One hub, as Ports wants it; made by attach().  ports: how many."""

    device: Incomplete
    speed_class: int
    ports: Incomplete
    power_ms: Incomplete
    on_change: Incomplete | None
    def __init__(self, device: Incomplete, interface: Incomplete) -> None: ...
    def begin(self) -> Iterator[Incomplete]:
        """Generator: ask, tell the controller, watch.  Raises OSError, ValueError."""
    def detached(self) -> None:
        """The bus has it removed."""
    def status(self, port: Incomplete) -> Iterator[Incomplete]:
        """Generator: usbport's bits."""
    def clear(self, port: Incomplete, changes: Incomplete) -> Iterator[Incomplete]:
        """Generator: those changes have been seen."""
    def power(self, port: Incomplete, on: Incomplete) -> Iterator[Incomplete]:
        """Generator: switch a port's power."""
    def disable(self, port: Incomplete) -> Iterator[Incomplete]:
        """Generator: what is plugged in hears nothing until it is reset.  USB 2 only."""
    def reset(self, port: Incomplete, warm: Incomplete) -> Iterator[Incomplete]:
        """Generator: reset what is plugged in; the status then.  Raises OSError(ETIMEDOUT)."""

def attach(device: Incomplete, interface: Incomplete) -> Iterator[Incomplete]:
    """Generator: a class driver's factory, for usbcore."""
