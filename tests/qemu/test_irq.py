"""irq: lines of both interrupt controllers, one CPU and four: requests, levels, priorities."""

import pytest
from irqlines import MACHINES, TOOLS

from pyrallax.vm.config import qemu_version

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_MATRIX = MACHINES


def test_the_controller(repl, _shared):
    repl.exec(TOOLS)
    info = repl.eval("irq.info()")
    config = _shared[0].config
    assert info["version"] == config.gic
    lines = {288, 256} if config.gic == 3 else {288}  # 256: QEMU 7.2
    assert info["lines"] in lines
    assert info["priority_bits"] >= 4
    assert info["msi"] == config.msi_kind
    assert info["python_lines"] == info["msi_used"] == 0
    names = {s[2]: s for s in repl.eval("[tuple(s) for s in irq.stats()]")}
    assert names["timer"][:2] == (27, "PPI") and names["timer"][6:] == ("level", True)
    assert names["uart"][:2] == (33, "SPI") and names["uart"][3] > 0
    assert names["uart"][5] > 0


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("intid", [0, 7, 20, 100])
def test_from_software(repl, _shared, intid, hard):
    """SGI, PPI and SPI made pending."""
    config = _shared[0].config
    if intid == 20 and config.gic == 2 and config.cpus > 1 and qemu_version() < (8,):
        pytest.skip("QEMU 7.2's GICv2 gives a PPI made pending by software to no CPU of several")
    repl.exec(
        TOOLS + f"c = Count()\nl = irq.request({intid}, c, irq.EDGE, hard={hard}, name='soft')\n"
        "assert l.last_us is None and l.count == 0 and l.enabled\n"
        "t = time.ticks_us()\n"
        "for i in range(20):\n"
        "    l.pend()\n"
        "    wait(lambda: c.n == i + 1)\n"
        "assert l.count == 20 and l.trigger == irq.EDGE and l.state == 'ok', (l.count, l.state)\n"
        f"assert l.intid == {intid} and l.name == 'soft' and l.hard == {hard}\n"
        "assert t <= l.last_us <= time.ticks_us()\n"
        f"s = [s for s in irq.stats() if s.intid == {intid}][0]\n"
        "assert s.name == 'soft' and s.count >= 20 and s.trigger == 'edge' and s.enabled, s\n"
        f"assert s.kind == {'SGI' if intid < 16 else 'PPI' if intid < 32 else 'SPI'!r}\n"
        "l.disable()\nl.pend()\ntime.sleep_ms(5)\nassert c.n == 20\n"
        "l.enable()\nwait(lambda: c.n == 21)\n"  # it was latched
        "l.free()\nl.free()\n"
        "assert l.count is None and errno_of(l.enable) == errno_of(l.pend) == ENODEV\n"
        "assert repr(l).endswith(' freed>')\n"
    )


@pytest.mark.parametrize("hard", [False, True])
def test_a_level_line(repl, hard):
    """A device's own line: served once a time, masked until the soft handler has returned."""
    repl.exec(
        TOOLS + "class Rtc:\n"
        "    def __init__(self): self.n = 0\n"
        "    def __call__(self, line):\n"
        "        self.n += 1\n"
        "        mem32[_RTC + 0x1c] = 1\n"
        "c = Rtc()\n"
        f"l = irq.request(34, c, hard={hard})\n"
        "for i in range(2):\n"
        "    alarm()\n"
        "    wait(lambda: c.n == i + 1)\n"
        "time.sleep_ms(20)\nassert c.n == 2, c.n\n"
        "assert 2 <= l.count <= 4 and l.trigger == irq.LEVEL\n"
        "l.free()\n"
    )


def test_edges_coalesce_while_one_is_queued(repl):
    repl.exec(
        TOOLS + "c = Count()\nl = irq.request(100, c, irq.EDGE)\n"
        "def many(_):\n"  # soft handlers wait for the end of a callback
        "    for i in range(50): l.pend()\n"
        "    assert c.n == 0\n"
        "micropython.schedule(many, None)\nwait(lambda: c.n)\ntime.sleep_ms(5)\n"
        "assert c.n == 1 and l.count == 50, (c.n, l.count)\nl.free()\n"
    )


