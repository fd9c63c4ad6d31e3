# Made by `inv stubs` from frozen/probe/hwcontrollers.py: do not edit.
"""Capability registers and port states of AHCI, xHCI and EHCI, for the hardware report.

Loads only, and only where memory decode is on: a controller that is off is named and left alone,
unless the caller lets it be switched on for the time.  AHCI 1.3.1 §3, xHCI 1.2 §5, EHCI 1.0 §2.
"""

from _typeshed import Incomplete

def ahci(r: Incomplete) -> Incomplete:
    """Registers of the HBA and of each implemented port.  r: window of 0x1100 bytes."""

def xhci(r: Incomplete) -> Incomplete:
    """Capability registers, state of the operational ones, PORTSC of each port."""

def ehci(r: Incomplete) -> Incomplete:
    """Capability registers, state of the operational ones, PORTSC of each port."""

def controllers(enable: bool = False) -> list[Incomplete]:
    """[{kind, where, base, registers or error}, …] of PCI functions and ACPI devices.

    enable: switch memory decode on for the time of reading where it is off.
    """
