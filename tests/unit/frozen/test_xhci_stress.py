"""The xHCI driver on a model that fails at random: nothing hangs, slots and memory come back.

PYRALLAX_FUZZ: how many runs, PYRALLAX_SEED: from where on.
"""

import os
import random

import usb_devices
import usb_parallels
from xhci_model import HCE, HSE

import story_rig
from xhci_rig import Rig

AREA = "usb"
COUNT = int(os.getenv("PYRALLAX_FUZZ") or 20)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
_STEPS = 60
_KINDS = (
    lambda: usb_devices.keyboard("super"),
    lambda: usb_parallels.mouse(),
    lambda: usb_parallels.keyboard(),
)
_SLOW = ("low", "full", "high")
# Not 11 and 19: what they say of slot and endpoint would not be true.
_CODES = ("silent", 4, 5, 7, 9, 12, 17)


class Story(story_rig.Story):
    STEPS = story_rig.Story.STEPS + ("fault",)

    def rigged(self):
        return Rig(variants=random.choice(((), ("msi-clears-ip",), ("late",))))

    def calm(self):
        self.rig.model.commands.clear()

    def gone(self, seed):
        c, model = self.rig.c, self.rig.model
        assert not c.slots.used, seed
        assert c.dead or not model.slots.slots, (seed, model.slots.slots)

    def plug(self):
        port = random.choice(self.rig.model.ports)
        if port.device is None:
            device = random.choice(_KINDS)() if port.major == 3 else None
            if device is None:
                device = usb_devices.keyboard(random.choice(_SLOW))
            self.rig.model.plug(port.number, device)

    def fault(self):
        model = self.rig.model
        model.commands[model.slots.count + random.randint(0, 5)] = random.choice(_CODES)

    def die(self):
        if not random.randint(0, 9):
            self.rig.model.die(random.choice((HSE, HCE)))


def test_at_random():
    story_rig.told(Story, SEED, COUNT, _STEPS)
