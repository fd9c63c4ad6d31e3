"""Each fault at each control transfer of each kind of device; nothing leaks, nothing hangs."""

import usb_devices
import usb_hubs
from usb_hcd import Rig

AREA = "usb"

FAULTS = ("stall", "silent", "long", "changed", "vanish")
LIMIT_MS = 120_000  # of virtual time, three tries with every wait at its limit included


def hub_with_mouse():
    hub = usb_hubs.Hub("high", 4, True)
    hub.plug(3, usb_devices.mouse("full"))
    return hub


def super_hub():
    hub = usb_hubs.Hub("super")
    hub.plug(1, usb_devices.tablet("super"))
    return hub


MAKERS = (
    (usb_devices.keyboard, False),
    (lambda: usb_devices.tablet("low"), False),
    (lambda: usb_devices.mouse("super"), True),
    (hub_with_mouse, False),
    (super_hub, True),
)


def rig_of(model, is_super):
    return Rig(None, {2: model}) if is_super else Rig({2: model})


def hub_of(rig, is_super):
    return rig.hcd.usb3 if is_super else rig.hcd.usb2


def gone_and_back(rig, is_super, make):
    """Whatever it was: unplugged it is forgotten, and a good one is taken in."""
    hub = hub_of(rig, is_super)
    if 2 in hub.plugged:
        hub.unplug(2)
    rig.clock.sleep_ms(500)
    rig.settle()
    assert rig.bus.devices == []
    rig.balanced()
    fresh = make()
    hub.plug(2, fresh)
    rig.settle(10)
    assert rig.bus.devices and not rig.bus.devices[0].gone
    rig.close()


def count_of(make, is_super):
    model = make()
    rig = rig_of(model, is_super)
    rig.settle()
    rig.close()
    return model.count


def test_every_fault_once_at_every_request():
    for make, is_super in MAKERS:
        count = count_of(make, is_super)
        assert count >= 9
        for fault in FAULTS:
            for index in range(count + 2):
                model = make()
                model.faults[index] = fault
                rig = rig_of(model, is_super)
                rig.settle()
                where = fault, index, rig.texts()
                assert rig.clock.ticks_ms() < LIMIT_MS, where
                if fault == "vanish" and index < count:
                    assert rig.bus.devices == [], where
                else:
                    # Once is mended by asking again; a hub that fails late stays without ports.
                    assert rig.bus.devices and rig.bus.devices[0].id, where
                gone_and_back(rig, is_super, make)


def test_every_fault_for_ever_from_every_request_on():
    for make, is_super in MAKERS:
        count = count_of(make, is_super)
        for fault in FAULTS[:4]:
            for index in range(count):
                model = make()
                model.faults = From(index, fault)
                rig = rig_of(model, is_super)
                rig.settle()
                where = fault, index, rig.texts()
                assert rig.clock.ticks_ms() < LIMIT_MS, where
                if rig.bus.devices == []:
                    assert "refused" in rig.texts(4)[-1], where
                    rig.balanced()
                gone_and_back(rig, is_super, make)


class From:
    """dict.get() of a fault at an index and at all after it."""

    def __init__(self, index, fault):
        self.index = index
        self.fault = fault

    def get(self, n, otherwise):
        return self.fault if n >= self.index else otherwise


def test_the_controller_fails():
    for name in ("attach", "configure"):
        for is_super in (False, True):
            for number in (110, 12, 28, 71):
                for times in (1, 3):
                    model = usb_devices.mouse("super" if is_super else "high")
                    rig = rig_of(model, is_super)
                    rig.hcd.troubles[name] = [number] * times
                    rig.settle()
                    assert len(rig.bus.devices) == (times == 1), rig.log
                    rig.balanced(times == 1)
                    gone_and_back(
                        rig,
                        is_super,
                        lambda: usb_devices.mouse("super" if is_super else "high"),
                    )


def test_ports_that_do_not_come_up():
    for is_super in (False, True):
        model = usb_devices.mouse("super" if is_super else "high")
        rig = rig_of(model, is_super)
        hub = hub_of(rig, is_super)
        rig.hcd.dead_ports[2] = True
        if is_super:
            hub.state[2] &= ~2  # its link does not train
        rig.settle()
        if not is_super:
            assert rig.bus.devices == [] and len(hub.resets) == 3, (hub.resets, rig.log)
            assert "refused" in rig.texts()[-1]
        rig.hcd.dead_ports.clear()
        gone_and_back(rig, is_super, lambda: usb_devices.mouse("super" if is_super else "high"))


def test_a_plug_that_does_not_rest():
    rig = Rig({1: usb_devices.keyboard()})
    last = [0]

    def shake():
        if rig.clock.ticks_ms() > last[0] + 37:
            last[0] = rig.clock.ticks_ms()
            rig.hcd.usb2.state[1] |= 1 << 16

    rig.clock.on_pass.append(shake)
    rig.settle()
    assert "does not come to rest" in rig.texts()[0] and rig.bus.devices == []
    rig.clock.on_pass.remove(shake)
    rig.hcd.usb2.unplug(1)
    rig.hcd.usb2.plug(1, usb_devices.keyboard())
    rig.settle(200)
    assert len(rig.bus.devices) == 1
    rig.close()


def test_over_current():
    rig = Rig({1: usb_devices.keyboard()})
    rig.settle()
    rig.hcd.usb2.overcurrent(1, True)
    rig.settle(50)
    assert rig.bus.devices == [] and "usb: 1-1: over-current" in rig.texts()
    rig.balanced()
    rig.hcd.usb2.overcurrent(1, False)
    rig.settle(50)
    assert len(rig.bus.devices) == 1 and "over-current is over" in "\n".join(rig.texts())
    rig.close()


def test_too_little_power():
    model = usb_devices.keyboard()
    model.configs = [usb_devices.configuration(model.configs[0][9:], power=255)]
    rig = Rig({1: model})
    rig.settle()
    assert "wants 510 mA, the port gives 500 mA" in rig.texts()[-1]
    rig.close()
    hub = usb_hubs.Hub("full", 4, self_powered=False)
    model = usb_devices.keyboard("full")
    model.configs = [usb_devices.configuration(model.configs[0][9:], power=51)]
    hub.plug(1, model)
    rig = Rig({1: hub})
    rig.settle()
    assert "wants 102 mA, the port gives 100 mA" in rig.texts()[-1]
    rig.close()


def test_500_hot_plugs():
    rig = Rig({})
    for n in range(500):
        rig.hcd.usb2.plug(1 + n % 4, usb_devices.keyboard())
        rig.clock.sleep_ms(n % 260)  # also in the middle
        rig.hcd.usb2.unplug(1 + n % 4)
        rig.settle(5)
        rig.balanced()
    rig.close()