def test_priorities(repl):
    """The most urgent first; what the controller implements is read back."""
    repl.exec(
        TOOLS + "import machine\nseen = bytearray(8)\nat = 0\n"
        "def mark(l):\n"
        "    global at\n"
        "    seen[at] = l.intid\n"
        "    at += 1\n"
        "ls = [irq.request(100 + i, mark, irq.EDGE, hard=True, priority=p)\n"
        "      for i, p in enumerate((0x80, 0x20, 0xe0, 0x00, 0x60))]\n"
        "assert [l.priority for l in ls] == [0x80, 0x20, 0xe0, 0x00, 0x60]\n"
        "state = machine.disable_irq()\n"
        "for l in ls: l.pend()\n"
        "machine.enable_irq(state)\n"
        "wait(lambda: at == 5)\n"
        "assert bytes(seen[:5]) == bytes((103, 101, 104, 100, 102)), seen\n"
        "for l in ls: l.free()\n"
        "l = irq.request(100, mark, irq.EDGE, priority=0xef)\n"
        "bits = irq.info()['priority_bits']\n"
        "assert l.priority == 0xef & 0xff << 8 - bits, l.priority\nl.free()\n"
        "l = irq.request(100, mark)\nassert l.priority == 0xa0\nl.free()\n"
    )


def test_bad_requests(repl):
    repl.exec(
        TOOLS + "def no(error, *a, **k):\n"
        "    try: irq.request(*a, **k)\n"
        "    except error: return\n"
        "    assert 0, (a, k)\n"
        "f = lambda l: None\n"
        "for n in (-1, 1020, 1021, 1023, 1024, 5000, 8192, 1 << 31):\n"
        "    no(ValueError, n, f)\n"
        "no(ValueError, irq.info()['lines'], f)\n"
        "no(ValueError, 100, f, 2)\nno(TypeError, 100, 5)\nno(TypeError, 100)\n"
        "no(TypeError, 'a', f)\n"
        "no(ValueError, 100, f, priority=-1)\nno(ValueError, 100, f, priority=0xf0)\n"
        "no(TypeError, 100, f, name=7)\nno(TypeError, 100, f, priority='a')\n"
        "no(TypeError, 100, f, irq.EDGE, True)\n"
        "assert irq.info()['python_lines'] == 0\n"
    )


def test_taken_lines(repl):
    """Those of the timer, of the UART, and of somebody else."""
    repl.exec(
        TOOLS + "f = lambda l: None\n"
        "assert errno_of(irq.request, 27, f) == errno_of(irq.request, 33, f) == EBUSY\n"
        "l = irq.request(100, f)\nassert errno_of(irq.request, 100, f) == EBUSY\nl.free()\n"
        "with irq.request(100, f) as l: assert irq.info()['python_lines'] == 1\n"
        "assert irq.info()['python_lines'] == 0\n"
        "time.sleep_ms(5)\n"  # the timer still works
    )


@pytest.mark.parametrize("hard", [False, True])
def test_freeing_a_busy_line(repl, hard):
    repl.exec(
        TOOLS + "got = None\n"
        "def own(l):\n"
        "    global got\n"
        "    try: l.free()\n"
        "    except OSError as e: got = e.errno\n"
        f"l = irq.request(100, own, irq.EDGE, hard={hard})\n"
        "l.pend()\nwait(lambda: got)\nassert got == EBUSY\n"
        "l.free()\n"
    )


def test_freeing_a_queued_line(repl):
    """Where its turn can come it comes; where it cannot, the line is busy."""
    repl.exec(
        TOOLS + "c = Count()\nl = irq.request(100, c, irq.EDGE)\ngot = None\n"
        "def locked(_):\n"
        "    global got\n"
        "    l.pend()\n"
        "    got = errno_of(l.free)\n"
        "micropython.schedule(locked, None)\nwait(lambda: got is not None)\n"
        "assert got == EBUSY\nwait(lambda: c.n == 1)\n"
        "l.pend(), l.free()\n"
        "assert c.n == 2 and l.count is None\n"
    )


def test_disabled_while_queued(repl):
    """The handler of a disabled line does not run, and nothing is lost."""
    repl.exec(
        TOOLS + "c = Count()\nl = irq.request(100, c, irq.EDGE)\nran = False\n"
        "def locked(_):\n"
        "    global ran\n"
        "    l.pend()\n"
        "    l.disable()\n"
        "    ran = True\n"
        "micropython.schedule(locked, None)\nwait(lambda: ran)\ntime.sleep_ms(5)\n"
        "assert c.n == 0 and l.count == 1\nl.enable()\nwait(lambda: c.n == 1)\nl.free()\n"
    )
