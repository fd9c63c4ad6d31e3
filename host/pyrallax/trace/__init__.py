"""Traces of register accesses, which probe.trace writes on a target: read, shown, compared.

The format is docs/schema/trace-N.json, N its version.
"""

from ..repl import Repl
from .load import BadTrace, Entry, Trace, Window, load, parse

__all__ = ("BadTrace", "Entry", "Trace", "Window", "fetch", "load", "parse")


def fetch(repl: Repl, expression: str) -> str:
    """JSON lines of a probe.trace.Trace at the prompt of a target.  Raises TargetError."""
    text = repl.exec(f"import sys as _s\n({expression}).export(_s.stdout)\ndel _s", 300)
    return text[text.find("{") :]
