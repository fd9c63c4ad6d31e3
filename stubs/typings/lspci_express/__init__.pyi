# Made by `inv stubs` from frozen/bus/lspci_express.py: do not edit.
"""The PCI Express capability as lines of lspci -vv (PCIe 5.0 §7.5.3)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def lines(f: Incomplete, cap: Incomplete, subsystem: Incomplete) -> Iterator[Incomplete]:
    """Lines of the capability, without indentation; f, subsystem: as those of the others."""
