"""PCI functions as models: configuration space with its writable bits, behind an ECAM window.

root = Ecam(buses=4)
root.add(2, 0, Device(0x1234, 0x11E8, 0xFF0000, bars=[(0x100000, 0)]))
host = pci_host.Host(ECAM, 0, 3, windows=WINDOWS)
"""

import mmio

BASE = 0x4010000000  # where Ecam puts itself


class Device:
    """Configuration space of one function: buf as it reads, mask of the bits that a write changes.

    bars: (size, low type bits) by number, None to leave one out; rom: size.
    """

    def __init__(self, vendor, device, class_, header=0, bars=(), rom=0):
        self.buf = bytearray(4096)
        self.mask = bytearray(4096)
        self.log = []
        self.put(0, vendor | device << 16)
        self.put(8, class_ << 8)
        self.buf[0x0E] = header
        self.put(0x04, 0, 0x0547)
        index = 0
        for bar in bars:
            if bar:
                size, low = bar
                wide = low & 7 == 4
                self.put(0x10 + 4 * index, low, -size & (0xFFFFFFFC if low & 1 else 0xFFFFFFF0))
                if wide:
                    index += 1
                    self.put(0x10 + 4 * index, 0, -size >> 32 & 0xFFFFFFFF)
            index += 1
        if rom:
            self.put(0x30 if header & 0x7F == 0 else 0x38, 0, (-rom & 0xFFFFF800) | 1)
        self.put(0x3C, 0, 0xFF)
        if header & 0x7F == 1:
            self.put(0x18, 0, 0xFFFFFF)
            self.put(0x1C, 0x0101, 0xF0F0)
            self.put(0x20, 0, 0xFFF0FFF0)
            self.put(0x24, 0x00010001, 0xFFF0FFF0)
            self.put(0x28, 0, 0xFFFFFFFF)
            self.put(0x2C, 0, 0xFFFFFFFF)
            self.put(0x30, 0, 0xFFFFFFFF)

    def put(self, off, value, mask=0, size=4):
        """Set what a register reads and which of its bits are writable."""
        self.buf[off : off + size] = value.to_bytes(size, "little")
        self.mask[off : off + size] = mask.to_bytes(size, "little")

    def get(self, off, size=4):
        """What a register reads."""
        return int.from_bytes(self.buf[off : off + size], "little")

    def capability(self, off, data, mask=None):
        """Put a capability at `off` and at the head of the chain; data: from its third byte."""
        self.buf[off : off + 2] = bytes((data[0], self.buf[0x34]))
        self.buf[off + 2 : off + 1 + len(data)] = data[1:]
        if mask:
            self.mask[off + 2 : off + 2 + len(mask)] = mask
        self.buf[0x34] = off
        self.buf[6] |= 0x10

    def read(self, off, bits):
        return int.from_bytes(self.buf[off : off + bits // 8], "little")

    def write(self, off, bits, value):
        self.log.append((off, bits, value))
        for i in range(bits // 8):
            mask = self.mask[off + i]
            self.buf[off + i] = self.buf[off + i] & ~mask & 0xFF | value >> 8 * i & mask


class Ecam:
    """The buses of one host.  add() devices to it, or to a bridge by `behind`."""

    def __init__(self, buses=256, base=BASE, first=0):
        self.first = first
        self.devices = {}  # (bridge or None, device, function): Device
        self.stray = []  # accesses that reached no function
        mmio.attach(base + (first << 20), buses << 20, self)

    def add(self, dev, fn, device, behind=None):
        """Plug a Device in; it."""
        self.devices[behind, dev, fn] = device
        return device

    def _below(self, bus):
        """The bridge whose secondary bus is `bus`; None for the first bus, False for nobody."""
        above, below = None, self.first
        for _ in range(64):
            if below == bus:
                return above
            for (behind, _, _), device in self.devices.items():
                if behind is above and device.buf[0x0E] & 0x7F == 1:
                    second, last = device.buf[0x19], device.buf[0x1A]
                    if second and second <= bus <= last:
                        above, below = device, second
                        break
            else:
                return False
        return False

    def find(self, off):
        """The Device that an offset in the window reaches, or None."""
        bus = self.first + (off >> 20)
        above = self._below(bus)
        return None if above is False else self.devices.get((above, off >> 15 & 31, off >> 12 & 7))

    def read(self, off, bits):
        device = self.find(off)
        if device is None:
            return (1 << bits) - 1
        return device.read(off & 4095, bits)

    def write(self, off, bits, value):
        device = self.find(off)
        if device is None:
            self.stray.append((off, value))
        else:
            device.write(off & 4095, bits, value)
