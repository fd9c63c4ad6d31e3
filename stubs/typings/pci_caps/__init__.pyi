# Made by `inv stubs` from frozen/bus/pci_caps.py: do not edit.
"""Capability lists: which there are, where, and their fields (PCI 3.0 §6.7, PCIe 5.0 §7)."""

from _typeshed import Incomplete

PM: int
MSI: int
VENDOR: int
BRIDGE_SSVID: int
PCIE: int
MSIX: int

class Capability:
    """One entry of a list.  id; offset in configuration space; extended: of the list at 0x100."""

    cfg: Incomplete
    id: Incomplete
    offset: Incomplete
    extended: Incomplete
    def __init__(
        self,
        cfg: Incomplete,
        id: Incomplete,
        offset: Incomplete,
        extended: Incomplete,
        virtio: Incomplete,
    ) -> None: ...
    @property
    def name(self) -> Incomplete:
        """Short name; hexadecimal where the id has none here."""
    @property
    def version(self) -> Incomplete:
        """Version of an extended capability's structure; 0 for others."""
    def __repr__(self) -> str: ...
    def fields(self) -> Incomplete:
        """dict of what is decoded of PM, MSI, MSI-X, PCIe, vendor, SSVID, DSN; {} for others."""
    def u8(self, at: Incomplete) -> Incomplete:
        """8 bits at an offset in the capability."""
    def u16(self, at: Incomplete) -> Incomplete:
        """16 bits at an offset in the capability."""
    def u32(self, at: Incomplete) -> Incomplete:
        """32 bits at an offset in the capability."""

def walk(cfg: Incomplete, vendor: int = 0) -> tuple[list[Incomplete], Incomplete]:
    """(list of Capability in the order of the chains, text of what is wrong with them or None).

    cfg: Regs of one function.  A chain that comes back to itself or leaves its space ends there.
    """
