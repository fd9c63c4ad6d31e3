"""QEMU's keyboard, mouse and tablet over USB: to the prompt and to Python."""

import threading
import time

import pytest
from usbmachines import at_word

from pyrallax import heartbeat
from pyrallax.repl import Repl
from pyrallax.vm.prl.keyline import KeyLine

pytestmark = pytest.mark.usb

_CONTROLLERS = ("qemu-xhci", "nec-usb-xhci")


@pytest.fixture(params=_CONTROLLERS)
def usb(request, vm_factory):
    """A machine with these devices at such a controller, probed: (machine, its prompt)."""

    def start(*devices, append=""):
        at = [f"{name},bus=u.0" for name in devices]
        vm = vm_factory(device=[f"{request.param},id=u", *at], append=append)
        repl = vm.repl()
        repl.exec("import usb, keyboard, mouse, usbhid\nusb.probe()")
        return vm, repl

    return start


def until(repl, expression, wanted):
    """Its value, once that is what is wanted; the last one after five seconds."""
    deadline = time.monotonic() + 5
    while (value := repl.eval(expression)) != wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def hears(vm):
    """Return once the prompt gets what is typed on the USB keyboard, and has got it all."""
    deadline = time.monotonic() + 20
    while b">>> " not in vm.drain():
        assert time.monotonic() < deadline
        vm.keyboard.press("ret")
    while vm.drain(0.2):
        pass


def test_types_at_the_prompt(usb):
    vm, repl = usb("usb-kbd")
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    vm.keyboard.type('print("A-z_", 6 * 7)\n')
    assert repl.wait_prompt(10).endswith(b"\r\nA-z_ 42\r\n>>> ")
    vm.keyboard.type("while True: pass\n\n")
    repl.read_until(b"\n... \r\n", 5)
    vm.keyboard.press("ctrl-c")
    assert b"KeyboardInterrupt" in repl.wait_prompt(10)
    vm.keyboard.type("12")
    vm.keyboard.press("left")
    vm.keyboard.press("backspace")
    vm.keyboard.type("4\n")
    assert repl.wait_prompt(10).endswith(b"\r\n42\r\n>>> ")
    vm.keyboard.press("up")
    vm.keyboard.press("ret")
    assert repl.wait_prompt(10).endswith(b"\r\n42\r\n>>> ")


def test_reaches_an_asynchronous_reader(usb):
    vm, repl = usb("usb-kbd")
    text = "Typed, 1 by 1!"
    typist = threading.Thread(target=vm.keyboard.type, args=[text])
    said = at_word(
        repl,
        "import asyncio\n"
        "async def main():\n"
        "    with keyboard.keys().events() as events:\n"
        "        text = ''\n"
        "        print('waits')\n"
        f"        while len(text) < {len(text)}:\n"
        "            event = await events.next()\n"
        "            if event.action == keyboard.DOWN: text += event.text\n"
        "        print(text, events.lost)\n"
        "asyncio.run(asyncio.wait_for(main(), 20))\n",
        b"waits",
        typist.start,
    )
    typist.join()
    assert said.splitlines() == ["waits", f"{text} 0"]


def test_layouts(usb):
    vm, repl = usb("usb-kbd", append="keymap=de")
    repl.exec(
        "text = []\n"
        "keyboard.keys().listen(lambda u, a, m, c: c and a != 2 and text.append(chr(c)))\n"
    )
    for keys in ("y", "z", "shift-semicolon", "alt_r-q", "grave_accent", "e", "alt_r-less"):
        vm.keyboard.press(keys)
    assert until(repl, "''.join(text)", "zyÖ@ê|") == "zyÖ@ê|"


def test_locks_and_rollover(usb):
    vm, repl = usb("usb-kbd")
    repl.exec("told = []\nkeyboard.keys().listen(lambda *event: told.append(event))")
    for name in "abcdefgh":  # six fit into a report
        vm.keyboard.down(name)
    for name in "abcdefgh":
        vm.keyboard.up(name)
    assert until(repl, "sum(keyboard.keys()._keyboards[0].down)", 0) == 0
    told = repl.eval("told")
    assert [e[0] for e in told if e[1] == 1][:6] == list(range(4, 10))
    assert len([e for e in told if e[1] == 1]) == len([e for e in told if e[1] == 0]) >= 6
    vm.keyboard.press("caps_lock")
    vm.keyboard.press("a")
    assert until(repl, "told[-2][3]", ord("A")) == ord("A")


def move(vm, x, y):
    vm.qmp(
        "input-send-event",
        events=[
            {"type": "abs", "data": {"axis": axis, "value": value}}
            for axis, value in (("x", x), ("y", y))
        ],
    )


def press(vm, button, *ways):
    vm.qmp(
        "input-send-event",
        events=[{"type": "btn", "data": {"down": way, "button": button}} for way in ways],
    )


