"""Where USB controllers are: PCI functions of class 0C03."""

from micropython import const

import pci_caps

_CLASS = const(0x0C03)
_BAR = const(0)  # xHCI 1.2 §5.2.1, EHCI 1.0 §2.1.3
_PMCSR = const(4)  # PCI Power Management 1.2 §3.2.4
_PMCSR_STATE = const(3)
_D0_MS = const(10)  # from D3hot, §5.6.1
_STATUS = const(0x06)
_STATUS_ERRORS = const(0xF900)  # RW1C, PCI 3.0 §6.2.3


class Place:
    """A PCI function.  name; cfg: its configuration space; quirks: dict of usbquirks."""

    def __init__(self, f, clock, quirks):
        self.name = f.bdf
        self.cfg = f.cfg
        self.quirks = quirks
        self._f = f
        self._clock = clock

    def open(self):
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
        f = self._f
        power = f.capability(pci_caps.PM)
        if power is not None:
            at = power.offset + _PMCSR
            state = f.cfg.read16(at)
            if state & _PMCSR_STATE:
                f.cfg.write16(at, state & ~_PMCSR_STATE)
                self._clock.sleep_ms(_D0_MS)
        f.enable()
        f.cfg.write16(_STATUS, _STATUS_ERRORS)
        return f.bar(_BAR)

    def release(self):
        """Give the interrupt back."""
        self._f.release()

    def silence(self):
        """Nothing that the controller does reaches memory from here on."""
        self._f.enable(memory=None, master=False)


def places(interface, make):
    """make(function) for every controller with that programming interface; reads only."""
    import pci

    try:
        functions = pci.find_all(class_=_CLASS)
    except OSError:
        return []
    out = []
    for f in functions:
        if f.class_ & 0xFF == interface:
            try:
                if f.bar_of(_BAR).address:
                    out.append(make(f))
            except ValueError:
                pass
    return out
