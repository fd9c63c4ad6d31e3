"""A model of an EHCI controller with its driver and a bus on it."""

import dma
import ehci
import ehci_model
import mmio
import usbcore

import host_rig
from host_rig import Timer, listen  # noqa: F401


class Place(host_rig.Place):
    intid = 35

    def __init__(self, model, interrupts=True, quirks=None):
        super().__init__(model, interrupts, quirks)
        self.cfg = mmio.Regs(0x20000000, 0x100, 32, "config", model.config)


class Rig(host_rig.Rig):
    Model = ehci_model.Ehci
    Place = Place
    Controller = ehci.Controller

    def __init__(self, devices=(), interrupts=True, prepare=None, bus=True, irq=True, **model):
        dma.stopped_at_reset.clear()
        mmio.detach_all()
        mmio.attach(dma._BASE, 1 << 34, ehci_model.Memory())
        del usbcore._drivers[:]
        del usbcore._numbers[:]
        super().__init__(devices, interrupts, prepare, bus, irq, None, model)

    def device(self, port):
        """The core's device at a root port."""
        return self.bus.ports[0].children.get(port)

    def balanced(self):
        """Nothing of any device is left."""
        assert not self.c.pipes and not self.c.devices.used
        assert self.c.schedule._first == [1] * 32
        assert not [n for n in self.c.schedule.budget._high if n]
        memory = self.c.memory
        assert len(memory._free) == 64 * len(memory._blocks), "qTDs"

    def close(self):
        super().close()
        assert not dma.stopped_at_reset
