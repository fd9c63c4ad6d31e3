"""Root ports of an xHCI controller: one hub for USB 2, one for USB 3 (xHCI 1.2 §4.19, §5.4.8)."""

import errno

from micropython import const

import usbport

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
# (bit of PORTSC, what usbport calls it)
_NOW = ((0, 0), (1, 1), (3, 3), (4, 4), (9, 8))
_CHANGED = ((17, 16), (18, 17), (19, 21), (20, 19), (21, 20), (22, 22), (23, 23))


class RootHub:
    """The ports of one or more Protocols with the same major.  on_change(hub, mask): set by core.

    ports: how many; speed_class: 2 or 3; mask: bit n for port n, counted from 1.
    """

    power_ms = 20  # §5.4.8: of PP

    def __init__(self, name, op, protocols, ppc, gentle=False):
        self.speed_class = protocols[0].major
        self.on_change = None
        self.dead = False  # the controller is
        self.name = name
        self._op = op
        self._ppc = ppc
        self._gentle = gentle
        self._map = [(p.first + i, p) for p in protocols for i in range(p.count)]
        self.ports = len(self._map)

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

    def _at(self, port):
        if not 0 < port <= self.ports:
            raise ValueError("%r has ports 1 to %d" % (self, self.ports))
        return _PORTSC + 16 * (self._map[port - 1][0] - 1)

    def portsc(self, port):
        """The register as read."""
        return self._op[self._at(port)]

    def _write(self, port, bits):
        at = self._at(port)
        self._op[at] = self._op[at] & _KEPT | bits

    def speed_id(self, port):
        """The number that a slot context has for this port's speed."""
        return self.portsc(port) >> 10 & 15

    def status(self, port):
        """What is and what has changed: bits of usbport."""
        value = self.portsc(port)
        out = 0
        if self.dead:
            return usbport.C_CONNECTED
        for theirs, ours in _NOW:
            out |= (value >> theirs & 1) << ours
        for theirs, ours in _CHANGED:
            out |= (value >> theirs & 1) << ours
        speed = value >> 10 & 15
        name = self._map[port - 1][1].speeds.get(speed)
        if name:
            speed = usbport.SPEEDS.index(name)
        if value & _WPR:
            out |= usbport.RESET
        if value & _CCS and (value & _PED or self.speed_class == 3):
            out |= (speed & 7) << usbport.SPEED_SHIFT
        return out | (value >> 5 & 15) << usbport.LINK_SHIFT

    def clear(self, port, changes=usbport.CHANGES):
        """Acknowledge changes: bits of usbport, nothing else of the port is touched."""
        bits = 0
        for theirs, ours in _CHANGED:
            bits |= (changes >> ours & 1) << theirs
        if bits:
            self._write(port, bits)

    def clear_all(self):
        """Acknowledge every change of every port."""
        for port in range(1, self.ports + 1):
            if self.portsc(port) & _CHANGES:
                self._write(port, _CHANGES)

    def power(self, port, on=True):
        """Switch a port's power, which takes power_ms; where it cannot be switched it is on."""
        at = self._at(port)
        value = self._op[at]
        if bool(value & _PP) != bool(on) and (on or self._ppc):
            self._op[at] = value & _KEPT & ~_PP | (_PP if on else 0)

    def unpowered(self):
        """Whether power had to be switched on anywhere."""
        out = False
        for port in range(1, self.ports + 1):
            if not self.portsc(port) & _PP:
                self.power(port)
                out = True
        return out

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
