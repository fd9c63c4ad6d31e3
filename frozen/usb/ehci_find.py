"""Where EHCI controllers are: PCI class 0C0320."""

import klog
from micropython import const

import pci_caps
import usbquirks
from ehci_caps import Caps
from ehci_ports import RootHub

_CLASS = const(0x0C03)
_EHCI = const(0x20)
_BAR = const(0)  # EHCI 1.0 §2.1.3
_PMCSR = const(4)  # PCI Power Management 1.2 §3.2.4
_PMCSR_STATE = const(3)
_D0_MS = const(10)  # from D3hot, §5.6.1
_COMMAND = const(0x04)
_COMMAND_MEMORY = const(1 << 1)


class Place:
    """A PCI function.  name; cfg: its configuration space; left: to be left alone unless asked."""

    def __init__(self, f):
        self.name = f.bdf
        self.cfg = f.cfg
        self._f = f
        self.left = usbquirks.ehci(f.vendor, f.device, f.subsystem[0]).get("leave", False)

    def open(self, clock):
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
        f = self._f
        power = f.capability(pci_caps.PM)
        if power is not None:
            at = power.offset + _PMCSR
            state = f.cfg.read16(at)
            if state & _PMCSR_STATE:
                f.cfg.write16(at, state & ~_PMCSR_STATE)
                clock.sleep_ms(_D0_MS)
        f.enable()
        return f.bar(_BAR)

    def look(self):
        """The registers as they are, nothing written; None where memory is not decoded."""
        if self.cfg.read16(_COMMAND) & _COMMAND_MEMORY:
            return self._f.bar(_BAR)
        return None

    def hook(self, handler):
        """Take the interrupt.  Raises OSError."""
        return self._f.irq(handler, name="ehci %s" % self.name)

    def release(self):
        """Give the interrupt back."""
        self._f.release()

    def silence(self):
        """Nothing that the controller does reaches memory from here on."""
        self._f.enable(memory=None, master=False)


def places(everything=False):
    """Every controller, as a Place; reads only.  everything: those to be left alone, too."""
    import pci

    try:
        functions = pci.find_all(class_=_CLASS)
    except OSError:
        return []
    out = []
    for f in functions:
        if f.class_ & 0xFF == _EHCI:
            try:
                if f.bar_of(_BAR).address:
                    out.append(Place(f))
            except ValueError:
                pass
    return [place for place in out if everything or not place.left]


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
