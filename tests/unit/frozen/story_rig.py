"""A host controller's driver on a model that fails at random: nothing hangs, memory comes back."""

import random

import usbtask
from usbendpoint import Transfer


class Story:
    """One run: steps at random, then everything is taken away.

    Who is one gives rigged(): a Rig; plug(); calm(): no more faults; gone(seed): nothing is left.
    """

    STEPS = ("plug", "plug", "unplug", "trouble", "listen", "listen", "cancel", "send")
    STEPS += ("halt", "ask", "ask", "ask", "die", "anew")

    def __init__(self, seed, steps):
        random.seed(seed)
        self.rig = rig = self.rigged()
        self.transfers = []
        self.ended = 0
        for _ in range(steps):
            getattr(self, random.choice(self.STEPS))()
            rig.clock.sleep_ms(random.choice(self.PAUSES))
        self.calm()
        rig.clock.sleep_ms(2000)
        rig.settle()
        for n, port in enumerate(rig.model.ports):
            if port.device is not None:
                rig.model.unplug(n + 1)
        rig.clock.sleep_ms(3000)
        rig.settle()
        assert not rig.bus.devices, seed
        assert not [text for text in rig.warned() if "Error(" in text], seed
        self.gone(seed)
        for t in self.transfers:
            assert t.status != 1, (seed, t.endpoint)
        rig.close()

    PAUSES = (0, 1, 5, 50)

    def some(self):
        """(number, port) of one that has a device, or None."""
        there = [(n + 1, p) for n, p in enumerate(self.rig.model.ports) if p.device is not None]
        return random.choice(there) if there else None

    def unplug(self):
        some = self.some()
        if some:
            self.rig.model.unplug(some[0])

    def trouble(self):
        some = self.some()
        if some:
            kind = random.choice(("stall", "long", "vanish", "changed", None, None))
            device = some[1].device
            device.faults = {device.count + random.randint(0, 6): kind}

    def endpoint(self):
        """One that is no driver's: hubs' are."""
        devices = [d for d in self.rig.bus.devices if d.endpoints and not d.ports]
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
        some = self.some()
        if some and hasattr(some[1].device, "send"):
            some[1].device.send(0x81, bytes(random.randint(0, 8)))

    def halt(self):
        some = self.some()
        if some:
            some[1].device.halted.add(random.choice((0x81, 0x82)))

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
        except OSError:  # the device may not even have heard of it
            self.rig.model.toggles.strict = False

    def asking(self, device):
        try:
            got = yield from device.request(0x80, 6, random.choice((0x0100, 0x7700)), 0, 18)
            assert len(got) <= 18
        except OSError:
            pass


def told(story, first, count, steps):
    """Run so many; which one failed."""
    for seed in range(first, first + count):
        try:
            story(seed, steps)
        except BaseException:
            print("PYRALLAX_SEED=%d" % seed)
            raise
