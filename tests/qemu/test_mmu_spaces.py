"""mmu.Space: address spaces told apart by ASIDs, on every machine."""

import pytest

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_SETUP = """
import dma, gc, machine, mmu
V = 1 << 40
def raised(f, *args, **kw):
    try:
        f(*args, **kw)
    except Exception as e:
        return type(e).__name__, e.errno if isinstance(e, OSError) else None
def pages(n):
    b = dma.alloc(n * 4096, 4096)
    for i in range(n):
        machine.mem64[b.phys + 4096 * i] = 0x1000 + i
    return b
"""

# Spaces that map one address to different pages: only the ASID tells their TLB entries apart.
_MANY = """
b = pages(16)
m = machine.mem64
spaces = []
for i in range(16):
    s = mmu.Space()
    s.map(V, b.phys + 4096 * i, 4096)
    spaces.append(s)
assert len({s.root for s in spaces}) == 16
for k in range(500):
    i = k * 7 % 16
    spaces[i].switch()
    assert m[V] == 0x1000 + i, (k, i)
    assert mmu.current() is spaces[i] and mmu.translate(V).agree
assert len({s.asid for s in spaces}) == 16 and None not in {s.asid for s in spaces}
mmu.switch()
assert mmu.current() is None and raised(lambda: m[V]) == ('BusError', 14)
for s in spaces: s.close()
assert mmu.stats().tables == 0, mmu.stats()
"""


@pytest.fixture
def prompt(repl):
    repl.exec(_SETUP)
    return repl


def test_many_spaces(prompt):
    prompt.exec(_MANY)


@pytest.mark.parametrize(
    "options",
    [
        {"gic": 2, "cpus": 4},
        {"gic": 3},
        {"cpu": "max"},
        {"cpu": "cortex-a53"},
        {"machine": "uefi"},
    ],
    ids=lambda o: "-".join(f"{k}_{v}" for k, v in o.items()),
)
def test_on_every_machine(vm_factory, options):
    repl = vm_factory(**options).repl()
    repl.exec(_SETUP + _MANY)
    repl.exec(
        "got = mmu.selftest(1000)\n"
        "assert all(old == 0 for kind, (n, old, t) in got.items() if kind != 'none'), got\n"
        "for r in mmu.regions():\n"
        "    for va in (r.va, r.va + r.size - 8): assert mmu.translate(va).agree, hex(va)\n"
    )
    assert repl.exec("print(6 * 7)") == "42\n"


def test_a_space_sees_the_identity_map_and_the_kernel(prompt):
    prompt.exec(
        "b = pages(1)\n"
        "mmu.map(V + 4096, b.phys, 4096)\n"  # the kernel's own
        "with mmu.Space() as s:\n"
        "    s.map(V, b.phys, 4096, write=False)\n"
        "    s.switch()\n"
        "    assert machine.mem64[b.phys] == machine.mem64[V] == 0x1000\n"
        "    assert raised(lambda: machine.mem64[V + 4096])[0] == 'BusError'\n"
        "    gc.collect()\n"
        "    mmu.protect(0x9010000, 4096, write=False)\n"  # shared by all
        "    own = [r for r in s.regions() if V <= r.va < 1 << 48]\n"
        "    assert len(own) == 1 and own[0][:3] == (V, 4096, b.phys) and not own[0].global_\n"
        "    assert mmu.regions() == s.regions() and s.walk(V)[-1].ng\n"
        "assert mmu.current() is None and machine.mem64[V + 4096] == 0x1000\n"
        "assert mmu.translate(0x9010000).kernel == 'r--'\n"
    )


def test_edits_of_a_space_that_is_not_current(prompt):
    """Its entries may still be in the TLB under its ASID."""
    prompt.exec(
        "b = pages(3)\ns = mmu.Space()\nm = machine.mem64\n"
        "for i in range(300):\n"
        "    s.map(V, b.phys + 4096 * (i % 3), 4096)\n"
        "    t = s.translate(V)\n"
        "    assert t.pa == b.phys + 4096 * (i % 3) and t.agree is None is t.at_pa\n"
        "    s.switch()\n"
        "    assert m[V] == 0x1000 + i % 3, i\n"
        "    mmu.switch(None)\n"
        "s.unmap(V, 4096)\ns.switch()\nassert raised(lambda: m[V])[0] == 'BusError'\n"
    )


