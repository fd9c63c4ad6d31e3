"""Two functions on one INTx line: QEMU's slots 1 and 5 both route pin A to the same one."""

import pytest

pytestmark = pytest.mark.probe

SETUP = """
import pci, irq, time
EDU = (0x1234, 0x11E8)
fns = [f for f in pci.scan() if (f.vendor, f.device) == EDU]
seen = []
def hook(f, hard=False):
    r = f.enable().bar(0)
    f.interrupts(kinds=("intx",))
    def handler(line):
        if r[0x24]:
            r[0x64] = r[0x24]
            seen.append(f.dev)
    f.irq(handler, hard=hard)
    return r
def after(condition):
    end = time.ticks_add(time.ticks_ms(), 5000)
    while not condition() and time.ticks_diff(end, time.ticks_ms()) > 0:
        time.sleep_ms(1)
"""


@pytest.fixture(params=[2, 3])
def target(request, vm_factory):
    repl = vm_factory(gic=request.param, device=["edu,addr=1", "edu,addr=5"]).repl()
    repl.exec(SETUP)
    assert repl.eval("fns[0].intid == fns[1].intid")
    return repl


def test_shared(target):
    target.exec("a, b = hook(fns[0]), hook(fns[1])")
    target.exec("for r in (a, b, a): r[0x60] = 1; after(lambda: not r[0x24])")
    assert target.eval("seen") == [1, 5, 1]
    target.exec("fns[0].release()\nb[0x60] = 1; after(lambda: len(seen) == 4)")
    assert target.eval("seen") == [1, 5, 1, 5]
    target.exec("fns[1].release()")
    assert target.eval("irq.info()['python_lines']") == 0


def test_both_at_once(target):
    target.exec("a, b = hook(fns[0]), hook(fns[1])")
    target.exec(
        "for i in range(100): a[0x60] = 1; b[0x60] = 2; after(lambda: not a[0x24] | b[0x24])"
    )
    assert target.eval("(seen.count(1), seen.count(5))") == (100, 100)
    target.exec("for f in fns: f.release()")
