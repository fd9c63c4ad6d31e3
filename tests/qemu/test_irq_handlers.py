"""irq: what handlers may do, and what becomes of those that fail or hang."""

import threading

import pytest
from irqlines import MACHINES, TOOLS

from pyrallax.repl import TargetError

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_MATRIX = MACHINES


def test_a_soft_handler_that_raises(repl):
    """Named with line and function; an edge goes on, a level line is left masked and logged."""
    repl.exec(
        TOOLS + "import klog\nklog.clear()\nn = 0\n"
        "class Disk:\n"
        "    def tick(self, l):\n"
        "        global n\n"
        "        n += 1\n"
        "        raise ValueError('soft one')\n"
        "d = Disk()\n"
    )
    said = repl.exec(
        "l = irq.request(100, d.tick, irq.EDGE, name='disk')\n"
        "l.pend()\nwait(lambda: n == 1)\nl.pend()\nwait(lambda: n == 2)\n"
        "assert l.state == 'ok' and l.enabled\nl.free()\n"
    )
    heading = "Uncaught exception in a soft interrupt handler: tick of INTID 100 disk"
    assert said.count(heading) == 2 and said.count("ValueError: soft one") == 2
    assert "in tick" in said
    said = repl.exec(
        "l = irq.request(100, d.tick, name='disk')\n"
        "l.pend()\nwait(lambda: n == 3)\nl.pend()\ntime.sleep_ms(5)\nassert n == 3\n"
        "assert l.state == 'raised' and not l.enabled\n"
        "assert [s.state for s in irq.stats() if s.intid == 100] == ['raised']\n"
        "assert b'handler tick of INTID 100 disk raised ValueError, masked' in klog.read()[0]\n"
        "l.enable()\nwait(lambda: n == 4)\nl.free()\n"
    )
    assert said.count(heading) == 2


def test_a_hard_handler_that_raises(repl):
    said = repl.exec(
        TOOLS + "import klog\nn = 0\n"
        "def f(l):\n"
        "    global n\n"
        "    n += 1\n"
        "    1 // 0\n"
        "l = irq.request(100, f, irq.EDGE, hard=True, name='disk')\n"
        "l.pend()\nl.pend()\ntime.sleep_ms(5)\nassert n == 1\n"
        "assert l.state == 'raised' and not l.enabled\n"
        "assert b'handler f of INTID 100 disk raised' in klog.read()[0]\nl.free()\n"
    )
    assert "Uncaught exception in a hard interrupt handler: f of INTID 100 disk\n" in said
    assert "ZeroDivisionError" in said


def test_a_hard_handler_cannot_allocate(repl):
    said = repl.exec(
        TOOLS + "l = irq.request(100, lambda l: [0] * 1000, irq.EDGE, hard=True)\n"
        "l.pend()\ntime.sleep_ms(5)\nassert l.state == 'raised'\nl.free()\nx = [0] * 1000\n"
    )
    assert "MemoryError" in said and "<lambda> of INTID 100" in said


@pytest.mark.parametrize("hard", [False, True])
def test_a_bad_access_in_a_handler(repl, hard):
    """BusError, and the session goes on; again and again, without a leak."""
    said = repl.exec(
        TOOLS + "n = 0\n"
        "def f(l):\n"
        "    global n\n"
        "    n += 1\n"
        "    mem32[0x09f00000]\n"
        f"l = irq.request(100, f, irq.EDGE, hard={hard})\nl.pend()\nwait(lambda: n)\nl.free()\n"
    )
    assert "BusError: [Errno 14] EFAULT: read of 4 bytes" in said and "f of INTID 100" in said
    repl.exec(
        "def g(l):\n"
        "    global n\n"
        "    try: mem32[0x09f00000]\n"
        "    except BusError: n += 1\n"
        "n = 0\n"
        f"l = irq.request(100, g, irq.EDGE, hard={hard})\n"
        "def turn():\n"
        "    global n\n"
        "    for i in range(500):\n"
        "        n = 0\n"
        "        l.pend()\n"
        "        wait(lambda: n)\n"
        "turn()\ngc.collect()\nfree = gc.mem_free()\nturn()\ngc.collect()\n"
        "assert free - gc.mem_free() < 256, free - gc.mem_free()\nl.free()\n"
    )


