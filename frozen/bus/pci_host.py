"""Configuration space by ECAM (PCIe 5.0 §7.2.2), and the address windows of a PCI host."""

import mmio
from micropython import const

_FUNCTION = const(0x1000)
_IO_FIRST = const(0x1000)  # below are the fixed ports of old devices
_4G = const(1 << 32)


class Host:
    """The configuration space of buses first to last of one segment; never reads outside of it.

    base: physical address of bus 0.  windows: tuples (kind "mem" or "io", first and last address
    on the bus, what to add for the CPU's address, bits, prefetchable), empty where nothing says.
    prt: gives tuples (address, pin, source, INTID) as acpi does; called when a pin is first
    routed.  ram: (base, size) pieces where no BAR can be.
    """

    def __init__(self, base, first=0, last=255, segment=0, windows=(), prt=list, ram=()):
        self.first = first
        self.last = last
        self.segment = segment
        self._roots = [w[1] for w in windows if w[0] == "bus"]
        self.windows = [w for w in windows if w[0] in ("mem", "io") and w[1] <= w[2]]
        self._prt = prt
        self._routes = None
        self.ram = ram
        self.children = []
        start = base + (first << 20)
        self.ecam = mmio.Regs(start, (last - first + 1) << 20, 32, "ecam")

    def roots(self):
        """The root buses, ascending: the first bus, and where else a root bridge begins."""
        return sorted({self.first} | {b for b in self._roots if self.first <= b <= self.last})

    def route(self, dev, pin):
        """INTID of a pin (0 for A) of a device on a root bus by _PRT, or None.

        ACPI 6.5 §6.2.13: the address has the device in its upper half, all functions in the lower.
        """
        if self._routes is None:
            self._routes = {(a >> 16, p): intid for a, p, _, intid in self._prt()}
        return self._routes.get((dev, pin))

    def offset(self, bus, dev, fn):
        """Where a function is in `ecam`.  Raises ValueError outside the range."""
        if not (self.first <= bus <= self.last and 0 <= dev < 32 and 0 <= fn < 8):
            raise ValueError(
                "%02x:%02x.%x: the buses are %02x to %02x" % (bus, dev, fn, self.first, self.last)
            )
        return (bus - self.first) << 20 | dev << 15 | fn << 12

    def cfg(self, bus, dev, fn, name=""):
        """Registers of one function, 4 KiB."""
        return self.ecam.window(self.offset(bus, dev, fn), _FUNCTION, name)

    def cpu(self, kind, address):
        """The CPU's address of a bus address; itself where no window holds it, None for a port."""
        io = kind == "io"
        for window in self.windows:
            if (window[0] == "io") == io and window[1] <= address <= window[2]:
                return address + window[3]
        return None if io else address

    def ranges(self, kind):
        """(first, last) on the bus where BARs go: "io", "mem" (below 4 GiB), "pref" (above)."""
        found = []
        for what, low, high, _, _, _ in self.windows:
            if kind == "io":
                if what == "io" and high >= _IO_FIRST:
                    found.append((max(low, _IO_FIRST), high))
            elif what == "mem":
                if kind == "mem" and low < _4G:
                    found.append((max(low, 0x1000), min(high, _4G - 1)))
                elif kind == "pref" and high >= _4G:
                    found.append((max(low, _4G), high))
        return found


def _ram():
    import boot

    return [piece[:2] for piece in boot.memory() if piece[2] in ("free", "image", "boot")]


def hosts():
    """The Hosts that the boot path found, with the windows and routes that the tables give."""
    import boot

    hw = boot.hw()
    if not hw["ecam"]:
        return []
    ram = _ram()
    roots = _roots(hw["fdt"])
    found = []
    for base, segment, first, last in hw["ecam"]:
        windows, prt = roots.get(segment, ([], list))
        found.append(Host(base, first, last, segment, windows, prt, ram))
    return found


def _routes(bridges):
    """What gives the _PRT entries of these ACPI devices: evaluating them is much work."""
    return lambda: [entry for device in bridges for entry in device.prt]


def _roots(fdt_at):
    """{segment: (windows, what gives its routes)} by ACPI, by device tree where there is none."""
    import acpi

    found = {}
    for device in acpi.devices():
        if device.hid in ("PNP0A08", "PNP0A03"):
            segment = device.value("_SEG", 0)
            segment = segment if isinstance(segment, int) else 0
            windows, bridges = found.get(segment, ([], []))
            found[segment] = (windows + device.windows, bridges + [device])
    if not found and fdt_at:
        import pci_fdt

        return {0: pci_fdt.root(fdt_at)}
    return {segment: (windows, _routes(bridges)) for segment, (windows, bridges) in found.items()}
