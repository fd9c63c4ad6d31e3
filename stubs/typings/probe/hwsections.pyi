# Made by `inv stubs` from frozen/probe/hwsections.py: do not edit.
"""Sections of the hardware report: each function returns what docs/schema/hwreport-1.json says.

They raise what the modules below raise; hwreport turns that into {"error": why}.
"""

from _typeshed import Incomplete
from probe.hwtables import acpi as acpi
from probe.hwtables import pci as pci
from probe.hwtables import smbios as smbios

def made() -> dict[Incomplete, Incomplete]:
    """Which firmware made the report, and when."""

def machine() -> dict[Incomplete, Incomplete]:
    """What the machine is, and what that was concluded from."""

def memory() -> dict[Incomplete, Incomplete]:
    """The physical memory map."""

def cpu() -> dict[Incomplete, Incomplete]:
    """MPIDRs of all, registers of this one."""

def interrupts() -> dict[Incomplete, Incomplete]:
    """The controller's identification, and which lines are in use."""

def timer() -> dict[Incomplete, Incomplete]:
    """The generic timer."""

def uart() -> dict[Incomplete, Incomplete]:
    """The console.  Not DR: reading it takes a byte."""

def controllers(enable: Incomplete) -> Incomplete:
    """Capability registers and port states of storage and USB controllers."""

def display() -> dict[Incomplete, Incomplete]:
    """The frame buffer and the modes that the firmware offered."""

def efi() -> dict[Incomplete, Incomplete]:
    """UEFI as it was left: tables, memory map, which variables there are (not what is in them)."""

def timings() -> Incomplete:
    """Nanoseconds of standard operations, the mean of many."""
