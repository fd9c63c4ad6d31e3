"""usb: attaching at boot and later, what fails or is interrupted, and events of devices."""

import keyboard
import machine
import mouse
import usb
import usb_devices
import usbcore
import usbhid
import usbports
import usbtask
import xhci
import xhci_find

import xhci_rig

AREA = "usb"

_CONTROLLER, _PLACES, _TIMER = xhci.Controller, xhci_find.places, machine.Timer


class Place(xhci_rig.Place):
    left = 0

    def left_ms(self):
        return self.left


class Timer(machine.Timer):
    """The machine's; those that a test may fire."""

    made = []

    def __init__(self, id=-1):
        super().__init__(id)
        Timer.made.append(self)


class Machine:
    """One xHCI controller with a keyboard, as module usb finds it."""

    def __init__(self, left=0):
        self.rig = xhci_rig.Rig({1: usb_devices.keyboard("super")}, bus=False)
        self.rig.c.deinit()
        keyboard._keys[:] = [keyboard.Keys()]
        del mouse._pointer[:], Timer.made[:]
        del usbcore._drivers[:], usbcore._numbers[:], usb._started[:]
        self.place = Place(self.rig.model)
        self.place.left = left
        self.broken = None
        usb._CONTROLLERS, usb._CLASSES = ("xhci",), ("usbhid",)
        xhci_find.places = lambda: [self.place]
        xhci.Controller = self._make
        machine.Timer = Timer

    def _make(self, place, **options):
        if self.broken:
            raise self.broken
        clock, log = self.rig.clock, self.rig._log
        return _CONTROLLER(place, log=log, clock=clock, timer=xhci_rig.Timer, **options)

    def sleep(self, ms):
        self.rig.clock.sleep_ms(ms)

    def close(self):
        usb.release()
        assert usbtask.loop().polled == [] and usbtask.loop().tasks == []
        xhci.Controller, xhci_find.places, machine.Timer = _CONTROLLER, _PLACES, _TIMER
        usbcore.unregister(usbhid.attach)


def attached():
    return [bus.hcd.name for bus in usb._attached or ()]


def test_at_boot():
    made = Machine()
    usb.start("usb=off")
    assert attached() == []
    usb.start("")
    made.sleep(1000)
    assert attached() == ["model"] and len(usb.devices()) == 1 and Timer.made == []
    assert usb.devices()[0].interfaces[0].driver is not None
    made.close()


def test_a_controller_that_is_left_alone_for_a_while():
    made = Machine(left=300)
    usb.start("")
    (timer,) = Timer.made
    assert attached() == [] and (timer.mode, timer.period) == (Timer.ONE_SHOT, 300)
    made.place.left = 0
    timer.fire()
    made.sleep(1000)
    assert attached() == ["model"] and len(usb.devices()) == 1 and len(Timer.made) == 1
    made.close()


def test_probed_before_its_time():
    made = Machine(left=300)
    usb.start("")
    buses = usb.probe()
    made.place.left = 0
    Timer.made[0].callback and Timer.made[0].fire()
    assert usb.probe() is buses and len(usbtask.loop().polled) == 1
    made.close()


def test_released_before_its_time():
    made = Machine(left=300)
    usb.start("")
    usb.release()
    made.place.left = 0
    Timer.made[0].callback and Timer.made[0].fire()
    assert attached() == []
    assert len(usb.devices()) == 1
    made.close()


def test_ctrl_c_while_a_bus_begins():
    made = Machine()
    start = usbports.Ports.start

    def interrupted(self):
        start(self)
        raise KeyboardInterrupt

    usbports.Ports.start = interrupted
    try:
        usb.probe()
        raise AssertionError
    except KeyboardInterrupt:
        pass
    finally:
        usbports.Ports.start = start
    assert usbtask.loop().polled == [] and attached() == []
    assert len(usb.probe()) == 1 and len(usb.devices()) == 1
    made.close()


def test_ctrl_c_while_a_bus_is_closed():
    made = Machine()
    assert len(usb.devices()) == 1

    def typed():
        made.rig.clock.on_pass.remove(typed)
        raise KeyboardInterrupt

    made.rig.clock.on_pass.append(typed)
    try:
        usb.release()
        raise AssertionError("no Ctrl-C")
    except KeyboardInterrupt:
        pass
    assert usb.probe()[0].hcd is usbtask.loop().polled[0] and len(usbtask.loop().polled) == 1
    usb.release()
    assert usbtask.loop().polled == [] and len(usb.devices()) == 1
    made.close()


def test_a_listener_that_looks_at_devices():
    """It is a step of what everybody else would wait for."""
    made = Machine()
    seen = []

    def listener(device, there):
        seen.append((there, len(usb.devices()), len(usb.find(class_=3))))

    undo = usb.on_attach(listener)
    usb.probe()
    device = made.rig.model.ports[0].device
    made.rig.model.unplug(1)
    made.sleep(200)
    made.rig.model.plug(1, device)
    made.sleep(1000)
    usb.release()
    assert seen == [(True, 1, 1), (False, 0, 0), (True, 1, 1), (False, 0, 0)]
    assert made.rig.clock.ticks_ms() < 5000 and attached() == []
    undo()
    made.close()


def test_what_does_not_start_is_left_out():
    for why in (OSError(5, "dead"), MemoryError(), ValueError("registers")):
        made = Machine()
        made.broken = why
        assert usb.probe() == []
        usb.release()
        made.broken = None
        assert len(usb.probe()) == 1
        made.close()


def test_names_after_release():
    made = Machine()
    device = usb.devices()[0]
    name = device.name
    usb.release()
    assert device.name == name and str(device).startswith(name)
    assert [n for n in usbcore._numbers if n] == []
    made.close()


def test_events():
    import asyncio

    if not hasattr(asyncio, "ThreadSafeFlag"):
        return
    made = Machine()
    told = []
    usb.probe()

    def bad(device, there):
        raise ValueError("listener")

    async def main():
        with usb.events() as events:
            device = made.rig.model.ports[0].device
            made.rig.model.unplug(1)
            made.sleep(200)
            told.append(await events.next())
            made.rig.model.plug(1, device)
            made.sleep(1000)
            async for one in events:
                told.append(one)
                break
            for n in range(70):
                usb._tell(n, True)
            assert (await events.next())[0] == 6 and events.lost == 6
        async for one in events:
            told.append(one)
        assert len(told) == 2 + 63

    undo = usb.on_attach(bad)
    asyncio.run(main())
    undo()
    assert [there for _, there in told[:2]] == [False, True]
    assert told[0][0].id == told[1][0].id == "0627:0001" and told[0][0] is not told[1][0]
    made.close()
