"""The HID class driver against scripted devices: binding, reports, stalls, lights, the end."""

import hid_descriptors as known
import keyboard
import mouse
import prompt
import usb_devices as devices
import usb_parallels
import usbhid
import usbtask
from hidfield import FEATURE
from usb_hcd import Rig

AREA = "usb"

_DEFAULTS = dict(usbhid.options)


def rig(*models, supers=(), **options):
    """A bus with these devices, taken in."""
    del keyboard._keys[:]
    del mouse._pointer[:]
    prompt.taken()
    usbhid.options.clear()
    usbhid.options.update(_DEFAULTS)
    usbhid.options.update(options)
    made = Rig(
        {n + 1: model for n, model in enumerate(models)},
        {n + 1: model for n, model in enumerate(supers)},
    )
    usbhid.start()
    made.settle()
    return made


def driver(made, number=0, device=0):
    return made.bus.devices[device].interfaces[number].driver


def class_requests(model):
    """(request, value, index) of what the driver asked of the interface."""
    return [(r, v, i) for k, r, v, i, _ in model.log if k & 0x60 or k == 0x81]


def test_a_key_goes_all_the_way():
    model = devices.keyboard()
    made = rig(model)
    told = []
    keyboard.keys().listen(lambda *event: told.append(event))
    assert class_requests(model)[:3] == [(6, 0x2200, 0), (11, 1, 0), (10, 0, 0)]
    model.send(0x81, b"\x02\0\x04\0\0\0\0\0")
    model.send(0x81, bytes(8))
    made.clock.sleep_ms(5)
    assert prompt.taken() == b"A" and len(told) == 4
    hid = driver(made)
    assert hid.count == 2 and not hid.boot and hid.descriptor == devices.BOOT_KEYBOARD
    assert usbhid.counters["usb_keys"]() == 4
    assert any(
        ["keyboard, report descriptor of 63 bytes, input 0 of 8" in t for t in made.texts()]
    )
    made.close()


def test_mouse_and_tablet():
    relative, tablet = devices.mouse(), devices.tablet()
    made = rig(relative, tablet)
    relative.send(0x81, bytes((1, 5, 6, 0)))
    made.clock.sleep_ms(2)
    pointer = mouse.pointer()
    assert (pointer.x, pointer.y, pointer.buttons) == (5, 6, 1)
    tablet.send(0x81, bytes((0, 0x34, 0x12, 0xFF, 0x7F, 0xFF)))
    made.clock.sleep_ms(2)
    assert (pointer.x, pointer.y, pointer.wheel) == (0x1234, 32767, -1)
    made.close()


def test_parallels_keyboard_is_sent_what_linux_sends():
    model = usb_parallels.keyboard()
    made = rig(supers=[model])
    asked = class_requests(model)
    asked.remove((9, 0x0200, 0))  # the lights, meanwhile
    assert asked == [(6, 0x2200, 0), (10, 0, 0), (6, 0x2200, 1), (10, 0, 1)]
    made.close()


def test_parallels_keyboard():
    model = usb_parallels.keyboard()
    made = rig(supers=[model])
    model.send(0x82, bytes((1, 2, 4, 5, 0, 0, 0, 0, 0)))
    model.send(0x82, bytes((1, 0, 0, 0, 0, 0, 0, 0, 0)))
    made.clock.sleep_ms(5)
    model.send(0x81, bytes((0, 0, 6, 0, 0, 0, 0, 0)))
    made.clock.sleep_ms(5)
    assert prompt.taken() == b"ABc"
    assert model.outputs == [(0, 0x200, b"\x01")]  # Num Lock shines
    model.send(0x82, bytes((1, 0, 0x39, 0, 0, 0, 0, 0, 0)))
    made.clock.sleep_ms(5)
    assert model.outputs[1:] == [(0, 0x200, b"\x03")]
    made.close()


def test_parallels_mouse():
    model = usb_parallels.mouse()
    made = rig(supers=[model])
    pointer = mouse.pointer()
    model.send(0x81, bytes((1, 1, 0xFF, 0x7F, 0x34, 0x12, 0xFF)))
    made.clock.sleep_ms(2)
    assert (pointer.x, pointer.y, pointer.buttons, pointer.wheel) == (32767, 0x1234, 1, -1)
    pointer.screen(1024, 768)
    model.send(0x81, bytes((1, 0, 0, 0x40, 0, 0x40, 0)))
    made.clock.sleep_ms(2)
    assert (pointer.x, pointer.y, pointer.buttons) == (512, 384, 0)
    hid = driver(made)
    assert usbtask.run(hid.get_report(FEATURE, 0x11, 64)) == b"\x11\x00"
    made.close()


def test_finer_wheels():
    model = usb_parallels.mouse()
    made = rig(supers=[model], hires=True)
    assert model.outputs == [(0, 0x311, b"\x11\x01"), (1, 0x312, b"\x12\x01")]
    model.send(0x81, bytes((1, 0, 0, 0, 0, 0, 12)))
    made.clock.sleep_ms(2)
    assert (mouse.pointer().wheel, mouse.pointer().fine) == (1, 180)
    made.close()
    model.features[0, 0x11] = b"\x11"
    del model.features[1, 0x12]
    made = rig(devices.mouse(), supers=[model], hires=True)
    assert len([text for text in made.texts(5) if "wheel: " in text]) == 2
    model.send(0x81, bytes((1, 0, 0, 0, 0, 0, 1)))
    made.clock.sleep_ms(2)
    assert (mouse.pointer().wheel, mouse.pointer().fine) == (1, 120)
    made.close()


