"""What an EHCI controller says of itself, checked against its BAR (EHCI 1.0 §2.1, §2.2)."""

import errno

from micropython import const

_CAPLENGTH = const(0x00)  # §2.2.1, HCIVERSION above it
_HCSPARAMS = const(0x04)  # §2.2.3
_HCCPARAMS = const(0x08)  # §2.2.4
_CAP_BYTES = const(0x0C)
_PORTS = const(0x44)  # §2.3.9, from the operational base
_FIRST_EECP = const(0x40)  # §2.2.4
_CONFIG_BYTES = const(0x100)
_EXTENDED = const(48)  # of them, at most
_LEGACY = const(1)  # their id, §5
_BIOS = const(1 << 16)  # USBLEGSUP, §2.1.7
_OS = const(1 << 24)
_LEGCTL = const(4)  # USBLEGCTLSTS, §2.1.8
_LEGCTL_EVENTS = const(7 << 29)  # RW1C; what else it has enables SMIs
_HANDOFF_MS = const(1000)  # §5.1 gives no limit; as Linux
_STEP_MS = const(10)


class Caps:
    """regs: mmio.Regs of the BAR; cfg: of the configuration space.  log(level, text).  Reads only.

    op: window; version; ports; companions: controllers for full and low speed; ppc: ports' power
    can be switched; wide: 64-bit addresses; legacy: offset of USBLEGSUP in cfg, or 0.
    Raises OSError(ENODEV) for what cannot be.
    """

    def __init__(self, regs, cfg, name, log):
        self.name = name
        self._cfg = cfg
        self._log = log
        first = regs[_CAPLENGTH]
        length = first & 0xFF
        self.version = first >> 16
        sizes = regs[_HCSPARAMS]
        self.ports = sizes & 15
        self.ppc = bool(sizes & 1 << 4)
        self.companions = sizes >> 12 & 15
        self.flags = flags = regs[_HCCPARAMS]
        self.wide = bool(flags & 1)
        if first == 0xFFFFFFFF or length < _CAP_BYTES or length % 4:
            self._refuse("CAPLENGTH", first)
        if not self.ports:
            self._refuse("HCSPARAMS", sizes)
        size = _PORTS + 4 * self.ports
        if length + size > regs.size:
            self._refuse("CAPLENGTH", first)
        self.op = regs.window(length, size, "ehci %s" % name)
        self.legacy = self._find_legacy(flags >> 8 & 0xFF)

    def __str__(self):
        return "EHCI %x.%02x, %d ports, %d companions" % (
            self.version >> 8,
            self.version & 0xFF,
            self.ports,
            self.companions,
        )

    def _refuse(self, register, value):
        raise OSError(errno.ENODEV, "ehci %s: %s is 0x%x" % (self.name, register, value))

    def _find_legacy(self, at):
        """USBLEGSUP in the chain of extended capabilities (§2.2.4); a bad chain ends there."""
        for _ in range(_EXTENDED):
            if at < _FIRST_EECP or at % 4 or at + _LEGCTL + 4 > _CONFIG_BYTES:
                if at:
                    self._log(4, "ehci: %s: EECP is 0x%x: ignored" % (self.name, at))
                return 0
            head = self._cfg[at]
            if head == 0xFFFFFFFF:
                return 0
            if head & 0xFF == _LEGACY:
                return at
            at = head >> 8 & 0xFF
        return 0

    def take(self, clock):
        """Ownership from the firmware, its SMIs off (§5.1)."""
        at, cfg = self.legacy, self._cfg
        if not at:
            return
        if cfg[at] & _BIOS:
            cfg.write8(at + 3, 1)
            for _ in range(_HANDOFF_MS // _STEP_MS):
                if not cfg[at] & _BIOS:
                    break
                clock.sleep_ms(_STEP_MS)
            else:
                self._log(4, "ehci: %s: firmware keeps it, taken all the same" % self.name)
                cfg.write8(at + 2, 0)
        cfg[at + _LEGCTL] = _LEGCTL_EVENTS
