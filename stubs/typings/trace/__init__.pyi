"""Which code touched which register: docs/reference/trace.md.

Python has another module of this name: see docs/editors.md.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, final, type_check_only

from mmio import Regs

@type_check_only
class _Entry(NamedTuple):
    ticks: int
    op: Literal["R", "W", "M"]
    width: int
    offset: int
    value: int | None
    times: int
    what: Regs | Any  # a mark's text
    file: str | None
    line: int
    function: str | None
    fault: bool

@final
class Ring:
    """What a window's `trace` takes: its accesses, the oldest overwritten."""

    @property
    def dropped(self) -> int: ...
    @property
    def capacity(self) -> int: ...
    @property
    def paused(self) -> bool: ...
    def __init__(self, entries: int, /) -> None:
        """entries: up to 2**24, 48 bytes each.  Raises ValueError, MemoryError."""
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_Entry]: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def mark(self, text: str, /) -> None:
        """Put a text in.  Raises TypeError."""
    def clear(self) -> None: ...

def stack() -> list[tuple[str, int, str]]:
    """[(file, line, function), …] of the Python frames that run now, innermost first."""
