"""The C module xhciring over registers that are plain memory: what QEMU's controllers never do."""

import pytest
from ahcidisks import value

pytestmark = pytest.mark.usb

_SETUP = """
import dma, gc, micropython, mmio, struct, uctypes, xhciring
memory = dma.alloc(0x1000, 4096)
op = mmio.Regs(memory.phys, 0x40, 32, "op")
runtime = mmio.Regs(memory.phys + 0x40, 0x20, 32, "runtime")
bells = mmio.Regs(memory.phys + 0x100, 0x80, 32, "bells")
STS, IMAN, ERSTSZ, ERSTBA, ERDP = 4, 0, 8, 0x10, 0x18
ctl = xhciring.Controller(op, runtime, bells, segments=2, entries=16, queue=4)
ctl.program()
table = runtime[ERSTBA] | runtime[ERSTBA + 4] << 32
segments = struct.unpack("<QQQQ", uctypes.bytearray_at(table, 32))
views = [uctypes.bytearray_at(segments[i], 256) for i in (0, 2)]
at = [0, 0, 1]  # segment, index, cycle
def post(parameter, code, kind, slot=0, dci=0, left=0):
    control = kind << 10 | slot << 24 | dci << 16 | at[2]
    struct.pack_into("<QII", views[at[0]], 16 * at[1], parameter, code << 24 | left, control)
    at[1] += 1
    if at[1] == 16:
        at[1], at[0] = 0, at[0] ^ 1
        at[2] ^= at[0] == 0
ring = xhciring.Ring(ctl, 1, 3, entries=16, mps=64)
base = ring.address & ~1
record = [0] * 8
def records():
    got = []
    while ctl.next(record):
        got.append(tuple(record[:6]))
    return got
"""


@pytest.fixture
def fake(repl):
    repl.exec(_SETUP)
    yield repl
    repl.exec("ctl.deinit()\nring.free()\nassert dma.check() == 0")


def test_programmed(fake):
    assert value(fake, "(runtime[ERSTSZ], runtime[IMAN], runtime[ERDP] == segments[0])") == (
        2,
        3,
        True,
    )
    assert value(fake, "(segments[1], segments[3], segments[0] % 256)") == (16, 16, 0)


def test_around_the_event_ring(fake):
    fake.exec("""
seen = []
for i in range(100):
    assert ring.transfer(0x1000, 64, i) == 0 and bells[4] == 3
    where = base + 16 * (i % 15)
    post(where, 13, 32, 1, 3, i % 65)
    op[STS] = 8
    ctl.interrupt(None)
    assert op[STS] == 8, "written back: RW1C"
    n = (i + 1) % 32
    assert runtime[ERDP] == segments[2 * (n // 16)] + 16 * (n % 16) | 8 | n // 16
    seen += records()
""")
    assert value(fake, "seen") == [(32, 1, 3, i, 13, 64 - i % 65) for i in range(100)]
    stats = value(fake, "ctl.stats()")
    assert (stats["interrupts"], stats["transfers"], stats["foreign"]) == (100, 100, 0)
    assert value(fake, "(len(ctl.history()), len(ring.history()))") == (100, 106)


def test_a_full_queue_holds_interrupts_off(fake):
    fake.exec("""
for i in range(10):
    assert ring.transfer(0x1000, 64, i) == 0
    post(base + 16 * i, 1, 32, 1, 3)
ctl.interrupt(None)
erdp = [runtime[ERDP] - segments[0]]
for i in range(10):
    assert ctl.next(record) and record[3] == i
    erdp.append(runtime[ERDP] - segments[0])
""")
    # Without EHB (8) while there are more; taken on when the queue is half empty.
    assert value(fake, "erdp") == [64, 64, 96, 96, 128, 128, 168, 168, 168, 168, 168]
    assert value(fake, "(ctl.stats()['full'], ctl.stats()['queued'])") == (3, 0)


def test_polling_reads_no_register_often(fake):
    """U27: fifty times a second."""
    fake.exec("""
import time, trace
op.trace = trace.Ring(64)
begun, polls = time.ticks_us(), 0
while time.ticks_diff(time.ticks_us(), begun) < 200_000:
    ctl.poll()
    polls += 1
seen = list(op.trace)
op.trace = None
""")
    assert value(fake, "[(e.op, e.offset) for e in seen]") == [("R", 4)]  # what repeats is one
    assert value(fake, "polls > 100 and 1 <= seen[0].times <= 11"), value(fake, "seen[0].times")


def test_nothing_is_allocated(fake):
    fake.exec("""
setup = bytes(8)
ep0 = xhciring.Ring(ctl, 1, 1, entries=16)
out = xhciring.Ring(ctl, 1, 2, entries=16)
n = 0
micropython.heap_lock()
for i in range(40):
    ring.transfer(0x1fff0, 64, i)
    ep0.control(setup, 0, 0, i)
    out.immediate(setup, i)
    post(base + 16, 1, 32, 1, 3)
    post(0, 1, 34)
    ctl.interrupt(None)
    ctl.poll()
    while ctl.next(record):
        n += 1
    ring.cancel(i)
    ring.position
    ring.kick()
    ring.reset()
    ep0.reset()
    out.reset()
micropython.heap_unlock()
ep0.free()
out.free()
""")
    assert value(fake, "n") == 80


