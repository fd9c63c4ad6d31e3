"""modules/trace: the ring that register windows put their accesses in."""

import pytest

from pyrallax.repl import TargetError
from pyrallax.trace.load import parse

pytestmark = pytest.mark.probe

# QEMU virt's PL031: RTCMR at 4 keeps what is written, RTCPeriphID0 at 0xfe0 is 0x31.
SETUP = """
import mmio, trace
rtc = mmio.Regs(0x09010000, 0x1000, name="rtc")
ring = trace.Ring(8)
def get(off):
    return rtc[off]
def put(off, v):
    rtc[off] = v
"""


def test_entries(repl):
    repl.exec(
        SETUP
        + "rtc.trace = ring\nput(4, 0x1234)\nget(4)\nrtc.read8(0xfe0)\nrtc.trace = None\nget(4)"
    )
    repl.exec("e = list(ring)")
    assert repl.eval("[tuple(x[1:5]) + tuple(x[7:10]) for x in e]") == [
        ("W", 32, 4, 0x1234, "<stdin>", 8, "put"),
        ("R", 32, 4, 0x1234, "<stdin>", 6, "get"),
        ("R", 8, 0xFE0, 0x31, "<stdin>", 12, "<module>"),
    ]
    assert repl.eval("e[0].what is rtc and e[0].ticks <= e[1].ticks <= e[2].ticks")
    assert repl.eval("(len(ring), ring.dropped, ring.capacity, ring.paused)") == (3, 0, 8, False)


def test_the_oldest_go(repl):
    repl.exec(SETUP + "rtc.trace = ring\nfor i in range(20):\n    put(4, i)")
    assert repl.eval("[e.value for e in ring]") == list(range(12, 20))
    assert repl.eval("(len(ring), ring.dropped)") == (8, 12)
    repl.exec("ring.clear()")
    assert repl.eval("(list(ring), ring.dropped)") == ([], 0)
    repl.exec("put(4, 1)")
    assert repl.eval("[e.value for e in ring]") == [1]


def test_iteration_ends_while_entries_come(repl):
    repl.exec(SETUP + "rtc.trace = ring\nfor i in range(8):\n    put(4, i)")
    repl.exec(
        "seen = []\nfor e in ring:\n    seen.append(e.value)\n    put(4, 100)\n    put(4, 100)"
    )
    assert repl.eval("seen") == [0, 2, 4, 6]  # each turn overwrites two


def test_pause_and_marks(repl):
    repl.exec(
        SETUP + "rtc.trace = ring\nput(4, 1)\nring.pause()\nput(4, 2)\nring.mark('no')\n"
        "ring.resume()\nring.mark('here')\nput(4, 3)"
    )
    assert repl.eval("[e.what if e.op == 'M' else e.value for e in ring]") == [1, "here", 3]


def test_a_part_is_traced_like_the_whole(repl):
    repl.exec(SETUP + "rtc.trace = ring\np = rtc.window(0xfe0, 0x20, 'ids')\np[0]")
    assert repl.eval("[(e.what.name, e.offset) for e in ring]") == [("ids", 0)]


def test_bad_arguments(repl):
    repl.exec(SETUP)
    for code, error in (
        ("trace.Ring(0)", "ValueError"),
        ("trace.Ring(1 << 25)", "ValueError"),
        ("trace.Ring(1 << 24)", "MemoryError"),
        ("ring.mark(5)", "TypeError"),
        ("rtc.trace = 5; rtc[0]", "TypeError"),
        ("ring.dropped = 1", "AttributeError"),
    ):
        with pytest.raises(TargetError, match=error):
            repl.exec(code)


def test_a_hard_handler_records(repl):
    """At any point of the main program's own accesses: all entries are whole, in order of time."""
    repl.exec(
        SETUP + "import machine\n"
        "ring = trace.Ring(5000)\nrtc.trace = ring\n"
        "other = mmio.Regs(0x09010000, 0x1000, name='other')\nother.trace = ring\n"
        "def handler(t):\n    other[0xfe4]\n"
        "t = machine.Timer(-1, freq=5000, hard=True, callback=handler)\n"
        "for i in range(20000):\n    put(4, i)\n"
        "t.deinit()\n"
        "values, its, last, ordered = [], [], 0, True\n"
        "for e in ring:\n"
        "    ordered = ordered and e.ticks >= last\n"
        "    last = e.ticks\n"
        "    if e.what is rtc:\n"
        "        values.append(e.value)\n"
        "    else:\n"
        "        its.append((e.op, e.offset, e.value, e.function))\n"
    )
    assert repl.eval("ordered and len(ring) == 5000 and ring.dropped >= 15000")
    assert repl.eval("len(its)") > 3
    assert repl.eval("set(its)") == {("R", 0xFE4, 0x10, "handler")}
    assert repl.eval("values == list(range(20000 - len(values), 20000))")


