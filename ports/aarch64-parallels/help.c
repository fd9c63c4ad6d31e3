// SPDX-License-Identifier: MIT

const char pyrallax_help_text[] =
    "Pyrallax: MicroPython owns this machine. No operating system below.\n"
    "\n"
    "  from probe import *        the toolkit: then help() tells all of it\n"
    "  regs('uart')               a device's registers; names() lists devices\n"
    "  hexdump(0x40000000)        memory\n"
    "  pci.lspci()                what is on the PCI buses; acpi.devices() the rest\n"
    "  machine.mem32[0x9000018]   read a register (mem8, mem16, mem32, mem64)\n"
    "  boot.hw()                  the machine as the firmware described it\n"
    "  boot.timeline()            how long each boot stage took\n"
    "  dmesg()                    the kernel log\n"
    "  ush()                      U-Boot's prompt, for its tools\n"
    "  gc.mem_free()              memory left\n"
    "\n"
    "A bad access raises BusError, and the session goes on.\n"
    "\n"
    "Control keys:\n"
    "  CTRL-A  raw REPL        CTRL-B  friendly REPL\n"
    "  CTRL-C  interrupt       CTRL-D  on a blank line: soft reset\n"
    "  CTRL-E  paste mode\n"
    "\n"
    "help(object) for an object, help('modules') for the modules.\n";
