"""Module xhciring on QEMU's xHCI controllers: reset, rings, commands around them."""

import pytest
from ahcidisks import value

pytestmark = pytest.mark.usb

# xHCI 1.2 §4.2, as short as it gets; frozen/usb does it in full.
_SETUP = """
import dma, pci, time, usb, xhciring
usb.release()
fn = pci.find(class_=0x0C0330).enable()
bar = fn.bar(0)
caps = bar[0]
op = bar.window(caps & 0xFF, 0x400 + 16 * (bar[4] >> 24), "xhci")
runtime = bar.window(bar[0x18] + 0x20, 0x20, "xhci 0")
slots = bar[4] & 0xFF
bells = bar.window(bar[0x14], 4 * (slots + 1), "xhci bells")
CMD, STS, CRCR, DCBAAP, CONFIG = 0, 4, 0x18, 0x30, 0x38
def start(on=0):
    op[CMD] = 2
    assert op.wait(CMD, 2, 0, 100000) and op.wait(STS, 0x800, 0, 100000)
    op[CONFIG] = slots
    op[DCBAAP], op[DCBAAP + 4] = array.phys & 0xffffffff, array.phys >> 32
    op[CRCR], op[CRCR + 4] = ring.address & 0xffffffff, ring.address >> 32
    ctl.program()
    op[CMD] = 1 | on
ctl = xhciring.Controller(op, runtime, bells)
ring = xhciring.Ring(ctl, 0, 0, entries=16)
array = dma.alloc(8 * (slots + 1), 64)
record = [0] * 8
def wait(n=1, ms=2000):
    got = []
    end = time.ticks_add(time.ticks_ms(), ms)
    while len(got) < n and time.ticks_diff(end, time.ticks_ms()) > 0:
        ctl.poll()
        while ctl.next(record):
            got.append(tuple(record))
    return got
"""


@pytest.fixture(params=["qemu-xhci", "nec-usb-xhci"])
def xhci(request, vm_factory):
    device = [f"{request.param},id=x", "usb-kbd,bus=x.0,port=1"]
    repl = vm_factory(device=device, append="usb=off").repl()
    repl.exec(_SETUP, timeout=60)
    return repl


def test_no_ops_around_the_ring_polled(xhci):
    xhci.exec("start()\ncodes = []")
    xhci.exec("""
for i in range(60):  # four laps of 15
    assert ring.command(23 << 10, i) == 0
    codes += [(r[0], r[3], r[4]) for r in wait() if r[0] != xhciring.PORT]
""")
    assert value(xhci, "codes") == [(33, i, 1) for i in range(60)]
    assert value(xhci, "(ring.pending, ctl.stats()['foreign'], len(ring.history()))") == (0, 0, 63)
    xhci.exec("""
assert [ring.command(23 << 10, i) for i in range(15)] == [0] * 14 + [-28]
""")


def test_no_ops_by_interrupt(xhci):
    xhci.exec("""
seen = []
def drain(which):
    while which.next(record):
        seen.append((record[0], record[3], record[4]))
ctl.callback = drain
line = fn.irq(ctl.interrupt, hard=True, name="xhci")
start(4)
for i in range(60):
    assert ring.command(23 << 10, i) == 0
    end = time.ticks_add(time.ticks_ms(), 2000)
    while ring.pending and time.ticks_diff(end, time.ticks_ms()) > 0:
        pass
time.sleep_ms(1)
seen = [s for s in seen if s[0] == 33]
""")
    assert value(xhci, "seen") == [(33, i, 1) for i in range(60)]
    stats = value(xhci, "ctl.stats()")
    assert stats["interrupts"] >= 60 and stats["foreign"] == stats["late"] == stats["lost"] == 0
    xhci.exec("op[CMD] = 0\nline.free()\nctl.deinit()\nring.free()\narray.free()")
    assert value(xhci, "dma.check()") == 0


def test_an_event_ring_that_runs_over(xhci):
    # Nobody takes events: QEMU says so in the last but one of 16, and drops the rest.
    xhci.exec("""
ring.free()
ctl.deinit()
ctl = xhciring.Controller(op, runtime, bells, entries=16, queue=8)
ring = xhciring.Ring(ctl, 0, 0, entries=64)
start()
assert [ring.command(23 << 10, i) for i in range(40)] == [0] * 40
time.sleep_ms(20)
got = wait(40, 100)
left = ring.pending
assert ring.command(23 << 10, 40) == 0
got += wait(left + 1)
told = [r[4] for r in got if r[0] == xhciring.HOST]
ended = [r[3:5] for r in got if r[0] == xhciring.COMMAND]
""")
    ended = value(xhci, "ended")
    assert value(xhci, "told")[0] == 21 and value(xhci, "ring.pending") == 0
    assert [cookie for cookie, _ in ended] == list(range(41))
    codes = [code for _, code in ended]
    lost = codes.count(256)
    assert 20 < lost < 40 and codes[:10] == [1] * 10 and codes[-1] == 1
    stats = value(xhci, "ctl.stats()")
    assert (stats["lost"], stats["foreign"], stats["late"]) == (lost, 0, 0)


def test_a_soft_reset_stops_the_controller(xhci):
    xhci.exec("start()\nassert ring.command(23 << 10, 0) == 0 and wait()")
    at = value(xhci, "op.base")
    xhci.soft_reset()
    xhci.exec(f"import mmio\nregs = mmio.Regs({at}, 0x40)")
    assert value(xhci, "(regs[0] & 1, regs[4] & 1)") == (0, 1)
