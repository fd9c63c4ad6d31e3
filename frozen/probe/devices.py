"""Devices by name: which maps fit a device, and where its registers are.

A name: gicd, gicc, gicr0…, its0…, v2m0…, uart (the console's), timer (this CPU's); of PCI
functions ahci0, xhci0, ehci0, virtio0… in order of address, and the address of any, "00:03.0".
"""

from prompt import probing

from probe import layouts
from probe.view import View


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


def _functions():
    """[(name, Function), …] of the PCI functions that have names of their own."""
    import pci

    counts = {}
    found = []
    for function in pci.scan():
        kind = layouts.kind_of(function)
        if kind:
            counts[kind] = counts.get(kind, 0) + 1
            found.append(("%s%u" % (kind, counts[kind] - 1), function))
    return found


def names():
    """Names that device() takes."""
    found = [system[0] for system in layouts.system()]
    return found + ["timer"] + [name for name, _ in _functions()]


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
        return Device(dev.bdf, *layouts.of_function(dev))
    if hasattr(dev, "hid"):
        for hid, kind in layouts.ACPI.items():
            if dev.matches(hid) and dev.memory:
                base, size = dev.memory[0]
                return Device(hid, layouts.MAKERS[kind](layouts.window(base, size, hid)))
    raise ValueError("no register map for %r; View(map, regs) takes one of your own" % (dev,))


def _named(name):
    for system in layouts.system():
        if system[0] == name:
            return Device(name, [(system[3], layouts.system_view(*system))])
    if name == "timer":
        from probe import systimer

        return Device(name, [("system registers", systimer.view())])
    for own, function in _functions():
        if own == name:
            return Device(name, *layouts.of_function(function))
    if ":" in name:
        import pci

        return Device(name, *layouts.of_function(pci.function(name)))
    raise AttributeError("no device %s: %s" % (name, " ".join(names())))


def regs(dev):
    """Print all registers of a device, decoded; those whose reading has effects are not read.

    dev: as device(); what it raises.
    """
    print(device(dev))


def name(address):
    """What is at an address: "gicd CTLR", "xhci0 PORTSC[1]", "xhci0 bar0+0x60"; or None."""
    for system in layouts.system():
        into = address - system[1]
        if 0 <= into < system[2]:
            label = layouts.system_view(*system)._map.name(into)
            return "%s %s" % (system[0], label or "+%#x" % into)
    for own, function in _functions():
        for bar in function.bars:
            base = function.host.cpu(bar.kind, bar.address) if bar.address else None
            if base is not None and base <= address < base + bar.size:
                between = "%s bar%u+%#x" % (own, bar.index, address - base)
                return _name_in(own, function, address) or between
    return None


def _name_in(own, function, address):
    try:
        views = layouts.of_function(function)[0]
    except OSError:
        return None  # its registers cannot be reached, but the address is in its BAR
    for _, view in views:
        into = address - view._regs.base
        if 0 <= into < view._regs.size:
            label = view._map.name(into)
            if label:
                return "%s %s" % (own, label)
    return None


def addr(dev, register, index=0):
    """Address of a register: addr("gicd", "CTLR"), addr("xhci0", "PORTSC", 1).

    Raises AttributeError, IndexError, ValueError for system registers, and what device() raises.
    """
    view = device(dev)._view(register)
    if view._regs.base is None:
        raise ValueError("%s is a system register, without an address" % register)
    return view._regs.base + view._map.offset(register, index)