def test_handlers_are_kept_alive(repl):
    """Nothing but the controller knows the line."""
    repl.exec(
        TOOLS + "hits = bytearray(1)\n"
        "def make(k):\n"
        "    big = [k] * 100\n"
        "    def f(l): hits[0] += big[7]\n"
        "    irq.request(100, f, irq.EDGE)\n"
        "make(3)\n"
        "x = [[i] * 10 for i in range(20000)]\nx = None\ngc.collect()\n"
        "y = [[i] * 10 for i in range(20000)]\n"
        "gicd = irq.info()['gicd']\nmem32[gicd + 0x200 + 12] = 1 << 4\n"
        "wait(lambda: hits[0] == 3)\n"
    )


@pytest.mark.parametrize("hard", [False, True])
def test_thread_safe_flag(repl, hard):
    """How a driver waits: asyncio sleeps until the handler sets the flag."""
    repl.exec(
        TOOLS + "import asyncio\n"
        "flag = asyncio.ThreadSafeFlag()\n"
        f"l = irq.request(100, lambda l: flag.set(), irq.EDGE, hard={hard})\n"
        "served = 0\n"
        "async def later():\n"
        "    for i in range(20):\n"
        "        while served < i: await asyncio.sleep_ms(1)\n"  # two are one to who waits
        "        await asyncio.sleep_ms(2)\n"
        "        l.pend()\n"
        "async def main():\n"
        "    global served\n"
        "    asyncio.create_task(later())\n"
        "    for i in range(20):\n"
        "        await asyncio.wait_for(flag.wait(), 15)\n"
        "        served += 1\n"
        "asyncio.run(main())\nassert l.state == 'ok'\nl.free()\n",
        timeout=20,
    )


def test_ctrl_c_reaches_the_thread_past_a_busy_handler(repl, _shared):
    """It waits for the end of a soft handler, which it does not cut off, and ends the program."""
    repl.exec(
        TOOLS + "whole = 0\nstarted = 0\n"
        "def f(l):\n"
        "    global whole, started\n"
        "    started += 1\n"
        "    time.sleep_ms(3)\n"
        "    whole += 1\n"
        "    l.pend()\n"
        "l = irq.request(100, f, irq.EDGE)\n"
    )
    with pytest.raises(TargetError) as got:
        timer = threading.Timer(0.3, _shared[0].wire.write, [b"\x03"])
        timer.start()
        repl.exec("l.pend()\nwhile True: pass\n")
    assert "KeyboardInterrupt" in str(got.value)
    repl.exec("l.disable()\nl.free()\nassert started == whole and whole > 3, (started, whole)\n")


@pytest.mark.parametrize("trigger", ["EDGE", "LEVEL"])
def test_ctrl_c_ends_a_handler_that_hangs(repl, _shared, trigger):
    repl.exec(
        TOOLS + "def f(l):\n"
        "    while True: pass\n"
        f"l = irq.request(100, f, irq.{trigger}, name='stuck')\n"
    )
    with pytest.raises(TargetError) as got:
        threading.Timer(0.3, _shared[0].wire.write, [b"\x03"]).start()
        repl.exec("l.pend()\nwhile True: pass\n")
    assert "KeyboardInterrupt" in str(got.value)
    assert "f of INTID 100 stuck" in str(got.value) + got.value.stdout
    repl.exec(f"assert l.state == {'ok' if trigger == 'EDGE' else 'raised'!r}\nl.free()\n")


def test_ctrl_c_before_a_hard_handler_is_the_threads(repl, _shared):
    """A KeyboardInterrupt that the thread has not seen yet does not break a hard handler."""
    repl.exec(
        TOOLS + "n = 0\n"
        "def f(l):\n"
        "    global n\n"
        "    for i in range(20): n += 1\n"
        "l = irq.request(100, f, irq.EDGE, hard=True)\n"
    )
    with pytest.raises(TargetError) as got:
        threading.Timer(0.3, _shared[0].wire.write, [b"\x03"]).start()
        repl.exec("while True: l.pend()\n")
    assert "KeyboardInterrupt" in str(got.value)
    repl.exec("assert l.state == 'ok' and n % 20 == 0\nl.free()\n")
