"""A keyboard of tests/sim on QEMU's controllers: its interrupt endpoint fails while it is used."""

import pytest
import usb_devices
import usb_parallels
from redirmachine import CONTROLLERS, XHCI, Rig, pairs
from usbmachines import value

pytestmark = pytest.mark.usb

_LISTEN = """
import keyboard
from klog import read
_, at = read()
keys = keyboard.keys()
came, times = [], []
def pressed(usage, action, modifiers, char):
    if action != keyboard.REPEAT:
        came.append((usage, action == keyboard.DOWN))
        times.append(time.ticks_ms())
keys.repl = False
keys.listen(pressed)
def heard(n, ms=5000):
    until(lambda: len(came) >= n, ms)
    return came
"""
A, B = b"\0\0\4\0\0\0\0\0", b"\0\0\5\0\0\0\0\0"
UP = bytes(8)


@pytest.fixture
def rig(vm_factory, request):
    rig = Rig(vm_factory, request.param)
    rig.repl.exec(_LISTEN)
    yield rig
    rig.close()


def log(rig):
    return value(rig.repl, "read(at)[0]").decode() + "\n".join(value(rig.repl, "said"))


def away(rig, n=0):
    rig.plugs[n].unplug()
    assert rig.empty() == rig.left


@pytest.mark.parametrize("rig, speed", pairs("low", "high", "super"), indirect=["rig"])
def test_errors_between_reports(rig, speed):
    """A stall is cleared, babble is tried again; what is held stays held, no key is lost."""
    model = usb_devices.keyboard(speed)
    rig.plug([model])
    model.send(0x81, A)
    assert value(rig.repl, "heard(1)") == [(4, True)]
    model.halted.add(0x81)
    model.send(0x81, B)
    assert sorted(value(rig.repl, "heard(3)")[1:]) == [(4, False), (5, True)]
    assert (2, 1, 0, 0x81, 0) in model.log and not model.halted
    model.send(0x81, UP + b"?")  # more than a packet
    rig.repl.exec("until(lambda: any('report: babble' in text for text in said), 5000)")
    model.send(0x81, UP)
    assert value(rig.repl, "heard(4)")[3:] == [(5, False)]
    said = log(rig)
    assert "report: stalled" in said and "report: babble" in said
    away(rig)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_an_endpoint_that_only_fails(rig):
    """It is given up with a word; others type on."""
    bad, good = usb_devices.keyboard("high"), usb_devices.keyboard("high")
    rig.plug([bad, good])
    bad.send(0x81, bytes(9))
    good.send(0x81, A)
    good.send(0x81, UP)
    assert value(rig.repl, "heard(2)") == [(4, True), (4, False)]
    for _ in range(50):  # QEMU throws away what waits at an endpoint that is cleared
        value(rig.repl, "until(lambda: any('in a row failed' in t for t in said), 100)")
        if "in a row failed" in log(rig):
            break
        bad.send(0x81, bytes(9))
    assert "6 reports in a row failed" in log(rig)
    rig.plugs[0].unplug()
    away(rig, 1)


@pytest.mark.parametrize("rig", XHCI, indirect=True)
def test_unplugged_with_keys_down(rig):
    """The keys come up: with the device, with a word of it, and when its program dies."""
    for leave in ("unplug", "hang_up"):
        model = usb_parallels.keyboard()
        rig.plug([model])
        rig.repl.exec("del came[:]")
        model.send(0x82, b"\1\0\4\5\0\0\0\0\0")
        assert sorted(value(rig.repl, "heard(2)")) == [(4, True), (5, True)]
        getattr(rig.plugs[0], leave)()
        assert sorted(value(rig.repl, "heard(4)")[2:]) == [(4, False), (5, False)]
        assert rig.empty() == rig.left


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_a_storm_of_reports(rig, full):
    """As fast as the endpoint may, every 1 ms: all arrive, in order.

    QEMU's frames slip on a busy host, and it does not make up for them: hence the bound.  The
    rate is judged by test_usb_hid_redir.py.
    """
    model = usb_devices._one("high", 1, "Keyboard", 1, usb_devices.BOOT_KEYBOARD, 8, 4)
    rig.plug([model])
    presses = 500 if full else 100
    assert min(storm(rig, model, presses) for _ in range(2)) < 5 * presses
    away(rig)


def storm(rig, model, presses):
    """ms from the first report to the last."""
    rig.repl.exec("del came[:], times[:]")
    wanted = []
    for n in range(presses):
        usage = 4 + n % 26
        wanted += [(usage, True), (usage, False)]
    for usage, down in wanted:
        model.send(0x81, bytes((0, 0, usage, 0, 0, 0, 0, 0)) if down else UP)
    assert value(rig.repl, f"heard({2 * presses}, 20000)", 60) == wanted
    return value(rig.repl, "time.ticks_diff(times[-1], times[0])")
