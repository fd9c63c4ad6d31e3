"""Keys and pointers on the target without a controller: asyncio readers, real DMA memory, cost."""

import pytest

pytestmark = pytest.mark.usb

# A controller that keeps its one transfer, and an interface on it; send(report) is its event.
SETUP = """
import asyncio, gc, hidboot, hidreader, hidreport, keyboard, klog, mouse, time, usbhid
from machine import Timer
from usbendpoint import INTERRUPT, Endpoint

class Still:
    capture = None
    def submit(self, transfer):
        self.transfer = transfer
        return 0

class Plugged:
    gone, name, speed = False, "1-1", "high"
    def __init__(self):
        self.hcd = Still()

class Zero:
    number = 0

def plug(protocol):
    device = Plugged()
    hid = usbhid.Hid(device, Zero())
    hid.reports = hidreport.parse(hidboot.REPORTS[protocol])
    hid.log = lambda level, text: klog.log(level, text)
    hid._bind()
    size = hid.reports.size(1)
    endpoint = Endpoint(device, 0x81, INTERRUPT, 8)
    hid.reader = hidreader.Reader(endpoint, size, hid.take, None, hid.log, True)
    hid.reader.start()
    report, transfer = hid.reader._transfers[0].report, device.hcd.transfer
    def send(data):
        for i in range(size):
            report[i] = data[i]
        transfer.finish(0, size, "Success")
    return hid, send

timer = Timer(-1)
def soon(function):
    timer.init(mode=Timer.ONE_SHOT, period=20, callback=function)
"""


def test_a_reader_of_keys(repl):
    repl.exec(
        SETUP + "hid, send = plug(1)\n"
        "async def main():\n"
        "    with keyboard.keys().events() as events:\n"
        "        soon(lambda _: send(b'\\2\\0\\4\\0\\0\\0\\0\\0') or send(bytes(8)))\n"
        "        got = []\n"
        "        async for event in events:\n"
        "            got.append((event.usage, event.action, event.modifiers, event.text))\n"
        "            if len(got) == 4: break\n"
        "        send(bytes((0, 0, 0x1e) + (0,) * 5))\n"
        "        one = await events.next()\n"
        "        for n in range(100): send(bytes((1 + n & 1,) + (0,) * 7))\n"
        "        return got, repr(one), events.lost, repr(await events.next())\n"
        "result = asyncio.run(main())\n"
    )
    got, one, lost, late = repl.eval("result")
    assert got == [(0xE1, 1, 2, ""), (4, 1, 2, "A"), (0xE1, 0, 0, ""), (4, 0, 0, "")]
    assert one == "<key 0x1e down 0x00 '1'>"
    assert lost == 101 - 64  # the digit comes up, then the modifier changes a hundred times
    assert "key 0xe0" in late
    assert repl.eval("len(keyboard.keys()._listeners)") == 0


def test_a_reader_of_a_pointer(repl):
    repl.exec(
        SETUP + "hid, send = plug(2)\n"
        "async def main():\n"
        "    events = mouse.pointer().events()\n"
        "    soon(lambda _: send(bytes((1, 5, 7))) or send(bytes((0, 0xff, 0))))\n"
        "    got = [repr(await events.next()), repr(await events.next())]\n"
        "    soon(lambda _: events.close())\n"
        "    async for event in events: got.append(event)\n"
        "    return got\n"
        "result = asyncio.run(main())\n"
    )
    assert repl.eval("result") == ["<pointer 5,7 0x1 0>", "<pointer 4,7 0x0 0>"]


def test_a_key_repeats(repl):
    repl.exec(
        SETUP + "hid, send = plug(1)\nkeys = keyboard.keys()\nkeys.repeat_ms = (50, 10)\n"
        "told = []\nkeys.listen(lambda *event: told.append((time.ticks_ms(), event)))\n"
        "began = time.ticks_ms()\nsend(bytes((0, 0, 4) + (0,) * 5))\n"
        "while len(told) < 6: time.sleep_ms(1)\n"
        "send(bytes(8))\ncount = len(told)\ntime.sleep_ms(60)\n"
    )
    told = repl.eval("told")
    assert [event[1] for _, event in told[:6]] == [1] + [2] * 5
    assert {event[3] for _, event in told[:6]} == {ord("a")}
    began = repl.eval("began")
    assert told[1][0] - began >= 49 and told[5][0] - began >= 89
    assert repl.eval("(told[-1][1][1], len(told) - count)") == (0, 0)


def test_nothing_is_allocated_in_dma_memory(repl):
    repl.exec(
        SETUP + "seen = 0\n"
        "def listener(a, b, c, d):\n    global seen\n    seen += 1\n"
        "def measure(protocol, one, two):\n"
        "    hid, send = plug(protocol)\n"
        "    for _ in range(4):\n        send(one)\n        send(two)\n"
        "    gc.collect()\n    used = gc.mem_alloc()\n"
        "    for _ in range(500):\n        send(one)\n        send(two)\n"
        "    used = gc.mem_alloc() - used\n"
        "    hid.detached()\n"
        "    return used\n"
        "keys = keyboard.keys()\nkeys.listen(listener)\nmouse.pointer().listen(listener)\n"
        "a = measure(1, bytes((2, 0, 4, 5, 6, 7, 8, 9)), bytes(8))\n"
        "b = measure(2, bytes((1, 5, 5)), bytes((0, 0xfb, 0xfb)))\n"
        "before = dict(hidreader.counts)\n"
    )
    assert repl.eval("(a, b)") == (0, 0)
    assert repl.eval("(seen, before)") == (504 * (14 + 2), {"stale": 0, "real": 2 * 1008})
