"""A controller of the model with its driver on it."""

import ahcicmd
import dma
import mmio
from ahci import Controller
from ahci_model import Clock, Hba


class Line:
    intid = 34


class Place:
    """What ahci_find gives, for a model.  interrupts: whether it has a line.

    found: whether one is found by trying.
    """

    found = False

    name = "model"

    def __init__(self, model, interrupts=True):
        self.model = model
        self.interrupts = interrupts

    def open(self):
        return mmio.Regs(0x2140000, 0x2000, 32, "ahci", self.model)

    def hook(self, handler):
        if not self.interrupts:
            raise OSError(19, "no line")
        self.model.line = handler
        return Line()

    def discover(self, provoke):
        provoke()
        self.interrupts = self.found
        return self.found

    def release(self):
        self.model.line = None


class Rig:
    """model, its clock, the Controller c on it, log: its (level, text) lines.

    devices: {port: device}.  prepare(model) is called before the driver sees it.
    """

    def __init__(self, devices, interrupts=True, prepare=None, reset=False, **model):
        dma.reset()
        self.clock = Clock()
        self.model = Hba(self.clock, devices, **model)
        if prepare:
            prepare(self.model)
        self.log = []
        ahcicmd.idle = lambda: self.clock.sleep_ms(1)
        ahcicmd.ctrl_c = 0
        del ahcicmd.raised[:]
        self.c = Controller(
            Place(self.model, interrupts),
            reset=reset,
            log=lambda level, text: self.log.append((level, text)),
            clock=self.clock,
        )

    def fault(self, after, what):
        """Let the command with that index from now on meet a fault."""
        self.model.faults[self.model.count + after] = what

    def warned(self):
        """The texts of warnings and errors."""
        polled = "ahci: model: polled"
        return [text for level, text in self.log if level < 6 and not text.startswith(polled)]

    def softly(self):
        """Run what the interrupt scheduled."""
        self.c.hba.softly()

    def sound(self):
        """Nothing is left over anywhere."""
        assert not ahcicmd.raised, ahcicmd.raised
        for drive in self.c.drives:
            port = drive.port
            left = (port.active, port.held, port.taken, port.attention, port.recovering)
            assert left == (0, 0, 0, 0, 0), left


def pattern(n, seed=1):
    """n bytes that differ from place to place."""
    out = bytearray(n)
    value = seed
    for i in range(n):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        out[i] = value >> 16 & 255
    return bytes(out)
