# Made by `inv stubs` from frozen/probe/tracefile.py: do not edit.
"""A trace as JSON lines: a header, then one object an entry (docs/schema/trace-1.json)."""

from _typeshed import Incomplete

def declare(fields: Incomplete) -> str:
    """The declaration that probe.fields.parse() would give these fields for."""

def write(trace: Incomplete, stream: Incomplete) -> None:
    """Header and entries.  What is accessed meanwhile is not recorded."""
