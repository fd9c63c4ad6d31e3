"""Hubs that are not as they should be: what they cost has bounds, and goes with them."""

import usb_devices
import usb_hubs
import usbport
import usbtask
from usb_devices import configuration, endpoint, interface
from usb_hcd import Rig

AREA = "usb"


class Talkative(usb_hubs.Hub):
    """Reports changes of itself and of all ports, every microframe; silent: answers no status."""

    pace_us = 125
    silent = False

    def data_in(self, endpoint, length):
        return b"\x1f"

    def class_request(self, kind, request, *more):
        if self.silent and request == 0 and kind in (0xA0, 0xA3):
            return None
        return super().class_request(kind, request, *more)


class Stuck(usb_hubs.Hub):
    """A change of its ports, or (own) of itself, that cannot be cleared."""

    def __init__(self, feature=None, own=False):
        super().__init__()
        self.feature = feature
        self.stuck_own = own

    def _clear(self, feature, port):
        return b"" if (feature, port) == (self.feature, 1) else super()._clear(feature, port)

    def class_request(self, kind, request, value, *more):
        if self.stuck_own and (kind, request) == (0x20, 1):
            return b""
        return super().class_request(kind, request, value, *more)


def test_two_hub_interfaces():
    for second_talks in (False, True):
        hub = usb_hubs.Hub("high")
        parts = [interface(n, 9, 0, 0, endpoint(0x81 + n, 0x13, 2, 12)) for n in (0, 1)]
        hub.configs = [configuration(*parts, power=0, attributes=0xE0)]
        if not second_talks:
            data_in = hub.data_in
            hub.data_in = lambda at, n: None if at == 0x82 else data_in(at, n)
        rig = Rig({2: hub})
        rig.settle(500)
        hub.plug(1, usb_devices.mouse("full"))
        rig.clock.sleep_ms(1000)
        rig.settle()
        assert [d.name for d in rig.bus.devices] == ["1-2", "1-2.1"], rig.log
        assert "a second hub" in "".join(rig.texts(4))
        rig.hcd.usb2.unplug(2)
        rig.settle(1000)
        rig.balanced()
        rig.close()


def test_reports_without_end():
    hub = Talkative()
    hub.plug(1, usb_devices.mouse("full"))
    rig = Rig({2: hub})
    rig.clock.sleep_ms(1000)
    assert len(rig.bus.devices) == 2
    most = 0
    for n in range(50):
        hub.silent = n >= 25
        rig.clock.sleep_ms(4)
        most = max(most, len(usbtask.loop().tasks))
    assert most <= 1 + 2 * hub.ports, most  # its own, a port's, and a look at its device
    rig.hcd.usb2.unplug(2)
    rig.settle(1000)
    rig.balanced()
    rig.close()


def test_changes_that_stay():
    for feature, bit in ((19, 8), (16, 1)):
        hub = Stuck(feature)
        rig = Rig({2: hub})
        rig.settle()
        hub.plug(1, usb_devices.mouse("full"))
        if bit == 8:
            hub._change(1, hub.state[1] & 0xFFFF, 8)
        rig.clock.sleep_ms(60000)
        lines = len(rig.log)
        assert "given up" in rig.texts()[-1] and lines < 30, (feature, rig.log)
        rig.clock.sleep_ms(60000)
        assert len(rig.log) == lines and len(rig.bus.devices) == 1
        hub.plug(2, usb_devices.keyboard("full"))  # its other ports work
        rig.clock.sleep_ms(1000)
        assert [d.name for d in rig.bus.devices] == ["1-2", "1-2.2"], rig.log
        rig.hcd.usb2.unplug(2)
        rig.settle(1000)
        rig.balanced()
        rig.close()


def test_bad_devices_one_after_the_other_are_no_bad_port():
    rig = Rig()
    rig.settle()
    for _ in range(10):
        bad = usb_devices.keyboard()
        bad.always = "stall"
        rig.hcd.usb2.plug(1, bad)
        rig.clock.sleep_ms(2000)
        rig.hcd.usb2.unplug(1)
        rig.clock.sleep_ms(100)
    rig.hcd.usb2.plug(1, usb_devices.keyboard())
    rig.clock.sleep_ms(1000)
    assert len(rig.bus.devices) == 1
    for _ in range(10):
        rig.hcd.usb2.overcurrent(1, True)
        rig.clock.sleep_ms(100)
        rig.hcd.usb2.overcurrent(1, False)
        rig.clock.sleep_ms(1000)
        assert len(rig.bus.devices) == 1
    rig.close()


def test_a_hubs_own_change_that_stays():
    hub = Stuck(own=True)
    rig = Rig({2: hub})
    rig.settle()
    hub.own = 1 | 1 << 16
    hub.wake(0x81)
    rig.clock.sleep_ms(20000)
    lines = len(rig.log)
    assert lines < 16, rig.log
    rig.clock.sleep_ms(20000)
    assert len(rig.log) == lines
    hub.plug(1, usb_devices.keyboard("full"))
    rig.clock.sleep_ms(1000)
    assert len(rig.bus.devices) == 2
    rig.close()


def test_a_report_that_is_cancelled_is_asked_for_again():
    hub = usb_hubs.Hub()
    rig = Rig({2: hub})
    rig.settle()
    driver = rig.bus.devices[0].interfaces[0].driver
    driver._transfer.cancel()  # as a configure() for another interface may
    hub.plug(1, usb_devices.keyboard("full"))
    rig.clock.sleep_ms(1000)
    assert len(rig.bus.devices) == 2
    rig.close()


def test_links_that_only_a_warm_reset_leads_out_of():
    for link in (usbport.LINK_INACTIVE, usbport.LINK_COMPLIANCE):
        rig = Rig()
        rig.settle()
        hub = rig.hcd.usb3
        status, on_change = hub.status, hub.on_change
        bits = usbport.LINK_SHIFT

        def inactive(port, status=status, hub=hub, link=link):
            now = status(port)
            if port == 2 and not hub.state[2] & usbport.ENABLED:
                now = now & ~(15 << bits) | link << bits
            return now

        hub.status, hub.on_change = inactive, None
        hub.plug(2, usb_devices.mouse("super"))
        hub.state[2] &= ~usbport.ENABLED
        hub.on_change = on_change
        on_change(hub, 4)
        rig.settle()
        assert hub.resets == [(2, True)] and len(rig.bus.devices) == 1, (link, hub.resets)
        rig.close()
