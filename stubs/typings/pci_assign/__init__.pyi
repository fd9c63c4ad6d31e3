# Made by `inv stubs` from frozen/bus/pci_assign.py: do not edit.
"""Addresses for BARs and bridge windows that have none; what has one keeps it."""

from _typeshed import Incomplete

class Space:
    """Ranges of bus addresses and what of them is taken, ascending."""

    ranges: Incomplete
    taken: list[Incomplete]
    def __init__(self, ranges: Incomplete) -> None: ...
    def reserve(self, first: Incomplete, last: Incomplete) -> None:
        """Mark a piece as taken; it may lie outside."""
    def take(self, size: Incomplete, align: Incomplete) -> Incomplete:
        """The lowest free multiple of `align` with `size` bytes, or None."""

def kind_of(bar: Incomplete) -> str:
    """Which kind of window a BAR belongs in: above 4 GiB goes what is 64-bit and prefetchable."""

class Assignment:
    """One pass over a Host whose functions have their resources read.  problems: texts."""

    host: Incomplete
    problems: list[Incomplete]
    def __init__(self, host: Incomplete) -> None: ...
    def run(self) -> None:
        """Give an address to all that lack one."""

def check(host: Incomplete, functions: Incomplete) -> list[Incomplete]:
    """Mark BARs that must not be used and return texts: overlaps, outside of windows, over RAM."""
