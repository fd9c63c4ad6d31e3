"""DMA buffers between guards: overruns are found, counted and named."""

import pytest

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_SETUP = "import dma, machine, klog, gc\n"


def test_sound(repl):
    repl.exec(
        _SETUP + "held = [dma.alloc(n, a) for n in (1, 63, 64, 65, 4096) for a in (1, 64, 4096)]\n"
        "for b in held: memoryview(b)[:] = bytes([255]) * len(memoryview(b))\n"
        "assert dma.check() == 0 and dma.broken() == []\n"
        "for b in held: b.free()\n"
        "assert dma.check() == 0 and dma.stats()[:2] == (0, 0)"
    )


@pytest.mark.parametrize("size", [1, 63, 64, 65, 100, 4096])
@pytest.mark.parametrize("align", [64, 4096])
def test_each_byte_of_a_guard(repl, size, align):
    """One wrong byte, wherever in the guards it is; and not the byte beyond them."""
    repl.exec(
        _SETUP + f"size = {size}\n"
        f"b = dma.alloc(size, {align}, 'victim')\n"
        "end = (size + 63) // 64 * 64 + 64\n"
        "assert b.phys % 64 == 0 and b.name == 'victim'\n"
        "for at in list(range(-64, 0)) + list(range(size, end)):\n"
        "    a = b.phys + at\n"
        "    was = machine.mem8[a]\n"
        "    for new in (was ^ 1, was ^ 128, 0):\n"
        "        machine.mem8[a] = new\n"
        "        assert dma.check() == 1, at\n"
        "        assert dma.broken() == [('victim', b.phys, size, at)], dma.broken()\n"
        "    machine.mem8[a] = was\n"
        "    assert dma.check() == 0\n"
        "for a in (b.phys - 65, b.phys + end): machine.mem8[a] = machine.mem8[a] ^ 1\n"
        "assert dma.check() == 0\n"
        "b.free()",
        timeout=30,
    )


def test_counted_and_logged_at_free(repl):
    repl.exec(
        _SETUP + "a, b = dma.alloc(100, 64, 'ring'), dma.alloc(100)\n"
        "machine.mem8[a.phys + 100] = 0\n"
        "assert dma.check() == 1\na.free()\nb.free()\n"
        "assert dma.check() == 1 and dma.broken() == []"
    )
    log = repl.eval("klog.read()[0]").decode()
    assert "dma: buffer ring of 100 bytes at 0x" in log and "guard broken at 100\n" in log
    repl.soft_reset()
    assert repl.eval("__import__('dma').check()") == 0


def test_neighbours_do_not_share_guards(repl):
    repl.exec(
        _SETUP + "held = [dma.alloc(64, 64, str(i)) for i in range(50)]\n"
        "for b in held[::2]: b.free()\n"
        "held = held[1::2] + [dma.alloc(64) for _ in range(25)]\n"
        "assert dma.check() == 0 and dma.stats()[0] == 50\n"
        "starts = sorted(b.phys for b in held)\n"
        "assert all(y - x >= 192 for x, y in zip(starts, starts[1:]))\n"
        "for b in held: b.free()"
    )


def test_the_whole_pool(repl):
    repl.exec(
        _SETUP + "pool = dma.stats()[2]\n"
        "b = dma.alloc(pool - 128)\nb.free()\n"
        "for n in (pool, pool - 64):\n"
        "    try: dma.alloc(n)\n"
        "    except OSError as e: assert e.errno == 12\n"
        "    else: assert 0, n\n"
        "assert dma.stats()[:2] == (0, 0)",
        timeout=30,
    )


def test_a_hard_handler_frees(repl):
    """While the thread allocates: the list of the pieces stays whole."""
    repl.exec(
        _SETUP + "held = [dma.alloc(64) for i in range(3000)]\n"
        "given = [dma.alloc(64) for i in range(300)]\nn = 0\n"
        "def f(t):\n"
        "    global n\n"
        "    if n < 300:\n        given[n].free()\n        n += 1\n"
        "t = machine.Timer(-1, period=1, hard=True, callback=f)\n"
        "while n < 300:\n"
        "    a = dma.alloc(64)\n    b = dma.alloc(64)\n    a.free()\n    b.free()\n"
        "t.deinit()\n"
        "for b in held: b.free()\n"
        "assert dma.stats()[:2] == (0, 0), dma.stats()"
    )


@pytest.mark.parametrize("size, left", [("1k", 0), ("64k", 0), ("128k", 65536)])
def test_a_small_pool(vm_factory, size, left):
    """The table of the buffers takes its beginning."""
    repl = vm_factory(append=f"dma={size}").repl()
    repl.exec(
        _SETUP + f"assert dma.stats() == (0, 0, {left}, 0), dma.stats()\n"
        "try: dma.alloc(4096).free()\n"
        f"except OSError as e: assert e.errno == 12 and not {left}\n"
        f"else: assert {left}\n"
        "assert dma.check() == 0 and dma.stats()[:2] == (0, 0)"
    )
