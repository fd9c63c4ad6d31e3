"""A user's script: type checkers have nothing to say about it."""

import acpi
import dma
import irq
import mmio
import pci
import sysreg
from ext2 import VfsExt2
from klog import dmesg
from machine import BusError, Timer, mem32
from probe import hexdump, regs
from probe.regs import Map


def tick(line: irq.Line) -> None:
    print(line.intid, line.count)


uart = mmio.Regs(0x09000000, 0x1000, name="uart")
ready: bool = uart.wait(0x18, 1 << 7, 1 << 7, 1000)
uart[0x30] |= 1
try:
    mem32[0x09100000] = uart[0xFE0]
except BusError as error:
    print(hex(error.addr), error.write)

line = irq.request(34, tick, irq.EDGE, hard=True, name="rtc")
line.free()
with dma.alloc(4096, 4096) as buffer:
    memoryview(buffer)[0] = 5
    hexdump(buffer)
    mem32[buffer.phys] = 1
Timer(-1, period=100, callback=lambda timer: timer.deinit())

edu = pci.find(0x1234, 0x11E8)
edu.enable(memory=True)
bar: mmio.Regs = edu.bar(0)
print(edu.bdf, bar.read32(0), hex(sysreg.MIDR_EL1.PartNum))
for device in acpi.devices():
    print(device.path, device.hid)
regs(uart)
print(Map("edu", "QEMU docs/specs/edu", "0x00 ID RO").name(0))
print(VfsExt2, irq.info()["lines"], [each.bdf for each in pci.scan()])
sysreg.TPIDR_EL0 = 0x1234
dmesg(4)
