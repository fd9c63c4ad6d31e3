"""Root ports of an EHCI controller, and who owns them (EHCI 1.0 §2.3.9, §4.2)."""

import errno

from micropython import const

import usbport
from usbroot import RootHub as Base

_PORTSC = const(0x44)  # + 4 each
_CCS = const(1 << 0)
_PED = const(1 << 2)  # a 0 disables the port, a 1 does nothing
_RESET = const(1 << 8)
_LINE_K = const(1 << 10)  # of LS: low speed, as long as the port is not enabled
_LINE = const(3 << 10)
_POWER = const(1 << 12)
_OWNER = const(1 << 13)  # 1: a companion controller
_RW1C = const(1 << 1 | 1 << 3 | 1 << 5)  # CSC, PEDC, OCC
_RESET_MS = const(51)  # TDRSTR, USB 2.0 §7.1.7.5: 50; the first has begun
_END_MS = const(20)  # §2.3.9: 2
_EOPNOTSUPP = const(95)


class RootHub(Base):
    """The ports of a controller.  on_change(hub, mask): set by core."""

    speed_class = 2
    NOW = ((0, 0), (2, 1), (4, 3), (8, 4), (12, 8))
    CHANGED = ((1, 16), (3, 17), (5, 19))
    POWERED = _POWER
    KEPT = 0xFFFFFFFF & ~_RW1C

    def __init__(self, caps, log):
        super().__init__(caps.name, caps.op, caps.ports, caps.ppc)
        self._companions = caps.companions
        self._log = log

    def __repr__(self):
        return "<EHCI %s hub, %d ports>" % (self.name, self.ports)

    def _portsc(self, port):
        return _PORTSC + 4 * (port - 1)

    def status(self, port):
        """What is and what has changed: bits of usbport.  A companion's device is not there."""
        if self.dead:
            return usbport.C_CONNECTED
        value = self.portsc(port)
        out = self._bits(value)
        if value & _OWNER:
            out &= ~(usbport.CONNECTED | usbport.ENABLED)
        if out & usbport.ENABLED:
            out |= 3 << usbport.SPEED_SHIFT
        elif out & usbport.CONNECTED and value & _LINE == _LINE_K:
            out |= 2 << usbport.SPEED_SHIFT
        return out

    def changed(self):
        """Tell core of every port that has changes.  Softly."""
        mask = 0
        for port in range(1, self.ports + 1):
            if self.portsc(port) & _RW1C:
                mask |= 1 << port
        self.tell(mask)

    def disable(self, port):
        """What is plugged in hears nothing until it is reset."""
        at = self._at(port)
        self._op[at] = self._op[at] & ~(_RW1C | _PED)

    def reset(self, port, warm=False):
        """Generator: bring a connected high-speed device to enabled; gives status().

        What is slower goes to the companion controller and is not there then (§4.2.2).
        Raises OSError: ENODEV nothing there, ETIMEDOUT, EOPNOTSUPP too slow and no companion.
        """
        at, op = self._at(port), self._op
        value = op[at]
        if not value & _CCS or value & _OWNER:
            raise OSError(errno.ENODEV, self._text(port, value, "nothing is connected"))
        if not value & _PED and value & _LINE == _LINE_K:
            return self._hand_over(port, value, "low")
        op[at] = value & ~(_RW1C | _PED) | _RESET
        yield _RESET_MS
        op.modify(at, _RW1C | _RESET, 0)
        left = _END_MS
        while op[at] & _RESET:
            if not left:
                raise OSError(errno.ETIMEDOUT, self._text(port, op[at], "reset does not end"))
            yield 1
            left -= 1
        value = op[at]
        if value & _CCS and not value & _PED:
            return self._hand_over(port, value, "full")
        return self.status(port)

    def _hand_over(self, port, value, speed):
        if not self._companions:
            why = "%s speed, and no companion controller" % speed
            raise OSError(_EOPNOTSUPP, self._text(port, value, why))
        self._op.modify(self._at(port), _RW1C, _OWNER)
        self._log(6, "ehci: %s: port %d: %s speed: to the companion" % (self.name, port, speed))
        return self.status(port)

    def _text(self, port, value, why):
        return "ehci %s port %d: %s: PORTSC is 0x%x" % (self.name, port, why, value)

    def report(self):
        """A line for each port: PORTSC, whether something is there, whose it is."""
        return [text(port, self.portsc(port)) for port in range(1, self.ports + 1)]


def text(port, value):
    """One port in words."""
    owner = "companion" if value & _OWNER else "EHCI"
    return "port %d: PORTSC 0x%08x CCS=%d PED=%d PP=%d owner %s" % (
        port,
        value,
        value & 1,
        value >> 2 & 1,
        value >> 12 & 1,
        owner,
    )
