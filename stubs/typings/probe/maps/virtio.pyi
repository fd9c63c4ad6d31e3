# Made by `inv stubs` from frozen/probe/maps/virtio.py: do not edit.
"""VirtIO 1.2 transports, with the names of the spec: PCI (modern and legacy) and MMIO."""

from probe.regs import Map

COMMON: Map
ISR: Map
LEGACY: Map
MMIO: Map
