"""The ports of a host controller as a hub: what xHCI and EHCI have in common of them."""

import usbport


class RootHub:
    """One PORTSC register for each port.  on_change(hub, mask): set by core, bit n
    for port n.

    Who is one gives _portsc(port), the register's offset, and of it: NOW and CHANGED, (bit, what
    usbport calls it); POWERED; KEPT, the bits that are written back as read.
    """

    power_ms = 20  # of PP: xHCI 1.2 §5.4.8, EHCI 1.0 §2.3.9

    def __init__(self, name, op, ports, ppc):
        self.name = name
        self.ports = ports
        self.on_change = None
        self.dead = False  # the controller is
        self._op = op
        self._ppc = ppc

    def _at(self, port):
        if not 0 < port <= self.ports:
            raise ValueError("%r has ports 1 to %d" % (self, self.ports))
        return self._portsc(port)

    def portsc(self, port):
        """The register as read."""
        return self._op[self._at(port)]

    def _write(self, port, bits):
        at = self._at(port)
        self._op[at] = self._op[at] & self.KEPT | bits

    def _bits(self, value):
        """Of PORTSC, those that have the same meaning everywhere."""
        out = 0
        for theirs, ours in self.NOW:
            out |= (value >> theirs & 1) << ours
        for theirs, ours in self.CHANGED:
            out |= (value >> theirs & 1) << ours
        return out

    def clear(self, port, changes=usbport.CHANGES):
        """Acknowledge changes: bits of usbport, nothing else of the port is touched."""
        bits = 0
        for theirs, ours in self.CHANGED:
            bits |= (changes >> ours & 1) << theirs
        if bits:
            self._write(port, bits)

    def power(self, port, on=True):
        """Switch a port's power, which takes power_ms; where it cannot be switched it is on."""
        at, bit = self._at(port), self.POWERED
        value = self._op[at]
        if bool(value & bit) != bool(on) and (on or self._ppc):
            self._op[at] = value & self.KEPT & ~bit | (bit if on else 0)

    def unpowered(self):
        """Whether power had to be switched on anywhere."""
        out = False
        for port in range(1, self.ports + 1):
            if not self.portsc(port) & self.POWERED:
                self.power(port)
                out = True
        return out

    def tell(self, mask):
        """Tell core of ports that have changed.  Softly."""
        if mask and self.on_change is not None:
            self.on_change(self, mask)

    def tell_all(self):
        """Every port may have become another: the controller died, or lives again."""
        self.tell((2 << self.ports) - 2)
