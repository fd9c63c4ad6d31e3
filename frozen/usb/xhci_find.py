"""Where xHCI controllers are: PCI class 0C0330."""

import time

from micropython import const

import usbplace
import usbquirks

_XHCI = const(0x30)


class Place(usbplace.Place):
    """A PCI function.  name; cfg: its configuration space; quirks: dict of usbquirks."""

    def __init__(self, f, clock):
        super().__init__(f, clock, usbquirks.xhci(f.vendor, f.device, f.subsystem[0]))

    def left_ms(self):
        """How long it is to be left alone yet, after the firmware gave the machine up."""
        wanted = self.quirks.get("settle_ms", 0)
        return max(0, wanted - _since_firmware_ms()) if wanted else 0

    def open(self):
        """The registers, the function awake, decoding and mastering.  Raises OSError."""
        self._clock.sleep_ms(self.left_ms())
        return super().open()

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


def _since_firmware_ms():
    """How long ago the firmware gave the machine up; much, where it is not known."""
    import boot

    for stage, when in boot.timeline(True):
        if stage == "exit_boot":
            return (boot.counter() - when) * 1000 // boot.hw()["timer"][1]
    return 1 << 30


def places(clock=time):
    """Every controller, as a Place; reads only."""
    return usbplace.places(_XHCI, lambda f: Place(f, clock))
