# Made by `inv stubs` from frozen/bus/pci_fdt.py: do not edit.
"""What a device tree says of a PCI host: its windows, and where the pins of its slots lead.

IEEE 1275 PCI binding 2.1 §4; Devicetree Specification 0.4 §2.4.3.
Not done: several ECAM hosts in one tree; controllers other than a GIC behind the map.
"""

from _typeshed import Incomplete

def root(fdt_at: Incomplete) -> tuple[Incomplete, Incomplete]:
    """(windows, function that gives the routes as _PRT entries) of the tree's ECAM host."""

def ranges(data: Incomplete) -> list[Incomplete]:
    """Windows of a property "ranges": child address of 3 cells, parent's and size of 2 each."""

def routes(props: Incomplete, gics: Incomplete) -> list[Incomplete]:
    """[(slot << 16 | 0xffff, pin from 0, phandle, INTID), …] of an "interrupt-map", all slots.

    gics: {phandle: bytes of an address in it}.  The map ends at an entry for another controller,
    the length of which is not known.
    """
