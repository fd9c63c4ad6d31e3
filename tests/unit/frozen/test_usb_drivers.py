"""Class drivers that fail, decline or wait for ever; the bus goes on without them."""

import dma
import usb_devices
import usb_hubs
import usbcore
import usbtask
from usb_hcd import Rig
from usbendpoint import Transfer

AREA = "usb"


def test_a_factory_that_fails_or_declines():
    rig = Rig({1: usb_devices.keyboard()})
    seen = []

    class Driver:
        def detached(self):
            seen.append("detached")

    def declines(device, interface):
        seen.append("declines")
        yield 1

    def fails(device, interface):
        yield from device.request(0x80, 6, 0x700, 0, 8)

    def takes(device, interface):
        yield 1
        return Driver()

    usbcore.register(lambda d, i: i.class_ == 3, declines)
    usbcore.register(lambda d, i: i.class_ == 3, fails)
    rig.settle()
    assert seen == ["declines"] and "stalled" in rig.texts(4)[0]
    usbcore.register(lambda d, i: i.class_ == 3, takes)
    rig.clock.sleep_ms(20)
    assert isinstance(rig.bus.devices[0].interfaces[0].driver, Driver)
    rig.hcd.usb2.unplug(1)
    rig.clock.sleep_ms(20)
    assert seen[-1] == "detached"
    rig.close()


def test_gone_while_its_driver_waits_for_it():
    """Also for what may take for ever, also behind a hub: nobody waits longer than it is there."""
    seen = []

    def factory(device, interface):
        buffer = dma.alloc(8)
        transfer = Transfer(interface.endpoints[0], buffer)
        assert transfer.submit() == 0 and transfer.limit_ms is None
        try:
            yield transfer
        except OSError as why:
            seen.append(why.errno)
            assert transfer.submit() == -19
            raise
        finally:
            buffer.free()

    for behind in (False, True):
        model = usb_devices.keyboard()
        if behind:
            model = usb_hubs.Hub("high", 4, True)
            model.plug(3, usb_devices.mouse("full"))
        rig = Rig({2: model})
        rig.hcd.mute = True
        usbcore.register(lambda d, i: i.class_ == 3, factory)
        rig.clock.sleep_ms(1000)
        assert rig.bus.busy() and seen == []
        rig.hcd.usb2.unplug(2)
        rig.clock.sleep_ms(20)
        assert seen.pop() == 19 and not rig.bus.busy() and rig.bus.devices == []
        rig.balanced()
        rig.close()


def test_drivers_and_listeners_that_raise_what_they_like():
    rig = Rig({1: usb_devices.keyboard(), 2: usb_devices.mouse()})

    class Driver:
        def detached(self):
            raise KeyError("detached")

    def match(device, interface):
        if device.port == 1:
            raise TypeError("match")
        return True

    def fails(device, interface):
        yield 1
        raise IndexError("factory")

    def takes(device, interface):
        yield 1
        return Driver()

    def listener(device, there):
        raise ZeroDivisionError("listener")

    usbcore.register(match, fails)
    usbcore.register(lambda device, interface: True, takes)
    rig.bus.on_attach = listener
    rig.settle()
    assert [isinstance(d.interfaces[0].driver, Driver) for d in rig.bus.devices] == [True, True]
    text = "\n".join(rig.texts(4))
    assert "TypeError" in text and "IndexError" in text and "ZeroDivisionError" in text
    rig.hcd.usb2.unplug(1)
    rig.settle(20)
    assert "KeyError" in "\n".join(rig.texts(4))
    rig.balanced(1)
    rig.close()


def test_what_nobody_expected_is_no_endless_loop():
    rig = Rig({1: usb_devices.keyboard()})

    def broken(device, endpoints):
        rig.hcd.calls.append("configure")
        yield 1
        raise MemoryError

    rig.hcd.configure = broken
    rig.settle()
    assert rig.hcd.calls.count("configure") == 3 and rig.bus.devices == []
    assert "refused" in rig.texts(4)[-1] and "MemoryError" in rig.texts(4)[-1]
    rig.balanced()
    rig.close()


def test_a_callback_that_raises():
    """What a transfer's end goes through must not be cut: the events behind it are lost then."""
    models = usb_devices.keyboard(), usb_devices.keyboard()
    rig = Rig({1: models[0], 2: models[1]})
    rig.settle()
    ended = []

    def callback(transfer):
        ended.append(transfer.endpoint.device.port)
        raise ValueError("callback")

    transfers = []
    for device in rig.bus.devices:
        transfers.append(Transfer(device.endpoints[0x81], dma.alloc(8), callback))
        assert transfers[-1].submit() == 0
    for model in models:
        model.send(0x81, bytes(8))
    rig.clock.sleep_ms(20)
    assert sorted(ended) == [1, 2] and [t.status for t in transfers] == [0, 0]
    assert len([text for text in rig.texts(4) if "callback" in text]) == 2
    for t in transfers:
        t.buffer.free()
    rig.close()


def test_ctrl_c_in_a_drivers_factory():
    """On the target: one that takes longer than Ctrl-C waits.  It is bound all the same."""
    rig = Rig({1: usb_devices.keyboard()})
    hits = []

    def factory(device, interface):
        yield 1
        if not hits:
            hits.append(device)
            raise KeyboardInterrupt
        return Driver()

    class Driver:
        pass

    usbcore.register(lambda device, interface: True, factory)
    try:
        rig.settle()
    except KeyboardInterrupt:
        pass
    rig.settle(100)
    assert hits and isinstance(rig.bus.devices[0].interfaces[0].driver, Driver)
    rig.close()


def test_a_device_goes_while_a_driver_is_offered_what_there_is():
    """Its neighbour in the list is offered all the same."""
    rig = Rig({1: usb_devices.keyboard(), 2: usb_devices.mouse(), 3: usb_devices.mouse()})
    rig.settle()
    offered = []
    start = usbtask.start

    def match(device, interface):
        offered.append(device.port)
        return False

    def interrupted(*words):
        usbtask.start = start
        task = start(*words)
        rig.hcd.usb2.unplug(rig.bus.devices[0].port)
        rig.clock.sleep_ms(50)
        return task

    usbtask.start = interrupted
    try:
        usbcore.register(match, None)
    finally:
        usbtask.start = start
    assert sorted(offered) == [1, 2, 3] and len(rig.bus.devices) == 2
    rig.close()
