"""Resets without end: each comes back to the prompt, and nothing is lost on the way."""

import pytest
from leaks import leaks

pytestmark = pytest.mark.boot

_FREE = "import gc\ngc.collect()\nprint(gc.mem_free())"
_TOLERANCE = 4096  # bytes: a conservative collector may keep what a stale stack word names


@pytest.mark.timeout(900)
def test_system_resets(vm):
    repl = vm.repl()
    frees = set()
    for turn in range(100):
        vm.reset()
        assert b"MicroPython " in repl.wait_prompt(30), turn
        repl.enter_raw()
        frees.add(int(repl.exec(_FREE)))
        assert repl.exec(f"print({turn})") == f"{turn}\n"
    assert max(frees) - min(frees) <= _TOLERANCE, sorted(frees)


@pytest.mark.timeout(900)
def test_soft_resets_leave_no_leak(vm):
    repl = vm.repl()
    repl.soft_reset()
    before = int(repl.exec(_FREE))
    for turn in range(1000):
        if turn % 10 == 0:
            repl.exec("import io, os\nx = [bytearray(100) for _ in range(1000)]")
        repl.soft_reset()
    assert abs(int(repl.exec(_FREE)) - before) <= _TOLERANCE
    assert leaks(repl) == ""
