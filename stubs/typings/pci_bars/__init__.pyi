# Made by `inv stubs` from frozen/bus/pci_bars.py: do not edit.
"""Base address registers and bridge windows: what they say and hold (PCI 3.0 §6.2.5)."""

from _typeshed import Incomplete

class Bar:
    """One base address register.

    index: its number, 6 for the expansion ROM; kind: "mem", "io" or "rom"; address: on the bus,
    0 while unassigned; size in bytes; bits: 32 or 64; assumed: the size was not measured;
    problem: text why it must not be used, or None; fault: the same of the register itself.
    """

    index: int
    reg: Incomplete
    kind: str
    address: int
    size: int
    bits: int
    prefetchable: bool
    assumed: bool
    problem: str | None
    fault: Incomplete | None
    def __init__(
        self,
        index: Incomplete,
        reg: Incomplete,
        kind: Incomplete,
        address: Incomplete,
        size: Incomplete,
        bits: int = 32,
        prefetchable: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...

class Window:
    """What a bridge forwards of one kind ("io", "mem", "pref"): base to limit on the bus.

    base 0: not programmed, or closed.  limit is inside; bits: of what it can hold.
    """

    kind: Incomplete
    bits: Incomplete
    base: Incomplete
    limit: Incomplete
    def __init__(
        self, kind: Incomplete, base: Incomplete, limit: Incomplete, bits: Incomplete
    ) -> None: ...

def read(f: Incomplete) -> list[Incomplete]:
    """List of the Bars of a function, sized where that is allowed.

    Decoding is off while a register holds all ones and comes back as it was (PCI 3.0 §6.2.5.1).
    A USB controller that firmware gave an address, or that is live, is not touched: taking its
    window away disturbs Parallels' USB emulation (observed there).
    """

def address_of(cfg: Incomplete, bar: Incomplete) -> Incomplete:
    """Address on the bus that the registers of a Bar hold now."""

def decodes(cfg: Incomplete, bar: Incomplete) -> bool:
    """Whether a Bar answers while its function decodes: all but a ROM that is not enabled."""

def bridge_windows(cfg: Incomplete) -> list[Incomplete]:
    """The Windows a bridge has; those it does not implement are left out."""

def open_window(cfg: Incomplete, window: Incomplete, base: Incomplete, limit: Incomplete) -> None:
    """Make a bridge forward base to limit, inclusive; base > limit closes the window."""

def place(cfg: Incomplete, bar: Incomplete, address: Incomplete) -> None:
    """Give a BAR its address, decoding off meanwhile."""
