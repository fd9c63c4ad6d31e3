"""HID interfaces whose reports fail, whose listeners raise, whose options are wrong."""

import keyboard
import mouse
import prompt
import usb_devices as devices
import usb_parallels
import usbcore
import usbhid
from machine import Timer

from test_usbhid import driver, rig
from xhci_rig import Rig as XhciRig

AREA = "usb"

_A = bytes((0, 0, 4, 0, 0, 0, 0, 0))


def fails(model):
    """Its endpoint stalls, whatever is asked of it."""
    usual = model._answer

    def answer(kind, request, *more):
        if (kind, request) == (2, 1):
            raise devices.Stall
        return usual(kind, request, *more)

    model._answer = answer
    model.halted.add(0x81)


def test_keys_come_up_when_reports_fail_for_good():
    model, other = devices.keyboard(), devices.keyboard()
    made = rig(model, other)
    keys = keyboard.keys()
    keys._timer = Timer()
    told = []
    keys.listen(lambda *event: told.append(event))
    model.send(0x81, b"\x01\0\x04\0\0\0\0\0")
    made.clock.sleep_ms(10)
    assert keys.modifiers == 1 and keys._timer.callback
    fails(model)
    made.clock.sleep_ms(5000)
    assert any(["reports in a row failed" in text for text in made.texts(4)])
    assert told[2:] == [(0xE0, keyboard.UP, 0, 0), (4, keyboard.UP, 0, 0)], told
    assert keys.modifiers == 0 and keys._timer.callback is None
    prompt.taken()
    other.send(0x81, _A)
    made.clock.sleep_ms(10)
    assert prompt.taken() == b"a"
    made.close()


def test_buttons_come_up_when_reports_fail_for_good():
    model = devices.mouse()
    made = rig(model)
    model.send(0x81, bytes((1, 5, 0, 0)))
    made.clock.sleep_ms(10)
    assert mouse.pointer().buttons == 1
    fails(model)
    made.clock.sleep_ms(5000)
    assert mouse.pointer().buttons == 0 and mouse.pointer().x == 5
    made.close()


def test_reports_that_are_cancelled_are_asked_for_again():
    """As a controller may do when another interface is configured."""
    model = devices.keyboard()
    made = rig(model)
    reader = driver(made).reader
    for _ in range(20):
        for transfer in reader._transfers:
            transfer.cancel()
        made.clock.sleep_ms(30)
    assert reader.errors == 0 and made.texts(5) == []
    prompt.taken()
    model.send(0x81, _A)
    made.clock.sleep_ms(10)
    assert prompt.taken() == b"a"
    made.hcd.usb2.unplug(1)
    made.settle(100)
    made.balanced()
    made.close()


def test_bulk_on_a_device_with_two_interfaces():
    """Each interface that is configured anew leaves the reports of the other as they were."""
    rig(bulk="on").close()
    model = usb_parallels.mouse()
    made = XhciRig({1: model})
    usbhid.start()
    made.settle()
    hids = [i.driver for i in made.device(1).interfaces if i.class_ == 3]
    assert len(hids) == 2
    for hid in hids:
        model.send(hid.reader.endpoint.address, bytes(8))
    made.clock.sleep_ms(100)
    assert [hid.count for hid in hids] == [1, 1]
    usbcore.unregister(usbhid.attach)
    made.close()


def test_whose_mistake_it_is():
    model = devices.mouse()
    made = rig(model)
    hid = driver(made)
    seen, broken = [], []
    hid.on_report = lambda report, n: seen.append(n)

    def breaks(*args):
        broken.append(1)
        raise ValueError("sink")

    hid._all[0].report = breaks
    for _ in range(3):
        model.send(0x81, bytes((0, 1, 0, 0)))
    made.clock.sleep_ms(30)
    assert len(seen) == len(broken) == 3 and hid.on_report is not None
    made.close()


def test_options_that_are_none():
    made = rig()
    wrong = ["poll=always", "bulk=yes", "protocol=both", "speed"]
    assert usbhid.configure(",".join(wrong)) == wrong
    assert (usbhid.options["poll"], usbhid.options["bulk"]) == ("off", "off")
    assert usbhid.configure("poll=on,bulk=auto,protocol=boot,idle=0,dump") == []
    assert (usbhid.options["poll"], usbhid.options["bulk"]) == ("on", "auto")
    assert usbhid.options["protocol"] == "boot" and not usbhid.options["idle"]
    rig().close()
    made.close()
