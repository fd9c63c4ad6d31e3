# Made by `inv stubs` from frozen/usb/ehci_budget.py: do not edit.
"""Bus time for interrupt endpoints: which frames, which microframes.

EHCI 1.0 §4.12, USB 2.0 §5.11.3.  Times are worst cases in ns.  Behind a transaction translator the
start-splits of one microframe have to fit into one of the slow bus, so that the complete-splits
two to four later find an answer.
"""

from _typeshed import Incomplete

FRAMES: int

class Slot:
    """What an endpoint has: frames phase + n × period, microframes of smask (and cmask)."""

    period: Incomplete
    phase: Incomplete
    smask: Incomplete
    cmask: Incomplete
    high_ns: Incomplete
    slow: Incomplete
    slow_ns: Incomplete
    def __init__(
        self,
        period: Incomplete,
        phase: Incomplete,
        smask: Incomplete,
        cmask: Incomplete,
        high_ns: Incomplete,
        slow: Incomplete,
        slow_ns: Incomplete,
    ) -> None: ...

class Budget:
    """Loads of all microframes."""
    def __init__(self) -> None: ...
    def take(self, endpoint: Incomplete, translator: Incomplete | None = None) -> Incomplete:
        """A Slot with the least load.  translator: who translates, anything hashable.

        Raises OSError(ENOSPC).
        """
    def give(self, slot: Incomplete) -> None:
        """It is free again."""
