# Made by `inv stubs` from frozen/probe/maps/ahci.py: do not edit.
"""AHCI host bus adapter (AHCI 1.3.1): PORT for one port's window, HBA for the whole BAR."""

from probe.regs import Map

PORT: Map
HBA: Map