def test_interrupts_and_python_go_on_inside(prompt):
    prompt.exec(
        "import time\nhits = 0\n"
        "def f(t):\n"
        "    global hits\n    hits += 1\n"
        "t = machine.Timer(-1, period=2, hard=False, callback=f)\n"
        "with mmu.Space() as s:\n"
        "    s.switch()\n    time.sleep_ms(60)\n    x = [bytearray(1000) for i in range(2000)]\n"
        "assert hits > 10, hits\nt.deinit()\n"
    )


def test_not_in_a_hard_handler(prompt):
    """A handler may have come in the middle of a change of tables."""
    prompt.exec(
        "import time\ns, said = mmu.Space(), [0]\n"
        "calls = s.switch, mmu.switch, s.close\n"
        "def f(t):\n"
        "    for do in calls:\n"
        "        try: do()\n"
        "        except OSError as e: said[0] += e.errno\n"
        "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, hard=True, callback=f)\n"
        "time.sleep_ms(50)\n"
        "assert said == [3] and mmu.current() is None and s.root is not None, said\ns.close()\n"
    )


def test_asids_roll_over(prompt):
    """More switches to new spaces than there are ASIDs; old ones get others and stay right."""
    prompt.exec(
        "b = pages(4)\nm = machine.mem64\n"
        "old = [mmu.Space() for i in range(3)]\n"
        "for i, s in enumerate(old):\n"
        "    s.map(V, b.phys + 4096 * i, 4096)\n    s.switch()\n    assert m[V] == 0x1000 + i\n"
        "first = [s.asid for s in old]\n"
        "def turn(n):\n"
        "    for i in range(n):\n"
        "        s = mmu.Space()\n        s.switch()\n        s.close()\n"
        "turn(mmu.stats().asids)\n"
        "assert [s.asid for s in old] == [None] * 3\n"
        "for k in range(3):\n"
        "    for i, s in enumerate(old):\n"
        "        s.switch()\n        assert m[V] == 0x1000 + i\n"
        "second = [s.asid for s in old]\n"
        "assert len(set(second)) == 3 and None not in second\n",
        timeout=120,
    )


def test_lost_spaces_are_collected_but_not_the_current_one(prompt):
    prompt.exec(
        "b = pages(1)\n"
        "def lose(n):\n"
        "    for i in range(n):\n"
        "        s = mmu.Space()\n        s.map(V, b.phys, 4096)\n        s.switch()\n"
        "def deep(n): return n and deep(n - 1)\n"
        "lose(40)\ndeep(100)\ngc.collect()\n"
        "assert machine.mem64[V] == 0x1000 and mmu.current().walk(V)[-1].kind == 'page'\n"
        # Four tables each; a stale word on the stack may keep one or another.
        "assert mmu.stats().tables <= 4 * 10, mmu.stats()\n"
        "mmu.switch()\n"
    )


def test_bad_use(prompt):
    prompt.exec(
        "b = pages(1)\ns = mmu.Space()\n"
        "assert raised(s.map, 0x10000000, b.phys, 4096) == ('ValueError', None)\n"
        "assert raised(s.unmap, 0xffff000000000000, 4096) == ('ValueError', None)\n"
        "assert raised(s.protect, V, 4096, write=False) == ('OSError', 14)\n"
        "assert raised(mmu.Space, 1)[0] == raised(mmu.switch, 5)[0] == 'TypeError'\n"
        "s.close()\ns.close()\n"
        "for f in (s.switch, s.regions, lambda: mmu.switch(s), lambda: s.walk(V)):\n"
        "    assert raised(f) == ('OSError', 9)\n"
        "assert s.asid is None is s.root and 'closed' in repr(s)\n"
    )


def test_no_memory_for_spaces(prompt):
    """As many as fit, then MemoryError, then all again."""
    prompt.exec(
        "def fill():\n"
        "    spaces = []\n"
        "    try:\n"
        "        while len(spaces) < 5000: spaces.append(mmu.Space())\n"
        "    except MemoryError: pass\n"
        "    n = len(spaces)\n"
        "    for s in spaces: s.close()\n"
        "    return n\n"
        "n = fill()\nassert 1000 < n < 5000 and fill() == n and mmu.stats().tables == 0\n",
        timeout=60,
    )
