"""irq.msi: messages through GICv2m and through the ITS, from a real device (QEMU's edu)."""

import pytest

from pyrallax.vm.config import PARALLELS

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_MATRIX = [
    machine | {"cpus": cpus, "device": ["edu"]}
    for machine in ({"gic": 2}, {"gic": 3}, PARALLELS)
    for cpus in (1, 4)
]

# The device by hand, no driver between: ECAM slot, BAR0 (1 MiB), MSI capability; then the order
# in which the reference sets up MSI.  edu: a write to 0x60 raises interrupts, 0x24 says which,
# 0x64 acknowledges (QEMU docs/specs/edu).
_TOOLS = """
import boot, gc, irq, time
from errno import EBUSY, ENODEV, ENOSPC
from machine import mem16, mem32
def errno_of(f, *a, **k):
    try: f(*a, **k)
    except OSError as e: return e.errno
def wait(what, ms=5000):
    end = time.ticks_add(time.ticks_ms(), ms)
    while not what():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, 'too late'
        time.sleep_ms(1)
_BAR = 0x10000000
_ECAM = boot.hw()['ecam'][0][0]
class Edu:
    def __init__(self):
        self.slot = [d for d in range(32) if mem32[_ECAM + (d << 15)] == 0x11e81234][0]
        self.cfg = c = _ECAM + (self.slot << 15)
        self.device = self.slot << 3
        mem32[c + 0x10] = _BAR
        mem16[c + 4] = 6  # memory, bus master
        assert mem32[_BAR] & 0xff == 0xed
        p = mem32[c + 0x34] & 0xff
        while mem32[c + p] & 0xff != 5: p = mem32[c + p] >> 8 & 0xff
        self.msi = c + p
        self.n = self.seen = 0
    def aim(self, vector):
        address, data, intid = vector
        p = self.msi
        mem16[p + 2] = mem16[p + 2] & ~1
        mem32[p + 4] = address & 0xffffffff
        wide = mem16[p + 2] >> 7 & 1
        if wide: mem32[p + 8] = address >> 32
        mem16[p + 8 + 4 * wide] = data
        mem16[self.cfg + 4] = 0x406  # INTx off
        mem16[p + 2] = mem16[p + 2] | 1
    def fire(self, bits): mem32[_BAR + 0x60] = bits
    def off(self): mem16[self.msi + 2] = mem16[self.msi + 2] & ~1
    def handler(self, line):
        status = mem32[_BAR + 0x24]
        self.seen |= status
        self.n += 1
        mem32[_BAR + 0x64] = status
e = Edu()
"""


@pytest.mark.parametrize("hard", [False, True])
def test_a_device_sends(repl, _shared, hard):
    repl.exec(
        _TOOLS + "v = irq.msi(1, device=e.device)\nassert len(v) == 1 and v.device == e.device\n"
        "h = e.handler\n"
        f"l = v.request(0, h, hard={hard}, name='edu')\n"
        "assert l.trigger == irq.EDGE and v[0][2] == l.intid\n"
        "e.aim(v[0])\n"
        "for i in range(100):\n"
        "    e.seen = 0\n"
        "    e.fire(1 + i)\n"
        "    wait(lambda: e.n == i + 1)\n"
        "    assert e.seen == 1 + i\n"
        "assert l.count == 100 and l.state == 'ok', l.count\n"
        "l.disable()\ne.fire(4)\ntime.sleep_ms(5)\nassert e.n == 100\n"
        "l.enable()\nwait(lambda: e.n == 101)\n"  # kept by the controller
        "l.pend()\nwait(lambda: e.n == 102)\n"
        "s = [s for s in irq.stats() if s.name == 'edu'][0]\n"
        "assert s.count >= 102 and s.trigger == 'edge' and s.enabled\n"
        "print(v.kind, s.kind)\n"
        "e.off()\nv.free()\nv.free()\n"
        "assert len(v) == 0 and errno_of(lambda: v[0]) == ENODEV and l.count is None\n"
        "assert irq.info()['msi_used'] == irq.info()['python_lines'] == 0\n"
    )
    kind = _shared[0].config.msi_kind
    assert repl.eval("(v.kind, s.kind)") == (kind, "SPI" if kind == "v2m" else "LPI")


