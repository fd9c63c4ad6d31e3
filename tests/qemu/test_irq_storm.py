"""irq: lines that fire too much, that nobody handles, that outlive a session."""

import pytest
from irqlines import MACHINES, TOOLS

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_MATRIX = MACHINES


def test_no_soft_handler_is_lost(repl):
    """More lines than the scheduler's queue has places, while that is full."""
    repl.exec(
        TOOLS + "cs = [Count() for _ in range(60)]\n"
        "ls = [irq.request(100 + i, c, irq.EDGE) for i, c in enumerate(cs)]\n"
        "def block(_):\n"
        "    try:\n"
        "        while True: micropython.schedule(id, None)\n"
        "    except RuntimeError: pass\n"
        "    for l in ls: l.pend()\n"
        "    for l in ls: l.pend()\n"
        "micropython.schedule(block, None)\n"
        "wait(lambda: all(c.n for c in cs))\n"
        "for l in ls: l.free()\n"
    )


def test_lines_that_fire_without_end(repl):
    """The thread gets on, and so do callbacks of others, even from a full queue."""
    repl.exec(
        TOOLS + "def f(l): l.pend()\n"
        "ls = [irq.request(100 + i, f, irq.EDGE) for i in range(40)]\n"
        "for l in ls: l.pend()\n"
        "c = Count()\n"
        "def fill(_):\n"
        "    try:\n"
        "        while True: micropython.schedule(c, None)\n"
        "    except RuntimeError: pass\n"
        "micropython.schedule(fill, None)\nwait(lambda: c.n >= 31)\n"
        "n = ls[39].count\nwait(lambda: ls[39].count > n + 10)\n"
        "for l in ls: l.disable(), l.free()\n"
    )


@pytest.mark.parametrize("hard", [False, True])
def test_storm(repl, hard):
    """A level line that nobody lowers: masked, told once, and back when it is mended."""
    repl.exec(
        TOOLS + "import klog\nklog.clear()\n"
        "c = Count()\n"
        f"l = irq.request(34, c, hard={hard}, name='rtc')\n"
        "alarm()\n"
        "k = 0\n"
        "end = time.ticks_add(time.ticks_ms(), 20000)\n"
        "while l.state == 'ok':\n"  # the thread gets on even without the scheduler's sleep
        "    k += 1\n"
        "    assert time.ticks_diff(end, time.ticks_ms()) > 0, 'never'\n"
        "assert l.state == 'storm' and not l.enabled\n"
        "n = c.n\ntime.sleep_ms(20)\nassert c.n == n and n >= 16, (c.n, n)\n"
        "assert [s.state for s in irq.stats() if s.intid == 34] == ['storm']\n"
        "log = klog.read()[0]\n"
        "assert log.count(b'storm on INTID 34 rtc') == 1, log\n"
        "mem32[_RTC + 0x1c] = 1\nl.enable()\nassert l.state == 'ok'\n"
        "time.sleep_ms(20)\nassert c.n == n\n"
        "l.pend()\nwait(lambda: c.n == n + 1)\nl.free()\n",
        timeout=40,
    )


def test_a_busy_line_is_no_storm(repl):
    """Edges one after the other, for longer than the breaker looks."""
    repl.exec(
        TOOLS + "c = Count()\nl = irq.request(100, c, irq.EDGE)\n"
        "def again(l):\n"
        "    c.n += 1\n"
        "    l.pend()\n"
        "m = irq.request(101, again, irq.EDGE)\nm.pend()\n"
        "end = time.ticks_add(time.ticks_ms(), 1200)\nk = 0\n"
        "while time.ticks_diff(end, time.ticks_ms()) > 0:\n"
        "    k += 1\n"
        "assert m.state == 'ok' and c.n > 100 and k > 100, (m.state, c.n, k)\n"
        "m.disable()\nm.free()\nl.free()\n",
        timeout=20,
    )


def test_an_unhandled_line_is_harmless(repl):
    """An edge of a device that nobody drives, as the power button's."""
    repl.exec(
        TOOLS + "before = irq.info()['spurious']\n"
        "l = irq.request(100, Count(), irq.EDGE)\nl.free()\n"
        "gicd = irq.info()['gicd']\n"
        "mem32[gicd + 0x100 + 12] = 1 << 4\n"  # ISENABLER: enabled behind the module's back
        "mem32[gicd + 0x200 + 12] = 1 << 4\n"
        "wait(lambda: irq.info()['spurious'] == before + 1)\n"
        "s = [s for s in irq.stats() if s.intid == 100][0]\n"
        "assert s.state == 'unhandled' and s.name is None and not s.enabled, s\n"
        "l = irq.request(100, Count(), irq.EDGE)\nassert l.state == 'ok'\nl.free()\n"
    )


def test_requests_leak_nothing(repl):
    repl.exec(
        TOOLS + "f = lambda l: None\n"
        "def turn():\n"
        "    for i in range(1000):\n"
        "        l = irq.request(100 + i % 50, f, hard=i & 1)\n"
        "        l.free()\n"
        "turn()\ngc.collect()\nfree = gc.mem_free()\nturn()\ngc.collect()\n"
        "assert free - gc.mem_free() < 256, free - gc.mem_free()\n"
        "assert irq.info()['python_lines'] == 0\n"
    )


def test_soft_reset_with_live_lines(repl):
    """Nothing fires into the next heap."""
    repl.exec(
        TOOLS + "n = 0\n"
        "def f(l):\n"
        "    l.pend()\n"  # without end
        "def g(l):\n"
        "    mem32[_RTC + 0x1c] = 1\n"
        "    print('still alive')\n"
        "for i in range(40):\n"
        "    irq.request(100 + i, f, irq.EDGE, hard=False).pend()\n"
        "irq.request(34, g)\n"
        "irq.request(5, lambda l: None, hard=True)\n"
        "mem32[_RTC + 0x10] = 1\nmem32[_RTC + 4] = mem32[_RTC] + 1\n"
    )
    repl.soft_reset()
    said = repl.exec(
        TOOLS + "time.sleep_ms(1200)\nx = [[i] * 10 for i in range(20000)]\ngc.collect()\n"
        "assert irq.info()['python_lines'] == 0\n"
        "assert all(not s.enabled for s in irq.stats() if s.name not in ('timer', 'uart'))\n"
        "mem32[_RTC + 0x1c] = 1\n"
    )
    assert "still alive" not in said
