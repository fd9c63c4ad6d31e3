# Made by `inv stubs` from frozen/probe/maps/timer.py: do not edit.
"""Memory-mapped generic timer (Arm ARM, DDI 0487 §I).

QEMU virt and Parallels have none of these frames: their timers are the system registers CNT*,
which sysreg names.
"""

from probe.regs import Map

CNTBASE: Map
CNTCTL: Map
