# Made by `inv stubs` from frozen/usb/xhci_table.py: do not edit.
"""Transfers under way by number, which is what a ring remembers of them."""

from _typeshed import Incomplete

class Table:
    """Allocates only when more are under way than ever before.

    A soft interrupt may come in anywhere: what is free is a list, of which one call takes.
    """
    def __init__(self) -> None: ...
    def put(self, transfer: Incomplete) -> Incomplete:
        """Its number, until take()."""
    def take(self, cookie: Incomplete) -> Incomplete:
        """The transfer of that number, which is free again; None where there is none."""
    def pending(self, endpoint: Incomplete) -> list[Incomplete]:
        """The transfers under way on an endpoint."""
