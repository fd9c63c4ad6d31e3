"""Root ports of an xHCI controller: one hub for USB 2, one for USB 3 (xHCI 1.2 §4.19, §5.4.8)."""

import errno

from micropython import const

import usbport
from usbroot import RootHub as Base

_PORTSC = const(0x400)  # + 0x10 each
_CCS = const(1 << 0)
_PED = const(1 << 1)  # RW1C: a 1 disables the port
_PR = const(1 << 4)
_PP = const(1 << 9)
_LWS = const(1 << 16)
_CHANGES = const(0x7F << 17)  # RW1C: CSC PEC WRC OCC PRC PLC CEC
_PRC = const(1 << 21)
_WRC = const(1 << 19)
_WPR = const(1 << 31)
_KEPT = const(1 << 9 | 3 << 14 | 7 << 25)  # PP, PIC and wake bits are written back as read
_STEP_MS = const(2)
_RESET_MS = const(800)  # USB 3.2 §7.5.9: 12 tries of 12 to 360 ms; USB 2.0 §7.1.7.5: 50 ms


class RootHub(Base):
    """The ports of one or more Protocols with the same major.  on_change(hub, mask): set by core.

    ports: how many; speed_class: 2 or 3; mask: bit n for port n, counted from 1.
    """

    NOW = ((0, 0), (1, 1), (3, 3), (4, 4), (9, 8))
    CHANGED = ((17, 16), (18, 17), (19, 21), (20, 19), (21, 20), (22, 22), (23, 23))
    POWERED = _PP
    KEPT = _KEPT

    def __init__(self, name, op, protocols, ppc, gentle=False):
        self.speed_class = protocols[0].major
        self._gentle = gentle
        self._map = [(p.first + i, p) for p in protocols for i in range(p.count)]
        super().__init__(name, op, len(self._map), ppc)

    def __repr__(self):
        return "<xHCI %s USB %d hub, %d ports>" % (self.name, self.speed_class, self.ports)

    def root(self, port):
        """(number the controller gives the port, slot type)."""
        number, protocol = self._map[port - 1]
        return number, protocol.slot_type

    def find(self, number):
        """The hub's port for the controller's, or 0."""
        for i in range(self.ports):
            if self._map[i][0] == number:
                return i + 1
        return 0

    def _portsc(self, port):
        return _PORTSC + 16 * (self._map[port - 1][0] - 1)

    def speed_id(self, port):
        """The number that a slot context has for this port's speed."""
        return self.portsc(port) >> 10 & 15

    def status(self, port):
        """What is and what has changed: bits of usbport."""
        if self.dead:
            return usbport.C_CONNECTED
        value = self.portsc(port)
        out = self._bits(value)
        speed = value >> 10 & 15
        name = self._map[port - 1][1].speeds.get(speed)
        if name:
            speed = usbport.SPEEDS.index(name)
        if value & _WPR:
            out |= usbport.RESET
        if value & _CCS and (value & _PED or self.speed_class == 3):
            out |= (speed & 7) << usbport.SPEED_SHIFT
        return out | (value >> 5 & 15) << usbport.LINK_SHIFT

    def clear_all(self):
        """Acknowledge every change of every port."""
        for port in range(1, self.ports + 1):
            if self.portsc(port) & _CHANGES:
                self._write(port, _CHANGES)

    def disable(self, port):
        """Disable a port.  USB 3: by its link state (§4.19.1.2)."""
        if self.speed_class == 3:
            self._write(port, _LWS | usbport.LINK_DISABLED << 5)
        elif self.portsc(port) & _PED:
            self._write(port, _PED)

    def reset(self, port, warm=False, force=False):
        """Generator: bring a connected port to enabled, changes cleared; gives its status().

        A USB 3 port that is enabled already is left alone (observed: Parallels', which some report
        to lose its endpoints by it) unless force or warm.  warm: USB 3's warm reset.
        Raises OSError: ENODEV nothing there, ETIMEDOUT, EIO it does not become enabled.
        """
        value = self.portsc(port)
        warm = warm and self.speed_class == 3 and not (self._gentle and value & _PED)
        if not warm and not value & _CCS:
            raise OSError(errno.ENODEV, self._text(port, value, "nothing is connected"))
        if value & _PED and self.speed_class == 3 and not force and not warm:
            self.clear(port)
            return self.status(port)
        self._write(port, _CHANGES)
        self._write(port, _WPR if warm else _PR)
        left = _RESET_MS
        while True:
            value = self.portsc(port)
            if value & _PRC and (not warm or value & _WRC) and not value & _PR:
                break
            if left <= 0:
                raise OSError(errno.ETIMEDOUT, self._text(port, value, "reset does not end"))
            yield _STEP_MS
            left -= _STEP_MS
        self._write(port, _CHANGES)
        value = self.portsc(port)
        if not value & _CCS:
            raise OSError(errno.ENODEV, self._text(port, value, "gone during reset"))
        if not value & _PED:
            raise OSError(errno.EIO, self._text(port, value, "reset did not enable it"))
        return self.status(port)

    def _text(self, port, value, why):
        return "xhci %s port %d: %s: PORTSC is 0x%x" % (self.name, self.root(port)[0], why, value)


def hubs(caps, gentle=False):
    """The RootHubs of a controller, USB 3 first: what is there comes up on it.

    gentle: an enabled USB 3 port gets no warm reset either.
    """
    out = []
    for major in (3, 2):
        mine = [p for p in caps.protocols if p.major == major]
        if mine:
            out.append(RootHub(caps.name, caps.op, mine, caps.ppc, gentle))
    return out
