# Made by `inv stubs` from frozen/probe/maps/pci.py: do not edit.
"""PCI configuration headers (PCI 3.0 §6.1, PCI-to-PCI Bridge 1.2 §3.2): types 0 and 1."""

from probe.regs import Map

TYPE0: Map
TYPE1: Map
