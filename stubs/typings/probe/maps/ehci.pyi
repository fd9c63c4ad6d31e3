# Made by `inv stubs` from frozen/probe/maps/ehci.py: do not edit.
"""EHCI host controller (EHCI 1.0): capability and operational registers, a window each."""

from probe.regs import Map

CAP: Map
OP: Map
