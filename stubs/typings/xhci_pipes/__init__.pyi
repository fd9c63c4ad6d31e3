# Made by `inv stubs` from frozen/usb/xhci_pipes.py: do not edit.
"""An endpoint's ring, and how it is brought back after an error or a cancelled transfer.

xHCI 1.2 §4.6.8 to §4.6.10, §4.10.2.
"""

from _typeshed import Incomplete
from collections.abc import Iterator
from usbwait import Lock
from xhciring import Ring

BYTES: int

class Slot:
    """One device's.  pipes: {context index: Pipe}."""

    id: Incomplete
    contexts: Incomplete | None
    pipes: dict[Incomplete, Incomplete]
    hub: Incomplete | None
    turn: Lock
    def __init__(self, id: Incomplete) -> None: ...

class Pipe:
    """An endpoint in use: its ring, and what is to be mended."""

    slot: Incomplete
    index: Incomplete
    endpoint: Incomplete
    control: bool
    ring: Ring
    cancelled: list[Incomplete]
    failed: Incomplete | None
    errors: int
    gone: bool
    holder: Incomplete | None
    def __init__(
        self, host: Incomplete, slot: Incomplete, index: Incomplete, endpoint: Incomplete
    ) -> None: ...
    def take(self) -> Incomplete:
        """Whether it is the caller's to mend, until give()."""
    def give(self) -> None: ...
    def empty(self) -> None:
        """Start the ring anew; what is submitted waits for resume()."""
    def resume(self) -> None:
        """Ring the doorbell if there is anything to do: Parallels' fails at one too early."""

class Mender:
    """host: the Controller: name, ring, log(), died(), take(), pending()."""
    def __init__(self, host: Incomplete) -> None: ...
    def do(
        self, kind: Incomplete, slot: int = 0, flags: int = 0, parameter: int = 0, ignore: int = 0
    ) -> Iterator[Incomplete]:
        """Generator: a command's slot id; -1: it ended with ignore, a completion code."""
    def taken(self, pipe: Incomplete) -> Iterator[Incomplete]:
        """Generator: nobody else mends the pipe; what fails then waits for given().

        Raises OSError(EBUSY): in a callback of who does, which must return first.
        """
    def given(self, pipe: Incomplete) -> None:
        """The pipe is anybody's to mend."""
    def mended(self, pipe: Incomplete) -> Iterator[Incomplete]:
        """Generator: wait until nobody is mending the pipe."""
    def cancel(self, transfer: Incomplete) -> None:
        """Withdraw a transfer; it ends with -ECANCELED unless it ends by itself before."""
    def drain(self, endpoint: Incomplete) -> Iterator[Incomplete]:
        """Generator: cancel all that is under way on an endpoint and wait for its end."""
    def failed(
        self, pipe: Incomplete, transfer: Incomplete, actual: Incomplete, code: Incomplete
    ) -> None:
        """A transfer has ended with an error: its endpoint is brought back before it is told."""
    def flush(self, pipe: Incomplete, number: Incomplete) -> None:
        """End everything on an endpoint that is stopped or gone.

        It begins anew with what is submitted from here on, also by those that end: at resume().
        """
