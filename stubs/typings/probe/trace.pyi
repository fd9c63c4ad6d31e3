# Made by `inv stubs` from frozen/probe/trace.py: do not edit.
"""What a driver does to its device: its register windows record each access, while it runs.

with probe.trace.on(dev) as t:
    dev.reset()
print(t)
"""

from _typeshed import Incomplete
from collections.abc import Iterator
from trace import Ring
from typing import Self

def windows(thing: Incomplete, map: Incomplete | None = None, depth: int = 4) -> list[Incomplete]:
    """[(mmio.Regs, Map or None), …] in an object: itself, its attributes, their attributes.

    Lists, tuples and dicts are looked through.  A window's map is that of a View of it, else MAP
    of the object that holds it, else `map`.  Nothing is read from a device.
    """

class Trace:
    """A ring of accesses, and the windows that put them in.  Use `on()`.

    A context manager: leaving detaches; what was recorded stays.  print(t): one line an access,
    repeated reads of the same value as one.  Iteration gives trace.Ring's entries.
    """

    ring: Ring
    def __init__(self, entries: int = 4096) -> None:
        """entries: how many accesses are kept.  Raises ValueError, MemoryError."""
    def attach(self, thing: Incomplete, map: Incomplete | None = None, depth: int = 4) -> Self:
        """Record the accesses to all windows found in an object.  Raises ValueError for none."""
    def detach(self) -> None:
        """Stop recording; every window is as it was."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: Incomplete) -> None: ...
    def clear(self) -> None:
        """Forget what was recorded."""
    def mark(self, text: Incomplete) -> None:
        """Put a text in, to find a place again."""
    def __len__(self) -> int: ...
    def __iter__(self) -> Incomplete: ...
    def register(
        self, window: Incomplete, offset: Incomplete
    ) -> tuple[Incomplete, Incomplete] | tuple[None, Incomplete]:
        """(Map, offset in it) of an address in a window; (None, offset) where no map is known."""
    def text(self, entry: Incomplete) -> Incomplete:
        """'edu.STATUS=0x1 BUSY' of an entry, 'edu.STATUS=BusError' of a failed read."""
    def lines(self) -> Iterator[Incomplete]:
        """Texts: µs since the first entry, direction, register, value, fields, caller."""
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...
    def export(self, stream: Incomplete) -> None:
        """Write JSON lines to a stream (docs/reference/trace.md)."""
    def save(self, path: Incomplete) -> None:
        """Write JSON lines to a file, for `pyrallax trace` on the host and for tests."""

def on(
    thing: Incomplete, map: Incomplete | None = None, entries: int = 4096, depth: int = 4
) -> Incomplete:
    """Trace an object's register windows from now on: a Trace.

    thing: a driver, an mmio.Regs, a View, or a list of them.  map: Map that names the registers of
    windows that come without one.  Raises ValueError when there is no window.
    """

attach: Incomplete

def detach(t: Incomplete) -> None:
    """Stop a Trace."""
