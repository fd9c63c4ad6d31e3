"""Hooks into the friendly prompt: docs/reference/prompt.md."""

from collections.abc import Callable

def before(function: Callable[[], object] | None = ..., /) -> Callable[[], object] | None:
    """Call it before each new line of the prompt; what was there before.  Raises TypeError."""

def probing(obj: object, /) -> bool:
    """Whether __getattr__ is only asked if there is such a name."""

def unread(byte: int, /) -> None:
    """Have a byte read again, before what else was typed."""

def put(byte: int, /) -> bool:
    """Have a byte count as typed.  False, and dropped, in raw REPL mode or when nobody reads."""
