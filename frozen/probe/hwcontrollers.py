"""Capability registers and port states of AHCI, xHCI and EHCI, for the hardware report.

Loads only, and only where memory decode is on: a controller that is off is named and left alone,
unless the caller lets it be switched on for the time.  AHCI 1.3.1 §3, xHCI 1.2 §5, EHCI 1.0 §2.
"""

from collections import OrderedDict

import mmio
from micropython import const

from . import layouts
from .maps import ahci as _ahci
from .maps import ehci as _ehci
from .maps import xhci as _xhci

_PCI_COMMAND = const(0x04)
_COMMAND_MEMORY = const(1 << 1)
_AHCI_PORTS = const(32)
_PORT = "CLB FB IS IE CMD TFD SIG SSTS SCTL SERR SACT CI"  # each Px…


def _read(r, registers):
    """registers: [(name, offset), …] → {name: hex or None}"""
    values = OrderedDict()
    for name, offset in registers:
        try:
            values[name] = "0x%x" % r.read32(offset)
        except (OSError, IndexError, ValueError):
            values[name] = None
    return values


def _named(map, names, base=0):
    """[(name, offset), …] of registers of a map that begins at `base`."""
    return [(name, base + map.offset(name)) for name in names.split()]


def _ports(map, base, count):
    """The same of PORTSC, from PORTSC1 on as the specs count."""
    return [("PORTSC%u" % (n + 1), base + map.offset("PORTSC", n)) for n in range(count)]


def ahci(r):
    """Registers of the HBA and of each implemented port.  r: window of 0x1100 bytes."""
    values = _read(r, _named(_ahci.HBA, "CAP GHC IS PI VS CAP2"))
    implemented = int(values["PI"] or "0x0", 16)
    for n in range(_AHCI_PORTS):
        if implemented >> n & 1:
            names = [("P%u%s" % (n, name), "Px" + name) for name in _PORT.split()]
            values.update(_read(r, [(own, _ahci.HBA.offset(name, n)) for own, name in names]))
    return values


def xhci(r):
    """Capability registers, state of the operational ones, PORTSC of each port."""
    first = r.read32(0)  # CAPLENGTH and HCIVERSION: one 32-bit access, as Parallels wants (§10)
    values = OrderedDict()
    values["CAPLENGTH"] = "0x%x" % first
    names = "HCSPARAMS1 HCSPARAMS2 HCSPARAMS3 HCCPARAMS1 DBOFF RTSOFF HCCPARAMS2"
    values.update(_read(r, _named(_xhci.CAP, names)))
    op = first & 0xFF
    values.update(_read(r, _named(_xhci.OP, "USBCMD USBSTS PAGESIZE DNCTRL CONFIG", op)))
    count = int(values["HCSPARAMS1"] or "0x0", 16) >> 24
    values.update(_read(r, _ports(_xhci.OP, op, count)))
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
    values.update(_read(r, _named(_ehci.CAP, "HCSPARAMS HCCPARAMS")))
    op = first & 0xFF
    values.update(_read(r, _named(_ehci.OP, "USBCMD USBSTS USBINTR CONFIGFLAG", op)))
    count = int(values["HCSPARAMS"] or "0x0", 16) & 0xF
    values.update(_read(r, _ports(_ehci.OP, op, count)))
    return values


_READERS = {"ahci": ahci, "xhci": xhci, "ehci": ehci}


def _one(kind, where, regs):
    """The entry of a controller; regs: what gives its mmio.Regs."""
    entry = {"kind": kind, "where": where}
    try:
        r = regs()
        entry["base"] = "0x%x" % r.base
        entry["registers"] = _READERS[kind](r)
    except (OSError, IndexError, ValueError) as why:
        entry["error"] = str(why)
    return entry


def _function(f, kind, enable):
    """The entry of a PCI function, or why there are no registers in it."""

    def regs():
        return f.bar(layouts.bar_of(kind))

    command = f.cfg.read16(_PCI_COMMAND)
    if command & _COMMAND_MEMORY:
        return _one(kind, f.bdf, regs)
    if not enable:
        return {"kind": kind, "where": f.bdf, "error": "memory decode is off"}
    f.cfg.write16(_PCI_COMMAND, command | _COMMAND_MEMORY)
    try:
        return _one(kind, f.bdf, regs)
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
        kind = layouts.kind_of(f)
        if kind in _READERS:
            found.append(_function(f, kind, enable))
    for d in acpi.devices():
        kind = layouts.ACPI.get(d.hid)
        if kind in _READERS and d.memory:
            found.append(_one(kind, d.path, lambda d=d: mmio.Regs(*d.memory[0])))
    return found
