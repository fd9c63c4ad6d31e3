"""Bytes of physical RAM, for tables that pointers lead to: where a pointer leads is checked first.

Reading a device register can change the device, so what the memory map does not call RAM is
refused, and so is what turns out not to answer.
"""

import mmio

_REFUSED = ("mmio", "fb", "unknown")


class NotRam(ValueError):
    """Nothing there may be read."""


class Ram:
    """RAM by a memory map like boot.memory(): [(base, size, kind), …], ascending."""

    def __init__(self, ranges):
        self._ranges = [(base, base + size) for base, size, kind in ranges if kind not in _REFUSED]

    def __contains__(self, span):
        at, end = span
        for start, stop in self._ranges:
            if start <= at < stop:
                at = stop
                if end <= at:
                    return True
        return False

    def read(self, address, size):
        """size bytes as bytearray.  Raises NotRam."""
        if size <= 0 or (address, address + size) not in self:
            raise NotRam("%d bytes at 0x%x are not RAM" % (size, address))
        first = address & ~7
        buf = bytearray((address + size + 7 & ~7) - first)
        try:
            mmio.Regs(first, len(buf), 64).readinto(0, buf)
        except OSError as why:
            raise NotRam("%d bytes at 0x%x: %s" % (size, address, why))
        return buf[address - first : address - first + size]


def ram():
    """The machine's RAM, by boot.memory()."""
    import boot

    return Ram(boot.memory())