def test_requests():
    model = devices.keyboard()
    model.features[0, 0x11] = b"\x11\x05"
    made = rig(model)
    hid = driver(made)
    assert usbtask.run(hid.get_report(FEATURE, 0x11, 64)) == b"\x11\x05"
    assert usbtask.run(hid.get_protocol()) == 1
    usbtask.run(hid.set_report(FEATURE, 0x12, b"\x12\x01"))
    assert model.outputs[-1] == (0, 0x312, b"\x12\x01")
    usbtask.run(hid.set_idle(25, 3))
    assert model.log[-1] == (0x21, 10, 25 << 8 | 3, 0, 0)
    made.close()


def test_what_may_be_refused():
    def stubborn(*asked):
        raise devices.Stall

    model = devices.keyboard()
    model.class_request = stubborn
    made = rig(model)
    model.send(0x81, bytes((0, 0, 4, 0, 0, 0, 0, 0)))
    made.clock.sleep_ms(2)
    assert prompt.taken() == b"a"
    assert any(["LEDs: " in text for text in made.texts()])
    made.close()
    made = rig(devices.keyboard(), idle=False, protocol=None)
    assert class_requests(made.hcd.usb2.plugged[1])[:2] == [(6, 0x2200, 0), (9, 0x200, 0)]
    made.close()


def test_a_stalled_endpoint_comes_back():
    model = devices.keyboard()
    made = rig(model)
    hid = driver(made)
    for n in range(1, 4):
        model.halted.add(0x81)
        made.clock.sleep_ms(100)
        assert not model.halted and made.hcd.calls.count("reset_endpoint") == n
        model.send(0x81, bytes((0, 0, 4, 0, 0, 0, 0, 0)))
        made.clock.sleep_ms(5)
        assert hid.count == n and hid.reader.errors == 0
    made.close()


def test_errors_for_good_end():
    model = devices.keyboard()
    made = rig(model)
    model.data_in = lambda endpoint, length: bytes(length + 1)  # babble, always
    made.clock.sleep_ms(2000)
    assert any(["6 reports in a row failed" in text for text in made.texts(4)])
    assert any(["report: babble Babble" in text for text in made.texts()])
    assert made.hcd.pending == [] and usbtask.loop().tasks == []
    made.close()


def test_too_short_and_unknown_reports():
    model = usb_parallels.keyboard()
    made = rig(supers=[model])
    model.send(0x82, bytes((1, 0, 4, 5, 6, 7, 8, 9, 10)))
    model.send(0x82, bytes((1, 0, 4)))  # the rest is 0, not what was there
    model.send(0x82, bytes((9, 0, 5)))
    model.send(0x82, b"")
    made.clock.sleep_ms(5)
    source = driver(made, 1)._all[0]
    assert source.down[0] == 0x10 and not any(source.down[1:])
    assert driver(made, 1).count == 3
    made.close()


def test_a_bad_descriptor():
    """A boot keyboard works by the boot protocol, another device is refused."""
    for damaged in (b"\xa1\x01", b"\xb4" * 10, known.BOOT_MOUSE[:-1]):
        model, other = devices.keyboard(), devices.tablet()
        model.reports[0] = other.reports[0] = damaged
        made = rig(model, other)
        assert driver(made).boot and model.protocols == {0: 0}
        assert driver(made, device=1) is None
        model.send(0x81, bytes((0, 0, 4, 0, 0, 0, 0, 0)))
        made.clock.sleep_ms(2)
        assert prompt.taken() == b"a"
        made.close()
    model = devices.mouse()
    made = rig(model, protocol="boot")
    assert driver(made).boot and model.protocols == {0: 0}
    model.send(0x81, bytes((0, 255, 9)))
    made.clock.sleep_ms(2)
    assert (mouse.pointer().dx, mouse.pointer().y) == (-1, 9)
    made.close()


def test_unplugged_with_a_key_down():
    model = devices.keyboard()
    made = rig(model)
    told = []
    model.send(0x81, bytes((2, 0, 4, 0, 0, 0, 0, 0)))
    made.clock.sleep_ms(2)
    keyboard.keys().listen(lambda *event: told.append(event))
    made.hcd.usb2.unplug(1)
    made.settle(50)
    assert told == [(0xE1, 0, 0, 0), (4, 0, 0, 0)] and keyboard.keys().modifiers == 0
    made.balanced()
    made.close()


def test_gone_at_every_request():
    """A device that vanishes while it is asked leaves nothing behind."""
    last = 0
    for fault in ("vanish", "stall"):
        for n in range(20):
            model = usb_parallels.keyboard()
            model.faults[n] = fault
            made = rig(supers=[model])
            made.settle(500)
            last = max(last, model.count)
            made.close()
    assert last == 19


def test_every_report_is_seen():
    model = devices.mouse()
    made = rig(model)
    seen = []

    def on_report(report, n):
        seen.append(bytes(report[:n]))
        if len(seen) == 3:
            raise ValueError("three")

    driver(made).on_report = on_report
    for n in range(1, 6):
        model.send(0x81, bytes((0, n, 0, 0)))
    made.clock.sleep_ms(20)
    assert seen == [bytes((0, n, 0, 0)) for n in (1, 2, 3)]
    assert mouse.pointer().x == 15 and driver(made).count == 5
    made.close()


def test_options_of_the_command_line():
    made = rig()
    usbhid.start("root=none usbhid=dump,poll=auto,idle=0,protocol=,speed keymap=de")
    assert usbhid.options["dump"] is True and usbhid.options["poll"] == "auto"
    assert usbhid.options["idle"] is False and usbhid.options["protocol"] is None
    assert keyboard.keys().layout == "de"
    usbhid.start("keymap=xx")
    assert keyboard.keys().layout == "de"
    made.close()
