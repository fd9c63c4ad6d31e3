"""Hubs that are pulled out while they and what they have are taken in: that is no error."""

import klog
import usb_devices
import usb_hubs
from usb_hcd import Rig

import xhci_rig

AREA = "usb"


class Pull:
    """A hub with a device, pulled as the transfer `at` begins, counted from its plugging.

    came: whether there were so many.  mute: Hcd.mute.  pace_us: of the hub that it is behind,
    whose report is what tells of it; 0: at a root port.
    """

    def __init__(self, at, mute, speed, pace_us):
        del klog.lines[:]
        self.at = at
        self.came = False
        self.inner = "super" if speed == "super" else "full"
        self.speed = speed
        self.rig = rig = Rig()
        rig.hcd.mute = mute
        root = rig.hcd.usb3 if speed == "super" else rig.hcd.usb2
        self.socket = root
        if pace_us:
            self.socket = usb_hubs.Hub(speed)
            self.socket.pace_us = pace_us
            root.plug(2, self.socket)
            rig.settle()
        rest = len(rig.bus.devices)
        self.submit, rig.hcd.submit = rig.hcd.submit, self.meanwhile
        rig.hcd.submitted = 0
        self.plug()
        rig.settle(300)
        if self.came:
            self.good(rest)
            self.plug()
            rig.settle(600)
        self.good(rest + 2)
        rig.close()

    def plug(self):
        hub = usb_hubs.Hub(self.speed)
        hub.plug(1, usb_devices.mouse(self.inner))
        self.socket.plug(2, hub)

    def meanwhile(self, transfer):
        if self.rig.hcd.submitted == self.at and not self.came:
            self.came = True
            self.socket.unplug(2)
        return self.submit(transfer)

    def good(self, devices):
        self.rig.settle(300)
        lines = self.rig.log + klog.lines
        errors = [text for level, text in lines if level < klog.WARN]
        assert errors == [], (self.at, errors)
        assert len(self.rig.bus.devices) == devices, (self.at, self.rig.log)
        assert len(self.rig.hcd.slots) == devices, self.at


def pull_everywhere(pace_us):
    for speed in ("high", "super"):
        for mute in (False, True):
            at = 0
            while Pull(at, mute, speed, pace_us).came:
                at += 1
            assert at > 30, at


def test_from_a_root_port():
    pull_everywhere(0)


def test_from_a_hub_that_tells_late():
    pull_everywhere(256000)


class Meanwhile(usb_hubs.Hub):
    """Something is plugged in as it is asked to forget that there was something."""

    def _clear(self, feature, port):
        if feature == 16 and port not in self.plugged_in:
            self.plug(port, usb_devices.mouse("full"))
        return super()._clear(feature, port)


def test_plugged_again_before_the_pull_is_acknowledged():
    hub = Meanwhile()
    hub.plug(1, usb_devices.keyboard("full"))
    rig = Rig({2: hub})
    rig.settle()
    hub.unplug(1)
    rig.settle(600)
    assert len(rig.bus.devices) == 2 and "Mouse" in str(rig.bus.devices[1]), rig.bus.devices
    rig.close()


def test_plugged_again_before_the_pull_is_acknowledged_at_an_xhci():
    rig = xhci_rig.Rig({13: usb_devices.keyboard("full"), 1: usb_devices.keyboard("super")})
    hubs = rig.c.roothubs
    for hub, number in ((hubs[0], 1), (hubs[1], 13)):
        clear = hub.clear

        def meanwhile(port, changes, clear=clear, number=number):
            speed = "super" if number == 1 else "full"
            if rig.model.ports[number - 1].device is None:
                rig.model.plug(number, usb_devices.mouse(speed))
            clear(port, changes)

        hub.clear = meanwhile
        rig.model.unplug(number)
        rig.clock.sleep_ms(600)
    assert ["Mouse" in str(d) for d in rig.bus.devices] == [True, True], rig.bus.devices
    rig.close()
