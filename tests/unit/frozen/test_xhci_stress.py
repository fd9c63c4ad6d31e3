"""The xHCI driver on a model that fails at random: nothing hangs, slots and memory come back.

PYRALLAX_FUZZ: how many runs, PYRALLAX_SEED: from where on.
"""

import os
import random

import usb_devices
import usb_parallels
import usbtask
from usbendpoint import Transfer
from xhci_model import HCE, HSE

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


class Story:
    """One run: steps at random, then everything is taken away."""

    def __init__(self, seed, steps):
        random.seed(seed)
        self.rig = rig = Rig(variants=random.choice(((), ("msi-clears-ip",), ("late",))))
        self.transfers = []
        self.ended = 0
        for _ in range(steps):
            getattr(self, random.choice(self.STEPS))()
            rig.clock.sleep_ms(random.choice((0, 1, 5, 50)))
        rig.model.commands.clear()
        rig.clock.sleep_ms(2000)
        rig.settle()
        for port in rig.model.ports:
            if port.device is not None:
                rig.model.unplug(port.number)
        rig.clock.sleep_ms(3000)
        rig.settle()
        assert not rig.bus.devices and not rig.c.slots.used, seed
        assert rig.c.dead or not rig.model.slots.slots, (seed, rig.model.slots.slots)
        for t in self.transfers:
            assert t.status != 1, (seed, t.endpoint)
        rig.close()

    STEPS = ("plug", "plug", "unplug", "fault", "trouble", "listen", "listen", "cancel", "send")
    STEPS += ("halt", "ask", "ask", "ask", "die", "anew")

    def plug(self):
        port = random.choice(self.rig.model.ports)
        if port.device is None:
            device = random.choice(_KINDS)() if port.major == 3 else None
            if device is None:
                device = usb_devices.keyboard(random.choice(_SLOW))
            self.rig.model.plug(port.number, device)

    def some(self):
        there = [p for p in self.rig.model.ports if p.device is not None]
        return random.choice(there) if there else None

    def unplug(self):
        port = self.some()
        if port:
            self.rig.model.unplug(port.number)

    def fault(self):
        model = self.rig.model
        model.commands[model.slots.count + random.randint(0, 5)] = random.choice(_CODES)

    def trouble(self):
        port = self.some()
        if port:
            kind = random.choice(("stall", "long", "vanish", "changed", None, None))
            port.device.faults = {port.device.count + random.randint(0, 6): kind}

    def endpoint(self):
        devices = [d for d in self.rig.bus.devices if d.endpoints]
        if devices:
            return random.choice(list(random.choice(devices).endpoints.values()))

    def listen(self):
        endpoint = self.endpoint()
        if endpoint is not None and len(self.transfers) < 40:
            t = Transfer(endpoint, self.rig.alloc(64), self.heard)
            if t.submit() == 0:
                self.transfers.append(t)

    def heard(self, t):
        assert t.status <= 0
        self.ended += 1
        if t.status == 0 or t.status in (-32, -125) and random.randint(0, 3):
            t.submit()

    def cancel(self):
        if self.transfers:
            random.choice(self.transfers).cancel()

    def send(self):
        port = self.some()
        if port:
            port.device.send(0x81, bytes(random.randint(0, 8)))

    def halt(self):
        port = self.some()
        if port:
            port.device.halted.add(random.choice((0x81, 0x82)))

    def ask(self):
        if self.rig.bus.devices:
            device = random.choice(self.rig.bus.devices)
            usbtask.start(self.asking(device), "ask")

    def anew(self):
        endpoint = self.endpoint()
        if endpoint is not None:
            interface = random.choice(endpoint.device.interfaces)
            work = random.choice((endpoint.clear_halt, lambda: interface.select(0)))
            usbtask.start(self.beginning(work()), "anew")

    def beginning(self, work):
        try:
            yield from work
        except OSError:
            pass

    def asking(self, device):
        try:
            got = yield from device.request(0x80, 6, random.choice((0x0100, 0x7700)), 0, 18)
            assert len(got) <= 18
        except OSError:
            pass

    def die(self):
        if not random.randint(0, 9):
            self.rig.model.die(random.choice((HSE, HCE)))


def test_at_random():
    for seed in range(SEED, SEED + COUNT):
        try:
            Story(seed, _STEPS)
        except BaseException:
            print("PYRALLAX_SEED=%d" % seed)
            raise
