# Made by `inv stubs` from frozen/probe/devices.py: do not edit.
"""Devices by name: which maps fit a device, and where its registers are.

A name: gicd, gicc, gicr0…, its0…, v2m0…, uart (the console's), timer (this CPU's); of PCI
functions ahci0, xhci0, ehci0, virtio0… in order of address, and the address of any, "00:03.0".
"""

from _typeshed import Incomplete

class Device:
    """The registers of a device, one View a group: d.PORTSC[1].PED, d.CAPLENGTH, print(d).

    name; views: [(title, View), …]; note: what is missing and why.  A name that several groups
    have is that of the first.
    """
    def __init__(self, name: Incomplete, views: Incomplete, note: str = "") -> None: ...
    def __getattr__(self, name: Incomplete) -> Incomplete: ...
    def __setattr__(self, name: Incomplete, value: Incomplete) -> None: ...
    def __str__(self) -> str: ...
    def __repr__(self) -> str: ...

def names() -> list[str]:
    """Names that device() takes."""

def device(dev: Incomplete) -> Device:
    """The Device of a name, a pci.Function, an acpi.Device or a View.

    Raises AttributeError for a name that is none, ValueError for what has no map, OSError where
    the registers cannot be reached.
    """

def regs(dev: Incomplete) -> None:
    """Print all registers of a device, decoded; those whose reading has effects are not read.

    dev: as device(); what it raises.
    """

def name(address: int) -> str | None:
    """What is at an address: "gicd CTLR", "xhci0 PORTSC[1]", "xhci0 bar0+0x60"; or None."""

def addr(dev: Incomplete, register: str, index: int = 0) -> int:
    """Address of a register: addr("gicd", "CTLR"), addr("xhci0", "PORTSC", 1).

    Raises AttributeError, IndexError, ValueError for system registers, and what device() raises.
    """
