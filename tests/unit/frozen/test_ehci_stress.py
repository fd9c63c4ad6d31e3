"""The EHCI driver on a model that fails at random: nothing hangs, pipes and memory come back.

PYRALLAX_FUZZ: how many runs, PYRALLAX_SEED: from where on.
"""

import os
import random

import usb_devices
import usb_hubs
import usb_storage

import story_rig
from ehci_rig import Rig

AREA = "usb"
COUNT = int(os.getenv("PYRALLAX_FUZZ") or 8)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
_STEPS = 60
_KINDS = (
    lambda: usb_devices.keyboard(),
    lambda: usb_devices.mouse("high"),
    lambda: usb_devices.keyboard("low"),  # the companion's
    lambda: usb_storage.Storage(),
)


def hub():
    """Of high speed, with two slow devices behind its translator."""
    out = usb_hubs.Hub("high")
    out.plug(1, usb_devices.keyboard("low"))
    out.plug(3, usb_storage.Storage(speed="full"))
    return out


class Story(story_rig.Story):
    STEPS = story_rig.Story.STEPS + ("wire", "port")
    PAUSES = (0, 1, 5, 50, 50, 250)  # idle lists are switched off

    def rigged(self):
        rig = Rig(companions=random.randint(0, 1))
        rig.model.lists.collide = True  # a hub that fails cannot disable its ports
        return rig

    def calm(self):
        self.rig.model.trouble.clear()
        self.rig.model.resets.clear()

    def gone(self, seed):
        assert not self.rig.c.pipes, seed
        self.rig.balanced()

    def plug(self):
        n = random.randint(1, len(self.rig.model.ports))
        if self.rig.model.ports[n - 1].device is None:
            self.rig.model.plug(n, random.choice(_KINDS + (hub,))())

    def wire(self):
        """Errors of the token's status, now and then."""
        some = self.some()
        model = self.rig.model
        if some and not random.randint(0, 1):
            model.trouble[some[1].device, random.choice((0, 0x81))] = random.choice((4, 8, 16, 32))
        else:
            model.trouble.clear()

    def port(self):
        resets = self.rig.model.resets
        resets.clear()
        if not random.randint(0, 3):
            resets[random.randint(1, 4)] = random.choice(("stuck", "gone", "disabled"))

    def die(self):
        if not random.randint(0, 9):
            self.rig.model.die()


def test_at_random():
    story_rig.told(Story, SEED, COUNT, _STEPS)
