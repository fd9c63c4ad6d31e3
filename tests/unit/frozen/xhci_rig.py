"""A model of an xHCI controller with its driver and a bus on it."""

import xhci
import xhci_model

import host_rig
from host_rig import Place, Timer, listen  # noqa: F401


class Rig(host_rig.Rig):
    Model = xhci_model.Xhci
    Place = Place
    Controller = xhci.Controller

    def __init__(
        self, devices=(), interrupts=True, prepare=None, bus=True, irq=True, quirks=None, **model
    ):
        super().__init__(devices, interrupts, prepare, bus, irq, quirks, model)

    def device(self, port, super=True):
        """The core's device at a root port."""
        for ports in self.bus.ports:
            if (ports.hub.speed_class == 3) == super:
                return ports.children.get(port)


def commands(rig):
    return [name for name, _, _, _ in rig.model.log]
