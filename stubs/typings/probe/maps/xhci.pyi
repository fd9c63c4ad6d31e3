# Made by `inv stubs` from frozen/probe/maps/xhci.py: do not edit.
"""xHCI host controller (xHCI 1.2): its four groups of registers, each in a window of its own.

Ports, interrupters and doorbells are counted from 0: PORTSC[0] is the spec's port 1.
64-bit registers are accessed as two halves, the low one first (§5.1).
"""

from probe.regs import Map

CAP: Map
OP: Map
RUNTIME: Map
DOORBELL: Map
