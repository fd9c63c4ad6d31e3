# Made by `inv stubs` from frozen/usb/ehci_hba.py: do not edit.
"""An EHCI controller's reset and start (EHCI 1.0 §4.1)."""

from _typeshed import Incomplete

class Hba:
    """caps: Caps."""

    name: Incomplete
    def __init__(self, caps: Incomplete, log: Incomplete, clock: Incomplete) -> None: ...
    def reset(self) -> None:
        """Halt, then reset.  Raises OSError(ENODEV), OSError(ETIMEDOUT)."""
    def start(self, memory: Incomplete, addresses: Incomplete, hub: Incomplete) -> None:
        """What a reset has cleared; run; take the ports.  Raises OSError(ETIMEDOUT)."""
    def interrupt(self, on: Incomplete) -> None:
        """Whether it interrupts."""
    def stop_at_reset(self, on: bool = True) -> None:
        """A soft reset of the machine stops it before its memory is somebody else's."""
