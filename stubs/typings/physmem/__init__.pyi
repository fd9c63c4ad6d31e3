# Made by `inv stubs` from frozen/bus/physmem.py: do not edit.
"""Bytes of physical RAM, for tables that pointers lead to: where a pointer leads is checked first.

Reading a device register can change the device, so what the memory map does not call RAM is
refused, and so is what turns out not to answer.
"""

from _typeshed import Incomplete

class NotRam(ValueError):
    """Nothing there may be read."""

class Ram:
    """RAM by a memory map like boot.memory(): [(base, size, kind), …], ascending."""
    def __init__(self, ranges: Incomplete) -> None: ...
    def __contains__(self, span: Incomplete) -> bool: ...
    def read(self, address: Incomplete, size: Incomplete) -> Incomplete:
        """size bytes as bytearray.  Raises NotRam."""

def ram() -> Ram:
    """The machine's RAM, by boot.memory()."""
