# Made by `inv stubs` from frozen/usb/usbhost.py: do not edit.
"""What drivers of host controllers have in common: interrupt or timer, death, life after it."""

from _typeshed import Incomplete
from collections.abc import Iterator

POLL_MS: int

class Host:
    """A controller's driver.  place: a usbplace.Place.

    Who is one gives kind: its name in logs; poll(); _hba.reset(); and _begin(): it runs;
    _failed(): USBSTS where it does not any more, else 0; _abandon(): transfers end, hardware has
    nothing; _free(fine): memory back, fine: it is reset.
    """

    serving: bool
    name: Incomplete
    line: Incomplete | None
    capture: Incomplete | None
    log: Incomplete
    dead: bool
    restarts: int
    roothubs: list[Incomplete]
    def __init__(self, place: Incomplete, log: Incomplete, clock: Incomplete) -> None: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def died(self, why: Incomplete) -> None:
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
    def calm(self) -> Iterator[Incomplete]:
        """Generator: this is a soft handler, and what it interrupted goes on first."""
    def deinit(self) -> None:
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""

def attached(make: Incomplete, places: Incomplete, options: Incomplete) -> list[Incomplete]:
    """Every controller that is there, attached; what does not start is logged and left out."""