def test_a_ring_that_nobody_names_is_kept(fake):
    fake.exec("""
def forget():
    r = xhciring.Ring(ctl, 2, 5, mps=64)
    assert r.transfer(0x1000, 100, 77) == 0
    return r.address - 1
where = forget()
gc.collect()
for i in range(100):
    bytearray(1000)
post(where, 1, 32, 2, 5)
ctl.poll()
""")
    assert value(fake, "records()") == [(32, 2, 5, 77, 1, 100)]


@pytest.mark.parametrize("status", [1 << 2, 1 << 12, 0xFFFFFFFF])
def test_a_controller_that_fails(fake, status):
    fake.exec(f"op[STS] = {status}\nctl.interrupt(None)\nctl.interrupt(None)")
    assert value(fake, "(ctl.dead, runtime[IMAN], ring.transfer(0x1000, 8, 1))") == (
        status,
        1,
        -19,
    )
    assert value(fake, "(records(), record[6], ring.kick())") == (
        [(37, 0, 0, -1, 0, 0)],
        status,
        -19,
    )
    fake.exec("op[STS] = 0\nctl.program()")
    assert value(fake, "(ctl.dead, ring.transfer(0x1000, 8, 1))") == (0, 0)


def test_halted_held_and_brought_back(fake):
    fake.exec("""
codes = [ring.transfer(0x1000 * i, 64, i) for i in range(4)]
post(base, 6, 32, 1, 3, 64)
ctl.poll()
got = records()
bells[4] = 0
late = ring.transfer(0, 64, 4)
held = ring.held, bells[4], ring.pending, hex(ring.position - base)
dropped = ring.cancel(3), ring.cancel(3), ring.cancel(1), hex(ring.position - base)
ring.kick()
""")
    assert value(fake, "(codes, got, late)") == ([0] * 4, [(32, 1, 3, 0, 6, 0)], 0)
    assert value(fake, "held") == (True, 0, 4, "0x11")
    assert value(fake, "dropped") == (1, -2, 1, "0x21")
    assert value(fake, "(ring.held, bells[4], ring.take(), ring.take(), ring.take())") == (
        False,
        3,
        2,
        4,
        -1,
    )


def test_events_about_nothing(fake):
    fake.exec("""
import klog
_, pos = klog.read()
assert ring.transfer(0x1000, 64, 1) == 0
for where in (0, base + 8, base - 16, base + 256, (1 << 64) - 16):
    post(where, 1, 32, 1, 3)
post(base, 1, 32, 1, 4)
post(base, 1, 32, 200, 3)
post(base, 1, 33)
post(base + 16, 1, 32, 1, 3)
ctl.poll()
""")
    assert value(fake, "(records(), ring.pending)") == ([], 1)
    stats = value(fake, "ctl.stats()")
    assert (stats["foreign"], stats["late"]) == (8, 1)
    # The first has a line, the others a number.
    said = value(fake, "klog.read(pos)[0]")
    assert said.count(b"names no TRB of ours") == 1
    assert b"xhci: op: an event names no TRB of ours: 0x0 0x1000000 0x1038001;" in said


def test_a_callback_that_raises(fake):
    fake.exec("""
def bad(which):
    assert which is ctl and which.next(record)
    raise ValueError("on purpose")
ctl.callback = bad
line = __import__("irq").request(5, ctl.interrupt, hard=True)
for i in range(2):
    post(5 << 24, 1, 34)
    line.pend()
    __import__("time").sleep_ms(5)
line.free()
""")
    assert value(fake, "(record[:3], ctl.stats()['interrupts'])") == ([34, 0, 5], 2)


def test_arguments(fake):
    fake.exec("""
def refused(f, *a, **k):
    try:
        f(*a, **k)
    except (ValueError, TypeError, OSError) as why:
        return type(why).__name__
    return "taken"
R, C = xhciring.Ring, xhciring.Controller
other = mmio.Regs(memory.phys + 0x200, 0x40, 32, "op")
""")
    cases = {
        "R, ctl, 1, 3": "OSError",  # there is one
        "R, ctl, 0, 1": "ValueError",
        "R, ctl, 1, 0": "ValueError",
        "R, ctl, 256, 1": "ValueError",
        "R, ctl, 1, 32": "ValueError",
        "R, ctl, 1, 2, entries=24": "ValueError",
        "R, ctl, 1, 2, segments=3": "ValueError",
        "R, ring, 1, 2": "ValueError",
        "C, op, runtime, bells": "OSError",  # in use
        "C, other, runtime, 3": "TypeError",
        "C, other, runtime, bells, segments=9": "ValueError",
        "C, other, runtime, bells, entries=8": "ValueError",
        "C, other, runtime, bells, queue=3": "ValueError",
        "ctl.next, [0] * 7": "TypeError",
        "ctl.next, 5": "TypeError",
        "ring.transfer, -1, 5, 1": "ValueError",
        "ring.transfer, 0, 5, -1": "ValueError",
        "ring.control, 5, 0, 0, 1": "TypeError",
    }
    for case, outcome in cases.items():
        assert value(fake, f"refused({case})") == outcome, case
    assert value(fake, "(ring.command(0, 1), ring.control(b'', 0, 0, 1))") == (-22, -22)
    fake.exec("ring.free()\nring.free()")
    assert value(fake, "(ring.transfer(0, 1, 1), refused(ring.kick))") == (-19, "OSError")
    fake.exec("ctl.deinit()\nctl.deinit()")
    assert value(fake, "(ctl.poll(), ctl.next([0] * 8), ctl.serve())") == (0, False, None)
    assert value(fake, "refused(R, ctl, 1, 2)") == "ValueError"
