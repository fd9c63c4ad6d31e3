# Made by `inv stubs` from frozen/probe/hwtables.py: do not edit.
"""Parts of the hardware report that tables and buses describe: ACPI, SMBIOS, PCI."""

from _typeshed import Incomplete

def acpi() -> dict[Incomplete, Incomplete]:
    """All tables raw, the RSDP first, and the devices of the namespace."""

def smbios() -> dict[Incomplete, Incomplete]:
    """The structures raw, and decoded."""

def pci() -> dict[Incomplete, Incomplete]:
    """Every function."""
