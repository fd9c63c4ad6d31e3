"""Where xHCI controllers are: PCI class 0C0330."""

import time

from micropython import const

import pci_caps
import usbquirks

_CLASS = const(0x0C03)
_XHCI = const(0x30)
_BAR = const(0)  # xHCI 1.2 §5.2.1
_PMCSR = const(4)  # PCI Power Management 1.2 §3.2.4
_PMCSR_STATE = const(3)
_D0_MS = const(10)  # from D3hot, §5.6.1
_STATUS = const(0x06)
_STATUS_ERRORS = const(0xF900)  # RW1C, PCI 3.0 §6.2.3


class Place:
    """A PCI function.  name; quirks: dict of usbquirks; line: its interrupt, or None."""

    def __init__(self, f, clock):
        self.name = f.bdf
        self._f = f
        self._clock = clock
        self.quirks = usbquirks.xhci(f.vendor, f.device, f.subsystem[0])

    def left_ms(self):
        """How long it is to be left alone yet, after the firmware gave the machine up."""
        wanted = self.quirks.get("settle_ms", 0)
        return max(0, wanted - _since_firmware_ms()) if wanted else 0

    def open(self):
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
        f, clock = self._f, self._clock
        clock.sleep_ms(self.left_ms())
        power = f.capability(pci_caps.PM)
        if power is not None:
            at = power.offset + _PMCSR
            state = f.cfg.read16(at)
            if state & _PMCSR_STATE:
                f.cfg.write16(at, state & ~_PMCSR_STATE)
                clock.sleep_ms(_D0_MS)
        f.enable()
        f.cfg.write16(_STATUS, _STATUS_ERRORS)
        return f.bar(_BAR)

    def begin(self):
        """The controller is the caller's alone: what it needs before its reset."""
        pause = self.quirks.get("master_ms")
        if pause:
            self._f.enable(master=False)
            self._clock.sleep_ms(pause)
            self._f.enable()

    def hook(self, handler):
        """Take the interrupt: message or line.  Raises OSError."""
        f = self._f
        if "kinds" in self.quirks:
            f.interrupts(1, self.quirks["kinds"])
        else:
            f.interrupts(1)
        return f.irq(handler, hard=True, name="xhci %s" % self.name)

    def release(self):
        """Give the interrupt back."""
        self._f.release()

    def silence(self):
        """Nothing that the controller does reaches memory from here on."""
        self._f.enable(memory=None, master=False)


def _since_firmware_ms():
    """How long ago the firmware gave the machine up; much, where it is not known."""
    import boot

    for stage, when in boot.timeline(True):
        if stage == "exit_boot":
            return (boot.counter() - when) * 1000 // boot.hw()["timer"][1]
    return 1 << 30


def places(clock=time):
    """Every controller, as a Place; reads only."""
    import pci

    try:
        functions = pci.find_all(class_=_CLASS)
    except OSError:
        return []
    out = []
    for f in functions:
        if f.class_ & 0xFF == _XHCI:
            try:
                if f.bar_of(_BAR).address:
                    out.append(Place(f, clock))
            except ValueError:
                pass
    return out
