# Made by `inv stubs` from frozen/probe/maps/uart.py: do not edit.
"""PL011 UART (Arm DDI 0183G); an SBSA UART is a part of it."""

from probe.regs import Map

PL011: Map
