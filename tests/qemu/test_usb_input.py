"""Keys that go to the prompt and to a reader at once; places of a tablet, corner to corner."""

import random
import time

import pytest

pytestmark = pytest.mark.usb

_CORNERS = [(0, 0), (32767, 0), (32767, 32767), (0, 32767)]


@pytest.fixture(params=("qemu-xhci", "nec-usb-xhci"))
def usb(request, vm_factory):
    """(machine, prompt) with a keyboard and a tablet, probed."""
    device = [f"{request.param},id=u", "usb-kbd,bus=u.0", "usb-tablet,bus=u.0"]
    vm = vm_factory(device=device)
    repl = vm.repl()
    repl.exec("import asyncio, keyboard, mouse, usb\nusb.probe()", timeout=60)
    return vm, repl


def test_the_same_keys_at_the_prompt_and_in_a_reader(usb):
    """The line that is typed runs; the reader, begun by what was typed before, has its keys."""
    vm, repl = usb
    repl.exec(
        "events = keyboard.keys().events()\n"
        "async def gather():\n"
        "    text = ''\n"
        "    while len(text) < 4:\n"
        "        event = await events.next()\n"
        "        if event.action == keyboard.DOWN: text += event.text\n"
        "    print('read', repr(text), events.lost)\n"
        "def go(): asyncio.run(gather())\n"
    )
    repl.exit_raw()
    repl.wait_prompt()
    repl.drain()
    vm.keyboard.type("6*7\n")
    assert repl.wait_prompt(10).endswith(b"\r\n42\r\n>>> ")
    vm.keyboard.type("go()\n")  # with the first line less than the 64 events that wait
    assert b"read '6*7\\r' 0\r\n" in repl.wait_prompt(10)


def test_places(usb):
    """Two hundred, each told once and exactly, in their order."""
    vm, repl = usb
    repl.exec("told = []\nmouse.pointer().listen(lambda x, y, b, w: told.append((x, y)))")
    rng = random.Random(6)
    places = _CORNERS + [(rng.randrange(32768), rng.randrange(32768)) for _ in range(200)]
    for x, y in [(1, 1), *places]:
        axes = (("x", x), ("y", y))
        events = [{"type": "abs", "data": {"axis": axis, "value": v}} for axis, v in axes]
        vm.qmp("input-send-event", events=events)
        end = time.monotonic() + 5
        while repl.eval("told[-1:]") != [(x, y)] and time.monotonic() < end:
            time.sleep(0.002)
    assert repl.eval("told") == [(1, 1), *places]
