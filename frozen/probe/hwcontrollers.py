"""Capability registers and port states of AHCI, xHCI and EHCI, for the hardware report.

Loads only, and only where memory decode is on: a controller that is off is named and left alone,
unless the caller lets it be switched on for the time.  AHCI 1.3.1 §3, xHCI 1.2 §5, EHCI 1.0 §2.
"""

from collections import OrderedDict

import mmio
from micropython import const

_CLASSES = {0x010601: "ahci", 0x0C0330: "xhci", 0x0C0320: "ehci"}
_PCI_COMMAND = const(0x04)
_COMMAND_MEMORY = const(1 << 1)
_PORTS_MOST = const(32)  # of AHCI and of EHCI's N_PORTS, with room


def _read(r, registers):
    """registers: [(name, offset), …] → {name: hex or None}"""
    values = OrderedDict()
    for name, offset in registers:
        try:
            values[name] = "0x%x" % r.read32(offset)
        except (OSError, IndexError, ValueError):
            values[name] = None
    return values


def ahci(r):
    """Registers of the HBA and of each implemented port.  r: window of 0x1100 bytes."""
    values = _read(
        r, [("CAP", 0), ("GHC", 4), ("IS", 8), ("PI", 0xC), ("VS", 0x10), ("CAP2", 0x24)]
    )
    implemented = int(values["PI"] or "0x0", 16)
    for n in range(_PORTS_MOST):
        if implemented >> n & 1:
            port = 0x100 + 0x80 * n
            names = (("CLB", 0), ("FB", 8), ("IS", 0x10), ("IE", 0x14), ("CMD", 0x18))
            names += (("TFD", 0x20), ("SIG", 0x24), ("SSTS", 0x28), ("SCTL", 0x2C), ("SERR", 0x30))
            names += (("SACT", 0x34), ("CI", 0x38))
            values.update(_read(r, [("P%u%s" % (n, name), port + off) for name, off in names]))
    return values


def xhci(r):
    """Capability registers, state of the operational ones, PORTSC of each port."""
    first = r.read32(0)  # CAPLENGTH and HCIVERSION: one 32-bit access, as Parallels wants (§10)
    values = OrderedDict()
    values["CAPLENGTH"] = "0x%x" % first
    names = "HCSPARAMS1 HCSPARAMS2 HCSPARAMS3 HCCPARAMS1 DBOFF RTSOFF HCCPARAMS2".split()
    values.update(_read(r, [(name, 4 + 4 * i) for i, name in enumerate(names)]))
    op = first & 0xFF
    names = (("USBCMD", 0), ("USBSTS", 4), ("PAGESIZE", 8), ("DNCTRL", 0x14), ("CONFIG", 0x38))
    values.update(_read(r, [(name, op + off) for name, off in names]))
    ports = int(values["HCSPARAMS1"] or "0x0", 16) >> 24
    values.update(_read(r, [("PORTSC%u" % (n + 1), op + 0x400 + 16 * n) for n in range(ports)]))
    values.update(_extended(r, int(values["HCCPARAMS1"] or "0x0", 16) >> 16))
    return values


def _extended(r, at):
    """xHCI §7: extended capabilities; a pointer in words, 0 ends the list."""
    values = OrderedDict()
    at *= 4
    for n in range(32):
        if not at or at + 16 > r.size:
            break
        word = r.read32(at)
        for i in range(4 if word & 0xFF == 2 else 1):  # 2: Supported Protocol, four words
            values["XECP%u_%u" % (n, i)] = "0x%x" % r.read32(at + 4 * i)
        at = at + 4 * (word >> 8 & 0xFF) if word >> 8 & 0xFF else 0
    return values


def ehci(r):
    """Capability registers, state of the operational ones, PORTSC of each port."""
    first = r.read32(0)
    values = OrderedDict()
    values["CAPLENGTH"] = "0x%x" % first
    values.update(_read(r, [("HCSPARAMS", 4), ("HCCPARAMS", 8)]))
    op = first & 0xFF
    names = (("USBCMD", 0), ("USBSTS", 4), ("USBINTR", 8), ("CONFIGFLAG", 0x40))
    values.update(_read(r, [(name, op + off) for name, off in names]))
    ports = int(values["HCSPARAMS"] or "0x0", 16) & 0xF
    values.update(_read(r, [("PORTSC%u" % (n + 1), op + 0x44 + 4 * n) for n in range(ports)]))
    return values


_READERS = {"ahci": ahci, "xhci": xhci, "ehci": ehci}


def _one(kind, where, base, size):
    entry = {"kind": kind, "where": where, "base": "0x%x" % base}
    try:
        entry["registers"] = _READERS[kind](mmio.Regs(base, size, name=kind))
    except (OSError, IndexError, ValueError) as why:
        entry["error"] = str(why)
    return entry


def _bar(f, kind):
    """(base, size) of the registers: BAR5 of AHCI, else BAR0.  The size may be an assumed one."""
    wanted = 5 if kind == "ahci" else 0
    for bar in f.bars:
        if bar.index == wanted and bar.address and not bar.problem:
            return bar.address, bar.size or 0x1000
    return None


def _function(f, kind, enable):
    """The entry of a PCI function, or why there are no registers in it."""
    bar = _bar(f, kind)
    command = f.cfg.read16(_PCI_COMMAND)
    if bar is None:
        return {"kind": kind, "where": f.bdf, "error": "its BAR has no address"}
    if command & _COMMAND_MEMORY:
        return _one(kind, f.bdf, *bar)
    if not enable:
        return {"kind": kind, "where": f.bdf, "error": "memory decode is off"}
    f.cfg.write16(_PCI_COMMAND, command | _COMMAND_MEMORY)
    try:
        return _one(kind, f.bdf, *bar)
    finally:
        f.cfg.write16(_PCI_COMMAND, command)


def controllers(enable=False):
    """[{kind, where, base, registers or error}, …] of PCI functions and ACPI devices.

    enable: switch memory decode on for the time of reading where it is off.
    """
    import acpi
    import pci

    found = []
    for f in pci.scan():
        kind = _CLASSES.get(f.class_)
        if kind is not None:
            found.append(_function(f, kind, enable))
    try:
        wired = [d for d in acpi.devices() if d.hid == "PRL4010" and d.memory]
    except (OSError, ValueError):
        wired = []
    return found + [_one("ahci", d.path, *d.memory[0]) for d in wired]
