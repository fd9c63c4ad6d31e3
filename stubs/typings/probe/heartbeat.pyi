# Made by `inv stubs` from frozen/probe/heartbeat.py: do not edit.
"""A line per second on serial, for programs that watch a machine (docs/log-format.md)."""

from _typeshed import Incomplete

counters: Incomplete

def line() -> str:
    """The line as it is now, without its end."""

def start(period_ms: int = 1000) -> None:
    """Print the line every period_ms, 100 at least, until stop() or a soft reset.

    Never in raw REPL mode: such lines are counted in `dropped`.  Raises ValueError.
    """

def stop() -> None:
    """End what start() began.  Harmless when nothing runs."""