def test_which_vector(repl):
    """Each handler gets its own; MSI gets aligned numbers."""
    repl.exec(
        _TOOLS + "v = irq.msi(8, device=e.device)\nhits = [0] * 8\n"
        "def h(l):\n"
        "    hits[l.intid - v[0][2]] += 1\n"
        "    mem32[_BAR + 0x64] = mem32[_BAR + 0x24]\n"
        "for i in range(8): v.request(i, h)\n"
        "assert v[0][1] % 8 == 0 and v[7][1] == v[-1][1] == v[0][1] + 7\n"
        "for i in (0, 7, 3, 3):\n"
        "    e.aim(v[i])\n"
        "    n = sum(hits)\n"
        "    e.fire(1)\n"
        "    wait(lambda: sum(hits) > n)\n"
        "assert hits == [1, 0, 0, 2, 0, 0, 0, 1], hits\n"
        "assert errno_of(v.request, 3, h) == EBUSY\n"
        "for bad in (8, -9, 100):\n"
        "    try: v.request(bad, h)\n"
        "    except IndexError: continue\n"
        "    assert 0\n"
        "e.off()\nv.free()\n"
    )


def test_priorities_and_pending(repl):
    repl.exec(
        _TOOLS + "import machine\nseen = bytearray(4)\nat = 0\n"
        "def mark(l):\n"
        "    global at\n"
        "    seen[at] = l.intid - first\n"
        "    at += 1\n"
        "v = irq.msi(3, device=e.device)\n"
        "first = v[0][2]\n"
        "ls = [v.request(i, mark, hard=True, priority=p)\n"
        "      for i, p in enumerate((0xc0, 0x40, 0x80))]\n"
        "assert [l.priority for l in ls] == [0xc0, 0x40, 0x80]\n"
        "s = machine.disable_irq()\n"
        "for l in ls: l.pend()\n"
        "machine.enable_irq(s)\n"
        "wait(lambda: at == 3)\nassert bytes(seen[:3]) == b'\\x01\\x02\\x00', seen\nv.free()\n"
    )


def test_exhaustion(repl):
    repl.exec(
        _TOOLS + "total = irq.info()['msi_total']\nvs = []\n"
        "while True:\n"
        "    try: vs.append(irq.msi(1, device=e.device))\n"
        "    except OSError as x:\n"
        "        assert x.errno == ENOSPC\n"
        "        break\n"
        "assert len(vs) == total == irq.info()['msi_used'], len(vs)\n"
        "assert len({v[0][2] for v in vs}) == total\n"
        "vs[5].free()\nassert irq.msi(1, device=e.device)[0][2] == vs[4][0][2] + 1\n"
        "assert errno_of(irq.msi, total + 1) == errno_of(irq.msi, 1 << 40) == ENOSPC\n"
        "def no(*a):\n"
        "    try: irq.msi(*a)\n"
        "    except ValueError: return\n"
        "    assert 0, a\n"
        "no(0)\nno(-1)\nno(1, -1)\nno(1, 1 << 32)\n"
    )
    repl.soft_reset()
    assert repl.eval("__import__('irq').info()['msi_used']") == 0


def test_a_vector_is_not_an_ordinary_line(repl, _shared):
    repl.exec(
        _TOOLS + "v = irq.msi(1, device=e.device)\nn = v[0][2]\nf = lambda l: None\n"
        "try: got = errno_of(irq.request, n, f)\n"
        "except ValueError: got = 'no such'\n"  # an LPI
        "v.free()\n"
        "if n < 1020: irq.request(n, f).free()\n"
    )
    assert repl.eval("got") == (16 if _shared[0].config.msi_kind == "v2m" else "no such")


def test_devices_beyond_the_table(repl, _shared):
    repl.exec(_TOOLS)
    if _shared[0].config.msi_kind == "its":
        assert repl.eval("errno_of(irq.msi, 1, device=0xffffffff)") == 19
        assert repl.eval("irq.info()['msi_used']") == 0
    repl.exec("with irq.msi(1, device=0xffff) as v: assert len(v) == 1")


