"""Each line with `# E: code` is an error of that kind for a type checker; no other line is."""

import dma
import irq
import klog
import machine
import mmio
import pci
import rawmem
import sysreg
from machine import mem32

import boot

uart = mmio.Regs("0x09000000", 0x1000)  # E: arg-type
uart.wait(0x18, 1, 1)  # E: call-arg
uart.read32(off=0)  # E: call-arg
uart.read31(0)  # E: attr-defined
uart["ID"]  # E: index
uart.base = 0  # E: misc
irq.request(34)  # E: call-arg
irq.request(34, print, hrad=True)  # E: call-arg
irq.info()["line"]  # E: typeddict-item
dma.alloc(align=4096, size=1)  # E: call-arg
dma.alloc(4096).phys = 0  # E: misc
klog.log("text", 3)  # E: arg-type
machine.Pin(3)  # E: attr-defined
mem32[0] = b"x"  # E: assignment
rawmem.read(0, 4, width="32")  # E: arg-type
boot.crash("softly")  # E: arg-type
pci.lspci(1)  # E: arg-type
pci.find(vendr=1)  # E: call-arg
pci.function("00:01.0").bar(0).read33(0)  # E: attr-defined
print(sysreg.MIDR_EL4)  # E: attr-defined
