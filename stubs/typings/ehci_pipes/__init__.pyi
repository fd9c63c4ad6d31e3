# Made by `inv stubs` from frozen/usb/ehci_pipes.py: do not edit.
"""An endpoint's queue head and the transfers that are queued there (EHCI 1.0 §3.6, §4.10).

The methods from restart() on, but for those of serving, are for a queue head that hardware does
not have: it was never linked, or was unlinked and hardware has confirmed that.
"""

from _typeshed import Incomplete
from mmio import Regs

class Head:
    """A queue head.  link: to it.  next, previous: in the asynchronous list."""

    buffer: Incomplete
    r: Regs
    link: Incomplete
    next: Incomplete | None
    previous: Incomplete | None
    def __init__(self, memory: Incomplete) -> None: ...
    def begin(self) -> None:
        """As the head of the asynchronous list, alone and idle (§4.8)."""
    def point(self, link: Incomplete) -> None:
        """Where hardware goes from here."""

class Pipe(Head):
    """An endpoint in use.  queue: transfers that hardware has; new: those it has not yet.

    held: it is being unlinked or is; nothing is served.  gone: nothing more is taken.
    cancelled: transfers to be withdrawn.  failed: the one that halted it, fault: why.
    slot: ehci_budget.Slot of an interrupt endpoint, or None.
    """

    endpoint: Incomplete
    slot: Incomplete
    queue: list[Incomplete]
    new: list[Incomplete]
    cancelled: list[Incomplete]
    failed: Incomplete | None
    fault: Incomplete
    errors: int
    linked: bool
    gone: bool
    holder: Incomplete | None
    token: dict[Incomplete, Incomplete]
    held: bool
    def __init__(
        self, memory: Incomplete, endpoint: Incomplete, slot: Incomplete | None = None
    ) -> None: ...
    @property
    def mps(self) -> Incomplete: ...
    @property
    def mending(self) -> bool:
        """Whether somebody has it unlinked to put it right."""
    @property
    def busy(self) -> Incomplete:
        """Whether anything is under way."""
    def submit(self, t: Incomplete) -> None:
        """Queue it, for link_new().  Raises OSError(ENOMEM)."""
    def link_new(self) -> None:
        """Let hardware have what was submitted."""
    def ended(self) -> Incomplete:
        """The first in the queue, out of it, if it has succeeded; `failed` if it has failed."""
    def retire(self, t: Incomplete, status: Incomplete) -> Incomplete:
        """Out of the queue with it.  hcd_data: its status from here on, for finish()."""
    def program(self) -> None:
        """What the endpoint is."""
    def restart(self, toggle: int = 0) -> None:
        """Begin with the first that is still to be done."""
    def toggle(self) -> Incomplete:
        """The data toggle as hardware left it, for restart()."""
    def take_back(self) -> None:
        """What the overlay knows better goes to the qTD that it is of."""
    def withdraw(self, t: Incomplete, status: Incomplete) -> Incomplete:
        """Out with a transfer, wherever it is, after take_back(); None: it was not there."""
    def rechain(self) -> None:
        """The links again, after withdraw()."""
    def free(self) -> None:
        """Memory back: the queue is empty."""
