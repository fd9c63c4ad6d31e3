"""What the rigs of both host controllers' drivers have in common."""

import dma
import mmio
import simtime
import usbcore
import usbtask
from simtime import Clock
from usbendpoint import Transfer


class Line:
    def __init__(self, intid):
        self.intid = intid


class Place:
    """What xhci_find and ehci_find give, for a model.  interrupts: whether it has a line."""

    name = "model"
    intid = 40

    def __init__(self, model, interrupts=True, quirks=None):
        self.model = model
        self.interrupts = interrupts
        self.quirks = quirks or {}
        self.silenced = self.released = 0
        self.busy = 0  # so often the line is not given back

    def open(self):
        return mmio.Regs(0x10000000, self.model.size, 32, "model", self.model)

    def begin(self):
        pass

    def hook(self, handler):
        if not self.interrupts:
            raise OSError(19, "no line")
        self.model.line = handler
        return Line(self.intid)

    def release(self):
        if self.busy:
            self.busy -= 1
            raise OSError(16, "busy")
        self.model.line = None
        self.released += 1

    def silence(self):
        self.silenced += 1


class Timer:
    """machine.Timer, periodic."""

    made = []

    def init(self, period, callback):
        self.period = period
        self.callback = callback
        Timer.made.append(self)

    def deinit(self):
        Timer.made.remove(self)


class Rig:
    """model, its clock, the Controller c, log: its (level, text) lines, bus.

    prepare(model) is called before the driver sees it.  bus: False: the controller alone.  Who is
    one gives Model, Place, Controller.
    """

    def __init__(self, devices, interrupts, prepare, bus, irq, quirks, model):
        dma.reset()
        del Timer.made[:]
        self.clock = simtime.install(Clock())
        self.model = self.Model(self.clock, devices, **model)
        if prepare:
            prepare(self.model)
        self.log = []
        self.place = self.Place(self.model, interrupts, quirks)
        self.c = self.Controller(self.place, irq=irq, log=self._log, clock=self.clock, timer=Timer)
        self.buffers = []
        self.bus = None
        if bus:
            self.bus = usbcore.Bus(self.c, self._log)
            self.settle()

    def _log(self, level, text):
        self.log.append((level, text))

    def warned(self):
        """The texts of warnings and errors."""
        return [text for level, text in self.log if level < 6]

    def settle(self):
        """Until nothing goes on at any port."""
        usbtask.run(self.bus.settle(5))

    def alloc(self, size):
        """A buffer, freed by close()."""
        self.buffers.append(dma.alloc(size))
        return self.buffers[-1]

    def close(self):
        """Nothing is left over anywhere."""
        if self.bus:
            usbtask.run(self.bus.close())
        else:
            self.c.deinit()
        for buffer in self.buffers:
            buffer.free()
        self.clock.sleep_ms(1100)  # who holds errors back has a look then
        assert not usbtask.loop().tasks, usbtask.loop().tasks
        assert dma.stats()[0] == 0, dma.stats()
        assert not Timer.made


def listen(rig, device, address=0x81, length=8):
    """A Transfer under way on an endpoint, and the list of what has come."""
    came = []
    t = Transfer(device.endpoints[address], rig.alloc(length))

    def callback(t):
        came.append((t.status, bytes(memoryview(t.buffer)[: t.actual])))
        if t.status == 0:
            assert t.submit() == 0

    t.callback = callback
    assert t.submit() == 0
    return t, came
