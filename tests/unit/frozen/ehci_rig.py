"""A model of an EHCI controller with its driver and a bus on it."""

import dma
import ehci_model
import mmio
import simtime
import usbcore
import usbtask
from ehci import Controller
from simtime import Clock
from usbendpoint import Transfer


class Line:
    intid = 35


class Place:
    """What ehci_find gives, for a model.  interrupts: whether it has a line."""

    name = "model"

    def __init__(self, model, interrupts=True):
        self.model = model
        self.interrupts = interrupts
        self.cfg = mmio.Regs(0x20000000, 0x100, 32, "config", model.config)
        self.silenced = self.released = 0
        self.busy = 0  # so often the line is not given back

    def open(self):
        return mmio.Regs(0x10000000, self.model.size, 32, "ehci", self.model)

    def hook(self, handler):
        if not self.interrupts:
            raise OSError(19, "no line")
        self.model.line = handler
        return Line()

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

    prepare(model) is called before the driver sees it.  bus: False: the controller alone.
    """

    def __init__(self, devices=(), interrupts=True, prepare=None, bus=True, irq=True, **model):
        dma.reset()
        dma.stopped_at_reset.clear()
        mmio.detach_all()
        mmio.attach(dma._BASE, 1 << 34, ehci_model.Memory())
        del Timer.made[:]
        del usbcore._drivers[:]
        del usbcore._numbers[:]
        self.clock = simtime.install(Clock())
        self.model = ehci_model.Ehci(self.clock, devices, **model)
        if prepare:
            prepare(self.model)
        self.log = []
        self.place = Place(self.model, interrupts)
        self.c = Controller(self.place, irq=irq, log=self._log, clock=self.clock, timer=Timer)
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

    def device(self, port):
        """The core's device at a root port."""
        return self.bus.ports[0].children.get(port)

    def alloc(self, size):
        """A buffer, freed by close()."""
        self.buffers.append(dma.alloc(size))
        return self.buffers[-1]

    def balanced(self):
        """Nothing of any device is left."""
        assert not self.c.pipes and not self.c.devices.used
        assert self.c.schedule._first == [1] * 32
        assert not [n for n in self.c.schedule.budget._high if n]
        memory = self.c.memory
        assert len(memory._free) == 64 * len(memory._blocks), "qTDs"

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
        assert not Timer.made and not dma.stopped_at_reset


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