def test_entries_keep_what_they_name(repl):
    """A function and a window that are gone otherwise, and a collection in between."""
    repl.exec(
        "import gc, mmio, trace\nring = trace.Ring(4)\n"
        "def once():\n"
        "    r = mmio.Regs(0x09010000, 0x1000, name='gone')\n    r.trace = ring\n"
        "    exec('def inner(r):\\n\\n return r[0xfe0]\\ninner(r)', {'r': r})\n"
        "once()\ndel once\ngc.collect()\nx = [bytearray(64) for _ in range(2000)]\n"
    )
    assert repl.eval("[(e.what.name, e.function, e.line, e.value) for e in ring]") == [
        ("gone", "inner", 3, 0x31)
    ]


def test_a_soft_reset_leaves_nothing(repl):
    free = []
    for _ in range(3):
        repl.exec("import gc\ngc.collect()")
        free.append(repl.eval("gc.mem_free()"))
        repl.exec(SETUP + "ring = trace.Ring(100000)\nrtc.trace = ring\nget(0)")
        repl.soft_reset()
    assert free[1] == free[2]


def test_a_poll_takes_one_entry(repl):
    """Of the same code and the same result; what differs in either is an entry of its own."""
    repl.exec(
        SETUP + "rtc.trace = ring\n"
        "rtc.wait(4, 1, 1, 2000)\n"
        "for i in range(100):\n    get(4)\n"
        "put(4, 7)\n"
        "for i in range(3):\n    put(4, 7)\n"
        "get(4), get(8)\n"
        "buf = bytearray(12)\nrtc.fifo_read(0xfe4, buf)\n"
    )
    found = repl.eval("[(e.op, e.offset, e.times) for e in ring]")
    assert found[0][:2] == ("R", 4) and found[0][2] > 10
    assert (
        found[1:]
        == [
            ("R", 4, 100),
            *[("W", 4, 1)] * 4,
            ("R", 4, 1),
            ("R", 8, 1),
            ("R", 0xFE4, 3),
        ][-7:]
    )


def test_an_access_that_nothing_answers(repl):
    """One entry each, which says so; what came before and after is as ever."""
    repl.exec(
        SETUP + "dead = mmio.Regs(0x0b000000, 0x1000, name='dead')\n"
        "rtc.trace = dead.trace = ring\n"
        "def tries(f, *args):\n"
        "    try:\n        f(*args)\n    except BusError:\n        return True\n"
        "put(4, 9)\n"
        "for i in range(3):\n    assert tries(dead.read16, 6)\n"
        "assert tries(dead.write32, 8, 0x1_2345_6789)\n"
        "assert tries(dead.readinto, 0x10, bytearray(8))\n"
        "get(4)\n"
    )
    assert repl.eval("[tuple(e[1:6]) + (e.what.name, e.fault) for e in ring]") == [
        ("W", 32, 4, 9, 1, "rtc", False),
        ("R", 16, 6, None, 3, "dead", True),
        ("W", 32, 8, 0x23456789, 1, "dead", True),
        ("R", 32, 0x10, None, 1, "dead", True),
        ("R", 32, 4, 9, 1, "rtc", False),
    ]
    repl.exec(
        "import io, probe.trace\nt = probe.trace.Trace(8)\nt.attach(dead)\n"
        "tries(dead.read32, 0)\ntries(dead.write8, 1, 5)\nf = io.StringIO()\n"
        "t.export(f)\nt.detach()"
    )
    lines = [line.split(None, 2)[2] for line in repl.eval("str(t)").splitlines()]
    shown = [line.split("  ")[0] for line in lines]
    assert shown == ["dead+0x0=BusError", "dead+0x1=0x5 BusError"]
    found = parse(repl.eval("f.getvalue()")).entries
    assert [(e.op, e.offset, e.value, e.fault) for e in found] == [
        ("R", 0, 0, True),
        ("W", 1, 5, True),
    ]
