# Made by `inv stubs` from frozen/usb/ehci_schedule.py: do not edit.
"""The two lists that the controller walks: asynchronous and periodic (EHCI 1.0 §4.6 to §4.8).

Lines without a loop or a call of Python are not interrupted by soft handlers: a queue head goes
into a list and out of it by such lines.
"""

from _typeshed import Incomplete
from collections.abc import Iterator
from ehci_budget import Budget

class Schedule:
    """memory: Memory; op: the operational registers.  alive(): whether the controller runs."""

    budget: Budget
    def __init__(self, memory: Incomplete, op: Incomplete, alive: Incomplete) -> None: ...
    @property
    def addresses(self) -> tuple[Incomplete, Incomplete]:
        """(PERIODICLISTBASE, ASYNCLISTADDR)."""
    def reset(self) -> None:
        """Both lists empty, nobody waits for hardware: it is reset."""
    def wake(self) -> None:
        """There is work in the asynchronous list."""
    def insert(self, pipe: Incomplete) -> None:
        """Let hardware have a queue head."""
    def remove(self, pipes: Incomplete) -> Iterator[Incomplete]:
        """Generator: hardware has those queue heads no more.  Raises OSError(ETIMEDOUT)."""
    @property
    def ringing(self) -> bool:
        """Whether an answer to the doorbell is waited for."""
    def rung(self) -> None:
        """Hardware has answered a doorbell: this one, or one before it."""
    def free(self) -> None:
        """Memory back: the controller is reset or silenced."""
