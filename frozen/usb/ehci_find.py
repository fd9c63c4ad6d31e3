"""Where EHCI controllers are: PCI class 0C0320."""

import time

import klog
from micropython import const

import usbplace
import usbquirks
from ehci_caps import Caps
from ehci_ports import RootHub

_EHCI = const(0x20)
_BAR = const(0)  # EHCI 1.0 §2.1.3
_COMMAND = const(0x04)
_COMMAND_MEMORY = const(1 << 1)


class Place(usbplace.Place):
    """A PCI function.  name; cfg: its configuration space; left: to be left alone unless asked."""

    def __init__(self, f, clock):
        super().__init__(f, clock, usbquirks.ehci(f.vendor, f.device, f.subsystem[0]))
        self.left = self.quirks.get("leave", False)

    def look(self):
        """The registers as they are, nothing written; None where memory is not decoded."""
        if self.cfg.read16(_COMMAND) & _COMMAND_MEMORY:
            return self._f.bar(_BAR)
        return None

    def hook(self, handler):
        """Take the interrupt.  Raises OSError."""
        return self._f.irq(handler, name="ehci %s" % self.name)


def places(everything=False, clock=time):
    """Every controller, as a Place; reads only.  everything: those to be left alone, too."""
    found = usbplace.places(_EHCI, lambda f: Place(f, clock))
    return [place for place in found if everything or not place.left]


def report():
    """A line for every port of every controller: connected, whose; nothing is written."""
    out = []
    for place in places(True):
        regs = place.look()
        if regs is None:
            out.append("%s: memory is not decoded" % place.name)
            continue
        try:
            caps = Caps(regs, place.cfg, place.name, klog.log)
        except OSError as why:
            out.append(str(why))
            continue
        lines = RootHub(caps, klog.log).report()
        out.extend("%s: %s" % (place.name, line) for line in lines)
    return out
