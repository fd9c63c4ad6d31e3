"""HID devices that QEMU has not, on its controllers: Parallels', and one with much to say."""

import time

import pytest
import usb_devices
import usb_parallels
from usbredir import Server

pytestmark = pytest.mark.usb

_REPORTS = 3000
_SLACK = 1.15


@pytest.fixture
def redirected(vm_factory):
    """(plug, prompt) of a machine that takes in whatever is plugged."""
    with Server() as plug:
        vm = vm_factory(device=["qemu-xhci,id=u", plug.device("u.0")], extra=plug.extra)
        repl = vm.repl()
        repl.exec("import usb, keyboard, mouse, time\nusb.probe()")
        yield plug, repl


def until(repl, expression, wanted, seconds=10.0):
    deadline = time.monotonic() + seconds
    while (value := repl.eval(expression)) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def test_parallels_keyboard(redirected):
    plug, repl = redirected
    repl.exec("told = []\nkeyboard.keys().listen(lambda u, a, m, c: a and told.append(chr(c)))")
    device = plug.plug(usb_parallels.keyboard())
    assert until(repl, "len(keyboard.keys()._keyboards)", 2) == 2
    for keys in ((4, 5), (4, 5, 6), (), (7,), ()):
        device.send(0x82, bytes((1, 0, *keys)).ljust(9, b"\0"))
    assert until(repl, "''.join(told)", "abcd") == "abcd"
    assert device.outputs == [(0, 0x200, b"\1")]
    device.send(0x82, b"\1\0\x39" + bytes(6))
    assert until(repl, "keyboard.keys().locks", 3) == 3
    deadline = time.monotonic() + 5
    while len(device.outputs) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert device.outputs[1:] == [(0, 0x200, b"\3")]
    plug.unplug()
    assert until(repl, "len(keyboard.keys()._keyboards)", 0) == 0
    assert repl.eval("''.join(told)") == "abcd\0"


def test_parallels_mouse(redirected):
    plug, repl = redirected
    device = plug.plug(usb_parallels.mouse())
    assert until(repl, "len(mouse.pointer()._mice)", 2) == 2
    for x, y in ((0, 32767), (12345, 1), (32767, 0)):
        device.send(0x81, bytes((1, 0, x & 255, x >> 8, y & 255, y >> 8, 0)))
        assert until(repl, "(mouse.pointer().x, mouse.pointer().y)", (x, y)) == (x, y)


def test_a_thousand_reports_a_second(redirected):
    """None is lost, none allocates, and they are heard as fast as they are sent.

    The best of three: a host that is busy elsewhere makes them late, but loses none either.
    """
    plug, repl = redirected
    device = usb_devices._one("high", 2, "fast", 2, usb_devices.MOUSE, 4, 1)
    plug.plug(device)
    assert until(repl, "len(mouse.pointer()._mice)", 1) == 1
    repl.exec(
        "import gc\n"
        "def listener(x, y, buttons, wheel):\n"
        "    global first, last, n, sum, used\n"
        "    last = time.ticks_ms()\n"
        "    if first is None: first = last\n"
        "    sum += wheel\n"
        "    n += 1\n"
        f"    if n == {_REPORTS // 4}: used = gc.mem_alloc()\n"
        f"    if n == {_REPORTS * 3 // 4}: used = gc.mem_alloc() - used\n"
        "mouse.pointer().listen(listener)\n"
    )
    rates = []
    while not rates or (max(rates) < 1 / _SLACK and len(rates) < 3):
        rates.append(stream(repl, device))
    assert max(rates) > 1 / _SLACK, rates


def stream(repl, device):
    """How fast they were heard, as a part of how fast they were sent."""
    repl.exec("gc.collect()\nfirst = last = used = None\nn = sum = 0")
    began = time.monotonic()
    for n in range(_REPORTS):
        while began + n / 1000 > time.monotonic():
            time.sleep(0.0005)
        device.send(0x81, bytes((0, 0, 0, 1 + n % 7)))
    sent_ms = 1000 * (time.monotonic() - began)
    while device.pending[0x81] and time.monotonic() < began + 60:
        time.sleep(0.05)  # to ask the prompt would allocate
    wanted = sum(1 + n % 7 for n in range(_REPORTS))
    assert until(repl, "sum", wanted) == wanted
    took_ms, count, used = repl.eval("(time.ticks_diff(last, first), n, used)")
    print(f"{count} reports, sent in {sent_ms:.0f} ms, heard in {took_ms} ms")
    assert (count, used) == (_REPORTS, 0)
    return sent_ms / took_ms
