"""Devices by name: which maps fit a device, and where its registers are.

A name: gicd, gicc, gicr0…, its0…, v2m0…, uart (the console's); of PCI functions ahci0, xhci0,
ehci0, virtio0… in order of address, and the address of any, "00:03.0".
"""

import boot
import mmio
from prompt import probing

from probe.view import View

_KINDS = {0x010601: "ahci", 0x0C0330: "xhci", 0x0C0320: "ehci"}
_VIRTIO = 0x1AF4
_ACPI = {  # by _HID or _CID
    "PRL4010": "ahci",
    "ARMH0011": "uart",
    "ARMHB000": "uart",
    "LNRO0005": "virtio_mmio",
    "PNP0D10": "xhci",
    "PNP0D20": "ehci",
}
_GICR_VLPIS = 1 << 1  # TYPER: two more frames follow (IHI 0069 §12.10)
_GICR_LAST = 1 << 4


class Device:
    """The registers of a device, one View a group: d.PORTSC[1].PED, d.CAPLENGTH, print(d).

    name; views: [(title, View), …]; note: what is missing and why.  A name that several groups
    have is that of the first.
    """

    def __init__(self, name, views, note=""):
        put = object.__setattr__
        put(self, "name", name)
        put(self, "views", views)
        put(self, "note", note)

    def _view(self, name):
        for _, view in self.views:
            if view._map.has(name):
                return view
        names = " ".join(" ".join(r.name for r in v._map.registers()) for _, v in self.views)
        note = " (%s)" % self.note if self.note else ""
        raise AttributeError("%s has no %s%s: %s" % (self.name, name, note, names))

    def __getattr__(self, name):
        if probing(self) and not any(view._map.has(name) for _, view in self.views):
            raise AttributeError
        return getattr(self._view(name), name)

    def __setattr__(self, name, value):
        setattr(self._view(name), name, value)

    def __str__(self):
        blocks = ["%s %s" % (self.name, title) + "\n" + str(view) for title, view in self.views]
        return "\n".join(blocks + ([self.note] if self.note else []))

    def __repr__(self):
        return "<Device %s: %s>" % (self.name, ", ".join(title for title, _ in self.views))


def _window(base, size, name):
    return mmio.Regs(base, size, 32, name)


def _ahci(regs):
    from probe.maps import ahci

    implemented = regs.read32(0x0C)  # PI: the others must not be accessed (§3.1.4)
    return [("hba", View(ahci.HBA, regs, lambda r, i: not r.count or implemented >> i & 1))]


def _xhci(regs):
    from probe.maps import xhci

    length = regs.read32(0) & 0xFF
    sizes = regs.read32(4)  # HCSPARAMS1
    name = regs.name
    ports, interrupters, slots = sizes >> 24, sizes >> 8 & 0x7FF, sizes & 0xFF
    runtime, doorbells = regs.read32(0x18) & ~0x1F, regs.read32(0x14) & ~3
    return [
        ("capability", View(xhci.CAP, regs.window(0, min(length, 0x20), name))),
        ("operational", View(xhci.OP, regs.window(length, 0x400 + 16 * ports, name))),
        ("runtime", View(xhci.RUNTIME, regs.window(runtime, 0x20 + 32 * interrupters, name))),
        ("doorbells", View(xhci.DOORBELL, regs.window(doorbells, 4 * (slots + 1), name))),
    ]


def _ehci(regs):
    from probe.maps import ehci

    length = regs.read32(0) & 0xFF
    size = 0x44 + 4 * (regs.read32(4) & 15)
    return [
        ("capability", View(ehci.CAP, regs.window(0, 12, regs.name))),
        ("operational", View(ehci.OP, regs.window(length, size, regs.name))),
    ]


def _uart(regs):
    from probe.maps import uart

    return [("uart", View(uart.PL011, regs))]


def _virtio_mmio(regs):
    from probe.maps import virtio

    return [("mmio", View(virtio.MMIO, regs))]


def _virtio(function):
    """Groups in the BARs that the vendor capabilities name (VirtIO 1.2 §4.1.4)."""
    from probe.maps import virtio

    maps = {1: ("common", virtio.COMMON), 3: ("isr", virtio.ISR)}
    found = []
    for capability in function.capabilities():
        fields = capability.fields()
        if fields.get("cfg_type") in maps:
            title, map = maps.pop(fields["cfg_type"])
            part = function.bar(fields["bar"]).window(
                fields["offset"], fields["size"], function.bdf
            )
            found.append((title, View(map, part)))
    return found


_MAKERS = {
    "ahci": _ahci,
    "xhci": _xhci,
    "ehci": _ehci,
    "uart": _uart,
    "virtio_mmio": _virtio_mmio,
}


def _bar_of(kind):
    return 5 if kind == "ahci" else 0  # AHCI 1.3.1 §2.1.11


def _kind(function):
    return "virtio" if function.vendor == _VIRTIO else _KINDS.get(function.class_)


