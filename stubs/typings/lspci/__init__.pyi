# Made by `inv stubs` from frozen/bus/lspci.py: do not edit.
"""pci.lspci(): functions printed as pciutils' lspci does, in the fields that both have."""

from _typeshed import Incomplete
from collections.abc import Iterator

def show(functions: Incomplete, options: str = "") -> None:
    """Print functions; options as pci.lspci()."""

def hexdump(f: Incomplete, count: Incomplete) -> None:
    """Print the first bytes of configuration space, 16 a line."""

def size_text(size: Incomplete) -> str:
    """4096 as "4K"."""

def title(f: Incomplete, numeric: int = 0, verbose: int = 1) -> Incomplete:
    """The first line of a function."""

def subsystem_text(
    f: Incomplete, vendor: Incomplete, device: Incomplete, numeric: Incomplete
) -> str:
    """A subsystem in words."""

def lines(f: Incomplete, verbose: int = 0, numeric: int = 0) -> Iterator[Incomplete]:
    """All lines of a function."""
