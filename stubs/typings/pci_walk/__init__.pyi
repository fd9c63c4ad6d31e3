# Made by `inv stubs` from frozen/bus/pci_walk.py: do not edit.
"""Finding functions: root buses, bridges and what is behind, bus numbers where none are set."""

from _typeshed import Incomplete
from typing import Self

class Walk:
    """One pass over a Host.  functions: all, in order of address; problems: texts.

    known: Functions by bdf, used again where they still are.
    """

    host: Incomplete
    functions: list[Incomplete]
    problems: list[Incomplete]
    def __init__(self, host: Incomplete, known: Incomplete | None = None) -> None: ...
    def run(self, roots: Incomplete) -> Self:
        """Walk from these root buses; the host's range bounds them."""

def read_resources(functions: Incomplete) -> None:
    """Read the BARs and windows of all whose BARs were not read before."""
