# Made by `inv stubs` from frozen/usb/ehci_mend.py: do not edit.
"""How an endpoint is brought back after an error or a cancelled transfer (EHCI 1.0 §4.8.2, §4.10).

The queue head is unlinked, put right and linked again: one way for all that must not be changed
while hardware has it.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

class Mender:
    """host: the Controller: schedule, log(), died(), work(), dead."""
    def __init__(self, host: Incomplete) -> None: ...
    def cancel(self, transfer: Incomplete) -> None:
        """Withdraw a transfer; it ends with -ECANCELED unless it ends by itself before."""
    def soon(self, pipe: Incomplete) -> None:
        """Mend it, unless somebody does."""
    def mended(self, pipe: Incomplete) -> Iterator[Incomplete]:
        """Generator: wait until nobody is mending the pipe.

        Raises OSError(EBUSY): in a callback of who does, which must return first.
        """
    def claim(self, pipe: Incomplete) -> Iterator[Incomplete]:
        """Generator: nobody else mends the pipe until release().  Raises as mended()."""
    def release(self, pipe: Incomplete) -> None:
        """Somebody else may mend it; what has come meanwhile is seen to."""
    def out(self, pipes: Incomplete) -> Iterator[Incomplete]:
        """Generator: hardware has these no more.  Raises OSError(ETIMEDOUT)."""
    def back(self, pipe: Incomplete, toggle: int = 0) -> None:
        """Hardware has it again."""
    def flush(self, pipe: Incomplete, number: Incomplete) -> None:
        """End everything on an endpoint that hardware has no more."""
