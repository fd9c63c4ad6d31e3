# Made by `inv stubs` from frozen/probe/hwvalues.py: do not edit.
"""Values as the hardware report writes them."""

from _typeshed import Incomplete
from collections.abc import Iterator

def hex_text(value: Incomplete) -> str:
    """Numbers that are addresses or registers: JSON readers keep 53 bits of an integer."""

def base64(data: Incomplete) -> Incomplete:
    """Bytes as ASCII text without line ends."""

def each(items: Incomplete, make: Incomplete) -> Iterator[Incomplete]:
    """Yield make(item) for each; one that fails is {"error": why, "where": item}."""