def test_a_tablets_places_are_exact(usb):
    vm, repl = usb("usb-tablet")
    repl.exec("p = mouse.pointer()")
    for place in ((0, 1), (32767, 32767), (12345, 23456), (1, 0), (32767, 0)):
        move(vm, *place)
        assert until(repl, "(p.x, p.y)", place) == place
    repl.exec("p.screen(1920, 1080)")
    for x, y in ((16384, 16384), (32767, 8192)):
        move(vm, x, y)
        place = (x * 1920 // 32768, y * 1080 // 32768)
        assert until(repl, "(p.x, p.y)", place) == place
    repl.exec("told = []\np.listen(lambda x, y, buttons, wheel: told.append((buttons, wheel)))")
    for button in ("left", "right", "middle"):
        press(vm, button, True)
        press(vm, button, False)
    press(vm, "wheel-up", True, False)
    press(vm, "wheel-down", True, False)
    wanted = [(1, 0), (0, 0), (2, 0), (0, 0), (4, 0), (0, 0), (0, 1), (0, -1)]
    assert until(repl, "told", wanted) == wanted


def test_a_mouse_moves_from_where_it_is(usb):
    vm, repl = usb("usb-mouse")
    repl.exec("p = mouse.pointer()")
    vm.qmp(
        "input-send-event",
        events=[
            {"type": "rel", "data": {"axis": "x", "value": 300}},
            {"type": "rel", "data": {"axis": "y", "value": 77}},
        ],
    )
    assert until(repl, "(p.x, p.y)", (300, 77)) == (300, 77)  # more than one report holds
    vm.qmp("input-send-event", events=[{"type": "rel", "data": {"axis": "x", "value": -500}}])
    assert until(repl, "(p.x, p.y)", (0, 77)) == (0, 77)


def test_what_the_log_tells(usb):
    """The seed's plan: enumeration, synchronous requests, the report descriptor, counters."""
    vm, repl = usb("usb-kbd", append="usbhid=dump,selftest heartbeat=100")
    log = repl.exec("import klog\nklog.dmesg()")
    for said in (
        "selftest: GET_REPORT: ok, 8 bytes 00 00 00 00 00 00 00 00",
        "selftest: GET_PROTOCOL: ok, 1 bytes 01",
        "selftest: GET_DESCRIPTOR: ok, 18 bytes 12 01",
        "0000  05 01 09 06 a1 01 75 01 95 08 05 07 19 e0 29 e7",
        "Usage (Keyboard)",
        "keyboard, report descriptor of 63 bytes, input 0 of 8",
        "xhci: ",
        "usb: 1-",
        ": 0627:0001 high QEMU",
    ):
        assert said in log, log
    vm.keyboard.type("abc")
    repl.exit_raw()  # there are no beats in raw mode
    repl.read_until(b" usb_keys=6 ", 30)
    repl.read_until(b"\n", 30)
    (beat,) = heartbeat.beats(repl.read_until(b"\n", 30).decode())
    assert [beat.values[key] for key in ("usb_dr", "usb_ds", "usb_keys")] == [6, 0, 6]


@pytest.mark.parametrize(
    "options, said",
    (("poll=on", "polling with GET_REPORT, 100 Hz"), ("bulk=on", "0x81 configured as bulk")),
)
def test_the_ways_around(usb, options, said):
    """What helps where interrupt endpoints do not work does no harm where they do."""
    vm, repl = usb("usb-kbd", append=f"usbhid={options}")
    repl.exec(
        "told = []\ndef tell(u, action, m, char):\n"
        "    if action != keyboard.REPEAT: told.append(chr(char) if action else '^')\n"
        "keyboard.keys().listen(tell)"
    )
    wanted = ""
    for key in "pyrallax":  # a poll sees what is down, not what was
        for turn, sign in ((vm.keyboard.down, key), (vm.keyboard.up, "^")):
            turn(key)
            wanted += sign
            assert until(repl, "''.join(told)", wanted) == wanted
    assert said in repl.exec("import klog\nklog.dmesg()")
    assert repl.eval("len(keyboard.keys()._keyboards)") == 1


def test_types_from_the_start_on(vm_factory):
    """Nobody has to call probe(); the raw REPL is a client's."""
    vm = vm_factory(device=["qemu-xhci,id=u", "usb-kbd,bus=u.0"])
    repl = vm.repl()
    assert until(repl, "len(__import__('keyboard').keys()._keyboards)", 1) == 1
    vm.keyboard.type("x")  # to nobody
    assert until(repl, "__import__('keyboard').keys().count", 2) == 2
    assert repl.eval("6 * 7") == 42
    repl.exit_raw()
    repl.wait_prompt()
    vm.keyboard.type("6 * 7\n")
    assert repl.wait_prompt(10).endswith(b"\r\n42\r\n>>> ")
    vm.keyboard.press("ctrl-d")
    assert b"soft reboot" in repl.wait_prompt(10)
    hears(vm)
    vm.keyboard.type("6 * 8\n")
    assert repl.wait_prompt(10).endswith(b"\r\n48\r\n>>> ")


def test_a_client_that_types(vm_factory):
    """`--input keyboard`: what a client sends is all typed, the raw REPL's bytes too."""
    vm = vm_factory(device=["qemu-xhci,id=u", "usb-kbd,bus=u.0"])
    vm.wait_for(b">>> ", 30)
    hears(vm)
    vm.keyboard.pause_s = 0.01
    line = KeyLine(vm.wire, lambda chords: vm.keyboard._all(chords), print)
    try:
        repl = Repl(line.wire, 60)
        repl.enter_raw()
        assert repl.eval("(6 * 7, 'Typed_{}')") == (42, "Typed_{}")
        repl.exit_raw()
        repl.wait_prompt()
    finally:
        line.wire.close()
        line.close()


def test_left_alone_where_asked(vm_factory):
    vm = vm_factory(device=["qemu-xhci,id=u", "usb-kbd,bus=u.0"], append="usb=off")
    repl = vm.repl()
    assert repl.eval("[m for m in ('xhci', 'pci') if m in __import__('sys').modules]") == []
    repl.exec("import keyboard, usb\nusb.probe()")
    assert until(repl, "len(keyboard.keys()._keyboards)", 1) == 1