def _pci(function):
    """Groups of a PCI function, its registers where a map is known and its header; and a note."""
    from probe.maps import pci

    map = pci.TYPE1 if function.header == 1 else pci.TYPE0
    found = [("header", View(map, function.cfg.window(0, 64, function.bdf)))]
    kind = _kind(function)
    if not kind:
        return found, "no map for class %06x" % function.class_
    if not function.cfg.read16(4) & 2:  # COMMAND.MEMORY: nothing answers without
        return found, "memory decoding is off: pci.function(%r).enable()" % function.bdf
    if kind == "virtio":
        return _virtio(function) + found, ""
    return _MAKERS[kind](function.bar(_bar_of(kind))) + found, ""


def _functions():
    """[(name, Function), …] of the PCI functions that have names of their own."""
    import pci

    counts = {}
    found = []
    for function in pci.scan():
        kind = _kind(function)
        if kind:
            counts[kind] = counts.get(kind, 0) + 1
            found.append(("%s%u" % (kind, counts[kind] - 1), function))
    return found


def _redistributors(regions):
    """Base of each redistributor in the regions (IHI 0069 §12.10)."""
    for base, size in regions:
        at = base
        while at + 0x20000 <= base + size:
            typer = _window(at, 0x20000, "gicr").read64(8)
            yield at
            if typer & _GICR_LAST:
                break
            at += 0x40000 if typer & _GICR_VLPIS else 0x20000


def _system():
    """(name, base, size, map's name) of what the hand-off names; redistributors come last."""
    hw = boot.hw()
    gic = hw["gic"]
    three = gic["version"] >= 3
    if gic["gicd"]:
        yield "gicd", gic["gicd"], 0x10000 if three else 0x1000, "GICD3" if three else "GICD2"
    if gic["gicc"] and not three:
        yield "gicc", gic["gicc"], 0x2000, "GICC"
    for i, base in enumerate(gic["its"]):
        yield "its%u" % i, base, 0x20000, "ITS"
    for i, base in enumerate(gic["v2m"]):
        yield "v2m%u" % i, base, 0x1000, "V2M"
    if hw["uart"][0]:
        yield "uart", hw["uart"][0], 0x1000, "PL011"
    for i, base in enumerate(_redistributors(gic["gicr"]) if three else ()):
        yield "gicr%u" % i, base, 0x20000, "GICR"


def _system_view(name, base, size, map):
    if map == "PL011":
        from probe.maps.uart import PL011 as map
    else:
        from probe.maps import gic

        map = getattr(gic, map)
    return View(map, _window(base, size, name))


def names():
    """Names that device() takes."""
    return [system[0] for system in _system()] + [name for name, _ in _functions()]


def device(dev):
    """The Device of a name, a pci.Function, an acpi.Device or a View.

    Raises AttributeError for a name that is none, ValueError for what has no map, OSError where
    the registers cannot be reached.
    """
    if isinstance(dev, Device):
        return dev
    if isinstance(dev, View):
        return Device(dev._regs.name or dev._map.title, [(dev._map.title, dev)])
    if isinstance(dev, str):
        return _named(dev)
    if hasattr(dev, "bdf"):
        return Device(dev.bdf, *_pci(dev))
    if hasattr(dev, "hid"):
        for hid, kind in _ACPI.items():
            if dev.matches(hid) and dev.memory:
                base, size = dev.memory[0]
                return Device(hid, _MAKERS[kind](_window(base, size, hid)))
    raise ValueError("no register map for %r; View(map, regs) takes one of your own" % (dev,))


def _named(name):
    for system in _system():
        if system[0] == name:
            return Device(name, [(system[3], _system_view(*system))])
    for own, function in _functions():
        if own == name:
            return Device(name, *_pci(function))
    if ":" in name:
        import pci

        return Device(name, *_pci(pci.function(name)))
    raise AttributeError("no device %s: %s" % (name, " ".join(names())))


def regs(dev):
    """Print all registers of a device, decoded; those whose reading has effects are not read.

    dev: as device(); what it raises.
    """
    print(device(dev))


def name(address):
    """What is at an address: "gicd CTLR", "xhci0 PORTSC[1]"; None where no map reaches."""
    for system in _system():
        into = address - system[1]
        if 0 <= into < system[2]:
            label = _system_view(*system)._map.name(into)
            return "%s %s" % (system[0], label or "+%#x" % into)
    for own, function in _functions():
        for bar in function.bars:
            base = function.host.cpu(bar.kind, bar.address) if bar.address else None
            if base is not None and base <= address < base + bar.size:
                return _name_in(own, _pci(function)[0], address) or "%s bar%u+%#x" % (
                    own,
                    bar.index,
                    address - base,
                )
    return None


def _name_in(own, views, address):
    for _, view in views:
        into = address - view._regs.base
        if 0 <= into < view._regs.size:
            label = view._map.name(into)
            if label:
                return "%s %s" % (own, label)
    return None


def addr(dev, register, index=0):
    """Address of a register: addr("gicd", "CTLR"), addr("xhci0", "PORTSC", 1).

    Raises AttributeError, IndexError, and what device() raises.
    """
    view = device(dev)._view(register)
    return view._regs.base + view._map.offset(register, index)
