# Made by `inv stubs` from frozen/bus/pci_host.py: do not edit.
"""Configuration space by ECAM (PCIe 5.0 §7.2.2), and the address windows of a PCI host."""

from _typeshed import Incomplete
from mmio import Regs

class Host:
    """The configuration space of buses first to last of one segment; never reads outside of it.

    base: physical address of bus 0.  windows: tuples (kind "mem" or "io", first and last address
    on the bus, what to add for the CPU's address, bits, prefetchable), empty where nothing says.
    prt: gives tuples (address, pin, source, INTID) as acpi does; called when a pin is first
    routed.  ram: (base, size) pieces where no BAR can be.
    """

    first: int
    last: int
    segment: int
    windows: list[Incomplete]
    ram: tuple[Incomplete, ...]
    children: list[Incomplete]
    ecam: Regs
    def __init__(
        self,
        base: Incomplete,
        first: int = 0,
        last: int = 255,
        segment: int = 0,
        windows: Incomplete = ...,
        prt: Incomplete = ...,
        ram: Incomplete = ...,
    ) -> None: ...
    def roots(self) -> list[Incomplete]:
        """The root buses, ascending: the first bus, and where else a root bridge begins."""
    def route(self, dev: Incomplete, pin: Incomplete) -> Incomplete:
        """INTID of a pin (0 for A) of a device on a root bus by _PRT, or None.

        ACPI 6.5 §6.2.13: the address has the device in its upper half, all functions in the lower.
        """
    def offset(self, bus: Incomplete, dev: Incomplete, fn: Incomplete) -> Incomplete:
        """Where a function is in `ecam`.  Raises ValueError outside the range."""
    def cfg(self, bus: Incomplete, dev: Incomplete, fn: Incomplete, name: str = "") -> Incomplete:
        """Registers of one function, 4 KiB."""
    def cpu(self, kind: Incomplete, address: Incomplete) -> Incomplete:
        """The CPU's address of a bus address; itself where no window holds it, None for a port."""
    def ranges(self, kind: Incomplete) -> list[Incomplete]:
        """(first, last) on the bus where BARs go: "io", "mem" (below 4 GiB), "pref" (above)."""

def hosts() -> list[Incomplete]:
    """The Hosts that the boot path found, with the windows and routes that the tables give."""
