# Made by `inv stubs` from frozen/bus/lspci_caps.py: do not edit.
"""Capabilities as lines of lspci -vv (PCI 3.0 §6.7, PCIe 5.0 §7.7 to §7.9)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def lines(
    f: Incomplete, cap: Incomplete, verbose: Incomplete, subsystem: Incomplete
) -> Iterator[Incomplete]:
    """Lines of one capability; the details from verbose 2.  subsystem: names one by its ids."""
