"""Trees of hubs that are plugged, pulled and plugged again at any time: what is there is found.

PYRALLAX_FUZZ: how many runs, PYRALLAX_SEED: from where on.
"""

import os
import random

import klog
import usb_devices
import usb_hcd
import usb_hubs
import usbcore

import xhci_rig

AREA = "usb"
COUNT = int(os.getenv("PYRALLAX_FUZZ") or 12)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
_STEPS = 25
_PAUSES = (0, 0, 1, 3, 10, 30, 110, 250)  # ms
_PACES = (1000, 16000, 256000)  # of hubs' reports, µs
_DEPTH = 3


class Story:
    """Who is one gives rigged(), a Rig; roots(): (model, its port, what is in it, name)."""

    def __init__(self, seed):
        random.seed(seed)
        del klog.lines[:]
        self.rig = rig = self.rigged(seed)
        self.chance = random.choice((0, 40, 8))
        hcd = rig.bus.hcd
        self.submit, hcd.submit = hcd.submit, self.meanwhile
        for _ in range(_STEPS):
            self.step()
            rig.clock.sleep_ms(random.choice(_PAUSES))
        self.chance = 0
        rig.clock.sleep_ms(600)
        rig.settle()
        there = sorted([device.name for device in rig.bus.devices])
        wanted = sorted([name for _, _, device, _, name in self.sockets() if device is not None])
        assert there == wanted, (seed, there, wanted, rig.log)
        self.sound(seed)
        for hub, port, device, _ in self.roots():
            if device is not None:
                hub.unplug(port)
        rig.clock.sleep_ms(600)
        rig.settle()
        assert rig.bus.devices == [], seed
        self.sound(seed)
        rig.close()

    def sound(self, seed):
        lines = self.rig.log + klog.lines
        errors = [text for level, text in lines if level < 4]
        assert errors == [], (seed, errors)

    def meanwhile(self, transfer):
        """A soft interrupt comes as a transfer begins, and may be at another's."""
        if self.chance and not random.randint(0, self.chance):
            self.step()
        return self.submit(transfer)

    def sockets(self):
        """(model, its port, what is in it, depth, name) of each there is."""
        out = [(hub, port, device, 0, name) for hub, port, device, name in self.roots()]
        for _, _, device, depth, name in out:
            if isinstance(device, usb_hubs.Hub):
                for port in (1, 2):
                    inner = device.plugged_in.get(port)
                    out.append((device, port, inner, depth + 1, "%s.%d" % (name, port)))
        return out

    def made(self, super, depth):
        if depth < _DEPTH and random.randint(0, 1):
            hub = usb_hubs.Hub("super" if super else "high", 2, bool(random.randint(0, 1)))
            hub.pace_us = random.choice(_PACES)
            for port in (1, 2):
                if random.randint(0, 1):
                    hub.plug(port, self.made(super, depth + 1))
            return hub
        return usb_devices.mouse("super" if super else random.choice(("low", "full")))

    def step(self):
        """Pull what is in a socket, or plug something in; sometimes both."""
        hub, port, device, depth, name = random.choice(self.sockets())
        if device is not None:
            hub.unplug(port)
        if device is None or not random.randint(0, 2):
            hub.plug(port, self.made(name.startswith("2"), depth))


class Plain(Story):
    def rigged(self, seed):
        rig = usb_hcd.Rig(ports=3, super_ports=2, shared_address0=not seed % 3)
        rig.hcd.mute = bool(seed & 1)
        return rig

    def roots(self):
        for n, root in ((1, self.rig.hcd.usb2), (2, self.rig.hcd.usb3)):
            for port in range(1, root.ports + 1):
                yield root, port, root.plugged.get(port), "%d-%d" % (n, port)


class Xhci(Story):
    def rigged(self, seed):
        del usbcore._numbers[:]
        return xhci_rig.Rig(variants=random.choice(((), ("msi-clears-ip",), ("late",))))

    def roots(self):
        model = self.rig.model
        for number, name in ((1, "2-1"), (2, "2-2"), (13, "1-1"), (14, "1-2")):
            yield model, number, model.ports[number - 1].device, name


def told(story, count):
    for seed in range(SEED, SEED + count):
        try:
            story(seed)
        except BaseException:
            print("PYRALLAX_SEED=%d" % seed)
            raise


def test_at_random():
    told(Plain, COUNT)


def test_at_random_on_an_xhci():
    told(Xhci, COUNT)
