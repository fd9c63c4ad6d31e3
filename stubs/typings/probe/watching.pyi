# Made by `inv stubs` from frozen/probe/watching.py: do not edit.
"""Expressions that are shown when they have changed, before each line of the friendly prompt."""

from _typeshed import Incomplete
from collections.abc import Callable

def watch(expression: str | Callable[[], object] | None = None) -> None:
    """Show the value of an expression before each new prompt when it has changed, and now.

    expression: text, evaluated in __main__; or a function of no arguments.  Without: list them.
    Registers are read anew each time.  One that raises is shown once and taken off.  The raw REPL,
    which programs use, evaluates and shows nothing.
    """

def unwatch(expression: str | Callable[[], object] | None = None) -> None:
    """Forget one expression or function, or all.  Raises KeyError for one that is not watched."""

def hexed(value: Incomplete) -> str:
    """repr() with integers in hexadecimal, inside of lists, tuples, sets and dicts too."""

def hexint(on: bool = True) -> None:
    """Show integers in hexadecimal at the friendly prompt; print() and the raw REPL do as ever."""