def test_many_leak_nothing(repl):
    repl.exec(
        _TOOLS + "f = lambda l: None\n"
        "def turn():\n"
        "    for i in range(300):\n"
        "        v = irq.msi(1 + i % 5, device=i % 40 << 3)\n"
        "        v.request(0, f)\n"
        "        v.free()\n"
        "turn()\ngc.collect()\nfree = gc.mem_free()\nturn()\ngc.collect()\n"
        "assert free - gc.mem_free() < 512, free - gc.mem_free()\n"
        "assert irq.info()['msi_used'] == irq.info()['python_lines'] == 0\n",
        timeout=60,
    )


def test_busy_vectors(repl):
    repl.exec(
        _TOOLS + "got = None\n"
        "def f(l):\n"
        "    global got\n"
        "    got = errno_of(v.free)\n"
        "v = irq.msi(2, device=e.device)\nv.request(1, f).pend()\n"
        "wait(lambda: got is not None)\nassert got == EBUSY\nv.free()\n"
    )


def test_soft_reset_while_the_device_sends(repl):
    """It goes on sending to a vector that nobody has; the next owner starts clean."""
    repl.exec(
        _TOOLS + "v = irq.msi(1, device=e.device)\nv.request(0, e.handler)\ne.aim(v[0])\n"
        "e.fire(1)\nwait(lambda: e.n)\n"
    )
    repl.soft_reset()
    repl.exec(
        _TOOLS + "assert irq.info()['msi_used'] == irq.info()['python_lines'] == 0\n"
        "for i in range(10): e.fire(1 << i)\n"
        "mem32[_BAR + 0x64] = 0xffffffff\n"
        "x = [[i] * 10 for i in range(20000)]\n"
        "v = irq.msi(1, device=e.device)\nl = v.request(0, e.handler)\n"
        "time.sleep_ms(5)\nassert e.n == l.count == 0, l.count\n"
        "e.aim(v[0])\ne.fire(2)\nwait(lambda: e.n == 1)\nassert e.seen == 2\ne.off()\nv.free()\n"
    )


def test_the_doorbell_by_hand(repl, _shared):
    """A GICv2m frame takes the absolute SPI from anybody, also while the SPI is disabled."""
    if _shared[0].config.msi_kind != "v2m":
        pytest.skip("an ITS takes messages from devices only")
    repl.exec(
        _TOOLS + "v = irq.msi(4)\nn = 0\n"
        "def h(l):\n"
        "    global n\n"
        "    n += 1\n"
        "l = v.request(2, h, enable=False)\n"
        "address, data, intid = v[2]\nassert data == intid == l.intid\n"
        "mem32[address] = data\ntime.sleep_ms(2)\nassert n == 0\n"
        "l.enable()\nwait(lambda: n == 1)\n"
        "mem32[address] = data\nwait(lambda: n == 2)\n"
        "mem32[address] = 0\nmem32[address] = 2000\ntime.sleep_ms(2)\nassert n == 2\nv.free()\n"
    )


def test_neither(vm_factory):
    repl = vm_factory(gic=3, machine_options="its=off").repl()
    repl.exec(
        "import irq\n"
        "assert irq.info()['msi'] is None and irq.info()['msi_total'] == 0\n"
        "try: irq.msi()\n"
        "except OSError as e: assert e.errno == 19\n"
        "else: assert 0\n"
        "try: irq.request(8192, print)\n"
        "except ValueError: pass\n"
        "else: assert 0\n"
    )


def test_an_its_that_stops(vm_factory):
    """A line keeps its state, queued or not, and all can be given back; then there is none."""
    repl = vm_factory(gic=3, device=["edu"]).repl()
    repl.exec(
        _TOOLS + "import micropython\n"
        "v = irq.msi(2)\nl = v.request(0, print)\nk = v.request(1, print, priority=0x40)\n"
        "def queued(_):\n"
        "    l.pend()\n"
        "    mem32[0x08080000] = 0\n"  # GITS_CTLR.Enabled
        "    l.disable()\n"
        "micropython.schedule(queued, None)\ntime.sleep_ms(300)\n"
        "assert l.state == 'ok' and not l.enabled and k.enabled and irq.info()['msi'] is None\n"
        "k.disable()\nk.enable()\nk.pend()\nassert k.priority & 3 == 0\nl.free()\n"
        "assert errno_of(irq.msi) == ENODEV\n"
    )
    repl.soft_reset()
    repl.exec(
        _TOOLS + "assert errno_of(irq.msi) == ENODEV\nassert irq.info()['python_lines'] == 0"
    )
