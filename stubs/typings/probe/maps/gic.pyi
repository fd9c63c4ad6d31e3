# Made by `inv stubs` from frozen/probe/maps/gic.py: do not edit.
"""Arm Generic Interrupt Controller: GICv2 (IHI 0048B), GICv3 with ITS (IHI 0069), GICv2m frame.

GICD_CTLR and GICC_CTLR as they are with one security state.  Enable, pending and active bits come
as a register that sets and one that clears: RW1S and RW1C.
"""

from probe.regs import Map

GICD2: Map
GICD3: Map
GICR: Map
GICC: Map
V2M: Map
ITS: Map
