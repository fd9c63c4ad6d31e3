"""What an xHCI controller says of itself, checked against its BAR (xHCI 1.2 §5.3, §7)."""

import errno

from micropython import const

_CAPLENGTH = const(0x00)  # §5.3.1, HCIVERSION above it
_HCSPARAMS1 = const(0x04)  # §5.3.3
_HCSPARAMS2 = const(0x08)  # §5.3.4
_HCCPARAMS1 = const(0x10)  # §5.3.6
_DBOFF = const(0x14)  # §5.3.7
_RTSOFF = const(0x18)  # §5.3.8
_CAP_BYTES = const(0x20)
_PORTS = const(0x400)  # §5.4.8, from the operational base
_INTERRUPTER = const(0x20)  # §5.5.2: the first one, and the bytes of each
_HCC_AC64 = const(1 << 0)
_HCC_CSZ = const(1 << 2)
_HCC_PPC = const(1 << 3)
_LEGACY = const(1)  # ids of extended capabilities, §7
_PROTOCOL = const(2)
_USB = const(0x20425355)  # "USB "
_EXTENDED = const(64)  # of them, at most
_BIOS = const(1 << 16)  # USBLEGSUP, §7.1.1
_OS = const(1 << 24)
_LEGCTL = const(4)  # USBLEGCTLSTS, §7.1.2
_LEGCTL_ENABLES = const(1 << 0 | 1 << 4 | 7 << 13)
_LEGCTL_EVENTS = const(7 << 29)  # RW1C
_HANDOFF_US = const(1_000_000)  # §4.22.1: within a second

_MBITS = ((1, "low"), (12, "full"), (480, "high"), (5000, "super"))


class Protocol:
    """Ports of one kind (§7.2): major, minor, first, count, slot_type; speeds: {PSIV: name}."""

    def __init__(self, major, minor, first, count, slot_type, speeds):
        self.major = major
        self.minor = minor
        self.first = first
        self.count = count
        self.slot_type = slot_type
        self.speeds = speeds

    def __repr__(self):
        last = self.first + self.count - 1
        return "USB %d.%02x ports %d-%d" % (self.major, self.minor, self.first, last)


class Caps:
    """regs: mmio.Regs of the BAR.  log(level, text).  Reads only.

    op, runtime, doorbells: windows; version, slots, ports, scratchpads, segments (of an event
    ring, at most), stride (bytes of a context), wide (64-bit addresses), ppc; protocols; legacy:
    offset of USBLEGSUP or 0.  Raises OSError(ENODEV) for what cannot be.
    """

    def __init__(self, regs, name, log):
        self.name = name
        self._r = regs
        self._log = log
        first = regs[_CAPLENGTH]
        if first == 0xFFFFFFFF:
            self._refuse("CAPLENGTH", first)
        length = first & 0xFF
        self.version = first >> 16
        sizes = regs[_HCSPARAMS1]
        self.slots = sizes & 0xFF
        self.ports = sizes >> 24
        more = regs[_HCSPARAMS2]
        self.segments = 1 << (more >> 4 & 15)
        self.scratchpads = (more >> 21 & 31) << 5 | more >> 27
        self.flags = flags = regs[_HCCPARAMS1]
        self.wide = bool(flags & _HCC_AC64)
        self.stride = 64 if flags & _HCC_CSZ else 32
        self.ppc = bool(flags & _HCC_PPC)
        if not self.slots or not self.ports:
            self._refuse("HCSPARAMS1", sizes)
        if length < _CAP_BYTES or length % 4:
            self._refuse("CAPLENGTH", length)
        doorbells, runtime = regs[_DBOFF] & ~3, regs[_RTSOFF] & ~31
        self.op = self._window("CAPLENGTH", length, _PORTS + 16 * self.ports)
        self.runtime = self._window("RTSOFF", runtime, 2 * _INTERRUPTER)
        self.doorbells = self._window("DBOFF", doorbells, 4 * (self.slots + 1))
        self.legacy = 0
        self.protocols = []
        self._extended(flags >> 16 << 2)
        if not self.protocols:
            raise OSError(errno.ENODEV, "xhci %s: no port has a protocol" % name)

    def __str__(self):
        return "xHCI %x.%02x, %d slots, %s, %d-byte contexts, %d scratchpads" % (
            self.version >> 8,
            self.version & 0xFF,
            self.slots,
            ", ".join(str(p) for p in self.protocols),
            self.stride,
            self.scratchpads,
        )

    def _refuse(self, register, value):
        raise OSError(errno.ENODEV, "xhci %s: %s is 0x%x" % (self.name, register, value))

    def _window(self, register, offset, size):
        if offset < _CAP_BYTES or offset + size > self._r.size:
            self._refuse(register, offset)
        return self._r.window(offset, size, "xhci %s %s" % (self.name, register))

    def _extended(self, at):
        """Walk the extended capabilities (§7); a chain that leaves the BAR ends there."""
        r = self._r
        for _ in range(_EXTENDED):
            if not at or at + 4 > r.size:
                break
            head = r[at]
            if head == 0xFFFFFFFF:
                break
            if head & 0xFF == _LEGACY and at + 8 <= r.size:
                self.legacy = at
            elif head & 0xFF == _PROTOCOL and at + 16 <= r.size:
                self._protocol(at, head)
            step = head >> 8 & 0xFF
            at = at + 4 * step if step else 0
        if at:
            self._log(4, "xhci: %s: extended capabilities end at 0x%x" % (self.name, at))

    def _protocol(self, at, head):
        r = self._r
        where, major = r[at + 8], head >> 24
        first, count = where & 0xFF, where >> 8 & 0xFF
        taken = 0
        for p in self.protocols:
            taken |= ((1 << p.count) - 1) << p.first
        good = r[at + 4] == _USB and major in (2, 3) and first and count
        if not good or first + count - 1 > self.ports or taken & ((1 << count) - 1) << first:
            self._log(
                4,
                "xhci: %s: protocol 0x%x, ports 0x%x at 0x%x: ignored"
                % (self.name, head, where, at),
            )
            return
        speeds = {}
        for n in range(where >> 28):
            if at + 20 + 4 * n > r.size:
                break
            psi = r[at + 16 + 4 * n]
            if psi & 15:
                speeds[psi & 15] = _speed(psi)
        slot_type = r[at + 12] & 31
        minor = head >> 16 & 0xFF
        self.protocols.append(Protocol(major, minor, first, count, slot_type, speeds))

    def take(self):
        """Ownership from the firmware, its SMIs off (§4.22.1)."""
        at = self.legacy
        if not at:
            return
        r = self._r
        if r[at] & _BIOS:
            r.set(at, _OS)
            if not r.wait(at, _BIOS, 0, _HANDOFF_US):
                self._log(4, "xhci: %s: firmware keeps it, taken all the same" % self.name)
                r.clear(at, _BIOS)
        if at + _LEGCTL + 4 <= r.size:
            r[at + _LEGCTL] = r[at + _LEGCTL] & ~_LEGCTL_ENABLES | _LEGCTL_EVENTS


def _speed(psi):
    """The name of what a PSI dword means (§7.2.1): mantissa × 1000^exponent bits per second."""
    bits = (psi >> 16) * 1000 ** (psi >> 4 & 3)
    for mbits, name in _MBITS:
        if bits <= (mbits * 1000000 if mbits > 1 else 1500000):
            return name
    return "super+"
