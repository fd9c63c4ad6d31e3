# Made by `inv stubs` from frozen/blk/ahci.py: do not edit.
"""AHCI controllers and the disks and CD drives on them (AHCI 1.3.1).

probe() attaches all there are.  Not done: port multipliers (reported), enclosure LEDs, link power
management, command completion coalescing.
"""

from _typeshed import Incomplete
from ahci_controller import Controller
from ahci_disk import Disk

def probe(fallback: bool | None = None, **options: Incomplete) -> list[Controller]:
    """Attach every controller, the first time; the list of Controllers.

    What does not start is logged and left out.  fallback: as ahci_find.places().  options: reset
    and irq as of Controller.
    """

def release() -> None:
    """Detach every controller that probe() attached; the next probe() looks again."""

def disks() -> list[Disk]:
    """The disks of all controllers, attached first where need be."""
