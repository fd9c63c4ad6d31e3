# Made by `inv stubs` from frozen/system/shell_table.py: do not edit.
"""The commands of ush: where each is, what help says of it."""

from _typeshed import Incomplete
from collections.abc import Iterator

class Entry:
    """name, title; sized: whether it takes .b .w .l .q."""

    title: Incomplete
    name: Incomplete
    sized: bool
    def __init__(self, lines: Incomplete) -> None: ...
    def function(self) -> Incomplete:
        """What runs it: function(shell, words)."""
    def usage(self) -> str:
        """How it is called, as text."""

def entries() -> Iterator[Incomplete]:
    """Every Entry, by name."""

def find(name: Incomplete) -> Incomplete:
    """The Entry of a command, or None."""
