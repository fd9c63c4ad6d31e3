"""One PCI function: what it is, its BARs as register windows, its capabilities and interrupt."""

import mmio
from micropython import const

import pci_bars
import pci_caps

_EBUSY = const(16)  # the unix port's errno lacks both
_ENXIO = const(6)
_COMMAND = const(0x04)
_COMMAND_IO = const(1 << 0)
_COMMAND_MEM = const(1 << 1)
_COMMAND_MASTER = const(1 << 2)
_HEADER_TYPE = const(0x0E)
_INT_PIN = const(0x3D)
_TO_PCI = const(7)  # device/port type of PCIe 5.0 §7.5.3.2
_VECTORS = const(8)  # messages are scarce: 64 for all devices behind a GICv2m frame


class Function:
    """vendor, device, class_ (24 bits), rev, header (type 0 to 2) as read; bdf "00:03.0".

    cfg: mmio.Regs of its configuration space, 4 KiB.  bars: list of Bars, None before they are
    read.  parent: the bridge it is behind, None on a root bus; children: functions behind it.
    secondary, subordinate, windows: of a bridge.
    """

    def __init__(self, host, bus, dev, fn, parent=None):
        self.host = host
        self.bus = bus
        self.dev = dev
        self.fn = fn
        self.parent = parent
        self.bdf = "%02x:%02x.%x" % (bus, dev, fn)
        if host.segment:
            self.bdf = "%04x:%s" % (host.segment, self.bdf)
        self.cfg = cfg = host.cfg(bus, dev, fn, self.bdf)
        ids = cfg.read32(0)
        self.vendor = ids & 0xFFFF
        self.device = ids >> 16
        code = cfg.read32(8)
        self.rev = code & 0xFF
        self.class_ = code >> 8
        header = cfg.read8(_HEADER_TYPE)
        self.header = header & 0x7F
        self.multifunction = bool(header >> 7)
        self.children = []
        self.bars = None
        self.windows = []
        self.secondary = 0
        self.subordinate = 0
        self._interrupt = None

    def __repr__(self):
        return "<%s %04x:%04x class %06x>" % (self.bdf, self.vendor, self.device, self.class_)

    def same(self, other):
        """Whether `other`, read at the same place, is this function with its BARs unmoved."""
        if (self.vendor, self.device, self.class_, self.rev) != (
            other.vendor,
            other.device,
            other.class_,
            other.rev,
        ):
            return False
        return all(pci_bars.address_of(self.cfg, bar) == bar.address for bar in self.bars)

    @property
    def address(self):
        """Bus, device and function as 16 bits."""
        return self.bus << 8 | self.dev << 3 | self.fn

    @property
    def requester(self):
        """16 bits that an ITS or IOMMU sees its writes come from.

        A bridge from PCI Express to PCI puts its secondary bus in front of what is behind it, a
        plain PCI bridge itself: PCI Express to PCI Bridge 1.0 §2.3.
        """
        found, above = self.address, self.parent
        while above is not None:
            express = above.capability(pci_caps.PCIE)
            if express is None:
                found = above.address
            elif express.fields()["type"] == _TO_PCI:
                found = above.secondary << 8
            above = above.parent
        return found

    @property
    def bridge(self):
        """Whether it is a PCI-to-PCI bridge."""
        return self.header == 1 and self.class_ >> 8 == 0x0604

    @property
    def subsystem(self):
        """(vendor, device) of the board or VM."""
        if self.header == 0:
            ids = self.cfg.read32(0x2C)
            return ids & 0xFFFF, ids >> 16
        cap = self.capability(pci_caps.BRIDGE_SSVID) if self.header == 1 else None
        if cap is None:
            return 0, 0
        fields = cap.fields()
        return fields["vendor"], fields["device"]

    def capabilities(self):
        """List of Capability, extended ones last.  A broken chain ends where it breaks."""
        return pci_caps.walk(self.cfg, self.vendor)[0]

    def capability(self, id, extended=False):
        """The first Capability of that id, or None."""
        for cap in self.capabilities():
            if cap.id == id and cap.extended == extended:
                return cap
        return None

    def bar_of(self, index):
        """The Bar of that number.  Raises ValueError where there is none."""
        for bar in self.bars:
            if bar.index == index:
                return bar
        raise ValueError("%s has no BAR %d" % (self.bdf, index))

    def bar(self, index, width=32):
        """mmio.Regs of what a BAR maps; decoding must be on to reach it: enable().

        Raises ValueError where there is no such BAR, OSError(ENXIO) while it has no address,
        OSError(EBUSY) where it overlaps something or lies outside its bridge's window.
        """
        bar = self.bar_of(index)
        if bar.problem:
            self._refuse(_EBUSY, bar.index, bar.problem)
        base = self.host.cpu(bar.kind, bar.address)
        if not bar.address or base is None:
            self._refuse(_ENXIO, bar.index, "has no address")
        return mmio.Regs(base, bar.size, width, "%s bar%d" % (self.bdf, index))

    def _refuse(self, code, index, why):
        raise OSError(code, "%s BAR %d %s" % (self.bdf, index, why))

    def enable(self, memory=True, master=True, io=None):
        """Turn decoding and bus mastering on (False: off, None: leave), of bridges above, too.

        Gives the Function.
        """
        command = old = self.cfg.read16(_COMMAND)
        for bit, wanted in ((_COMMAND_IO, io), (_COMMAND_MEM, memory), (_COMMAND_MASTER, master)):
            if wanted is not None:
                command = command | bit if wanted else command & ~bit
        if command & 7 and self.parent:
            on = command & 7
            self.parent.enable(bool(on & 2) or None, bool(on & 4) or None, bool(on & 1) or None)
        if command != old:
            self.cfg.write16(_COMMAND, command)
        return self

    @property
    def pin(self):
        """INTx pin, 1 for A to 4 for D; 0 for none."""
        pin = self.cfg.read8(_INT_PIN)
        return pin if pin <= 4 else 0

    @property
    def intid(self):
        """INTID of the INTx pin by _PRT or the device tree, or None.

        Behind a bridge the pin rotates by the device's number: PCI-to-PCI Bridge 1.2 §9.1.
        """
        pin, f = self.pin - 1, self
        if pin < 0:
            return None
        while f.parent is not None:
            pin = (pin + f.dev) % 4
            f = f.parent
        return f.host.route(f.dev, pin)

    def irq(self, handler, vector=0, hard=False, name=None):
        """Hook an interrupt: MSI-X, else MSI, else INTx by _PRT; the Line that irq gives.

        vector: which message of several; 0 alone for INTx.  An INTx handler has to make the device
        drop its request: the line is level and stays masked until it has returned.
        Bus mastering must be on for messages: enable().
        Raises ValueError (no such vector), OSError(EBUSY) (taken), OSError(ENODEV) (no way).
        """
        return self.interrupts().hook(handler, vector, hard, name)

    def interrupts(self, count=_VECTORS, kinds=("msix", "msi", "intx")):
        """The pci_irq.Interrupt of this function, set up by the first call until release().

        count: vectors to take at most, of those the device has; kinds: what to try, in this order.
        Raises OSError(ENODEV).
        """
        if self._interrupt is None:
            import pci_irq

            self._interrupt = pci_irq.Interrupt(self, count, kinds)
        return self._interrupt

    def release(self):
        """Undo irq(): the function sends nothing, its lines and vectors are free again."""
        if self._interrupt is not None:
            self._interrupt.release()
            self._interrupt = None
