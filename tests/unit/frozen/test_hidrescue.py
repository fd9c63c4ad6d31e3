"""What helps where interrupt endpoints do not work; and that reports cost no memory."""

import gc
import sys

import hidreader
import hidrescue
import keyboard
import prompt
import usb_devices as devices
import usbtask
from hid_descriptors import BOOT_KEYBOARD
from hidreport import parse
from usbendpoint import BULK, INTERRUPT, Endpoint
from usbhid import Hid

from test_usbhid import driver, rig

AREA = "usb"

_A = bytes((0, 0, 4, 0, 0, 0, 0, 0))


class Polled:
    """A keyboard whose GET_REPORT works and whose interrupt endpoint stays silent (or fails)."""

    def __init__(self):
        self.current = bytes(8)
        self.echo = False
        self.model = devices.keyboard()
        self.usual = self.model.class_request
        self.model.class_request = self.class_request

    def class_request(self, kind, request, value, index, length, data):
        if self.echo and kind == 0xA1:
            setup = bytes((kind, request, value & 255, value >> 8, index, 0, length, 0))
            return setup[:length]
        if (kind, request) == (0xA1, 1):
            return self.current
        return self.usual(kind, request, value, index, length, data)


def asked(polled):
    """GET_REPORTs so far."""
    return len([1 for k, request, _, _, _ in polled.model.log if (k, request) == (0xA1, 1)])


def test_polling():
    polled = Polled()
    made = rig(polled.model, poll="on")
    before = asked(polled)
    made.clock.sleep_ms(1000)
    assert 80 <= asked(polled) - before <= 100
    polled.current = _A
    made.clock.sleep_ms(30)
    polled.current = bytes(8)
    made.clock.sleep_ms(30)
    assert prompt.taken() == b"a" and driver(made).polled
    assert any(["polling with GET_REPORT" in text for text in made.texts()])
    made.hcd.usb2.unplug(1)
    made.settle(100)
    made.balanced()
    made.close()


def test_polling_ends_where_it_gives_nothing():
    polled = Polled()
    polled.echo = True
    made = rig(polled.model, poll="on")
    made.clock.sleep_ms(200)
    assert any(["polling ends" in t and "SETUP echo" in t for t in made.texts()])
    assert prompt.taken() == b"" and usbtask.loop().tasks == []
    made.close()


def test_a_watch_sees_that_no_interrupt_comes():
    polled = Polled()
    made = rig(polled.model, poll="auto")
    made.clock.sleep_ms(1000)
    assert not driver(made).polled and 3 <= asked(polled) <= 5
    polled.current = _A
    made.clock.sleep_ms(600)
    assert driver(made).polled and prompt.taken() == b"a"
    assert any(["no interrupt transfer brings them" in text for text in made.texts()])
    made.hcd.usb2.unplug(1)
    made.settle(300)
    made.close()


def test_a_watch_ends_with_the_first_report():
    polled = Polled()
    made = rig(polled.model, poll="auto")
    polled.current = _A
    polled.model.send(0x81, _A)
    made.clock.sleep_ms(600)
    before = asked(polled)
    made.clock.sleep_ms(600)
    assert asked(polled) == before and not driver(made).polled
    assert usbtask.loop().tasks == []
    made.close()


def test_as_bulk():
    model = devices.keyboard()
    made = rig(model, bulk="on")
    hid = driver(made)
    assert hid.reader.endpoint.kind == BULK and made.hcd.calls.count("configure") == 3
    model.send(0x81, _A)
    made.clock.sleep_ms(5)
    assert prompt.taken() == b"a"
    made.close()


def test_bulk_and_then_polling_after_errors():
    polled = Polled()
    made = rig(polled.model, bulk="auto", poll="auto")
    polled.model.data_in = lambda endpoint, length: bytes(length + 1)
    made.clock.sleep_ms(3000)
    assert driver(made).reader.endpoint.kind == BULK and driver(made).polled
    polled.current = _A
    made.clock.sleep_ms(50)
    assert prompt.taken() == b"a"
    polled.echo = True
    made.clock.sleep_ms(200)
    assert not driver(made).polled
    made.close()


def test_selftest():
    made = rig(devices.keyboard(), selftest=True)
    texts = "\n".join(made.texts())
    assert "selftest: GET_REPORT: ok, 8 bytes 00 00" in texts
    assert "selftest: GET_PROTOCOL: ok, 1 bytes 01" in texts
    assert "selftest: GET_DESCRIPTOR: ok, 18 bytes 12 01" in texts
    made.close()
    polled = Polled()
    polled.echo = True
    made = rig(polled.model)
    found = usbtask.run(hidrescue.selftest(driver(made)))
    assert [said for _, _, said in found] == ["SETUP echo", "SETUP echo", "ok"]
    assert found[0][1] == bytes((0xA1, 1, 0, 1, 0, 0, 8, 0))
    polled.model.always = "stall"
    found = usbtask.run(hidrescue.selftest(driver(made)))
    assert [data for _, data, _ in found] == [None, None, None]
    assert found[0][2].endswith("stalled") or "32" in found[0][2]
    made.close()


def test_dump():
    made = rig(devices.keyboard(), dump=True)
    texts = made.texts()
    assert any(
        [t.endswith("0000  05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01") for t in texts]
    )
    assert any([t.endswith("Collection (Application)") for t in texts])
    made.close()


def test_sentinels():
    model = devices.keyboard()
    made = rig(model)
    before = dict(hidreader.counts)
    model.send(0x81, _A)
    model.send(0x81, b"\xde" * 8)  # what a buffer holds that nobody wrote
    model.send(0x81, _A)
    made.clock.sleep_ms(10)
    assert hidreader.counts["real"] - before["real"] == 2
    assert hidreader.counts["stale"] - before["stale"] == 1
    made.close()


class Still:
    """A controller that keeps its one transfer."""

    capture = None
    transfer = None

    def submit(self, transfer):
        self.transfer = transfer
        return 0


class Plugged:
    """As much of a Device as a report needs."""

    gone = False
    name = "1-1"

    def __init__(self):
        self.hcd = Still()


class Number:
    number = 0


def test_nothing_is_allocated():
    """From the controller's event to the listener; where gc tells: MicroPython."""
    if sys.implementation.name != "micropython":
        return
    del keyboard._keys[:]
    device = Plugged()
    hid = Hid(device, Number())
    hid.reports = parse(BOOT_KEYBOARD)
    fields = keyboard.key_fields(hid.reports)[0]
    keys = keyboard.Keys()
    hid._sink(0, keyboard.Keyboard(keys, fields))
    endpoint = Endpoint(device, 0x81, INTERRUPT, 8)
    hid.reader = hidreader.Reader(endpoint, 8, hid.take, None, None, True)
    hid.reader.start()
    report = hid.reader._transfers[0].report
    for n in range(1010):
        if n == 10:
            gc.collect()
            gc.disable()
            used = gc.mem_alloc()
            count = keys.count
        for i in range(8):
            report[i] = 0
        report[2] = 0 if n & 1 else 4
        device.hcd.transfer.finish(0, 8, "Success")
    used = gc.mem_alloc() - used
    gc.enable()
    assert used == 0, used
    assert keys.count - count == 1000 and hid.count == 1010
