"""The panic block, what `inv symbolize` makes of it, and panic= on the command line."""

import re
import subprocess
import time

import pytest

from pyrallax import symbolize
from pyrallax.repl import Repl
from pyrallax.vm.config import Config
from pyrallax.wire import WireClosed

pytestmark = pytest.mark.boot

_HEX = r"0x[0-9a-f]{%d}"
_REASONS = {
    "null": r"call or jump to 0x0: translation fault, nothing is mapped there",
    "undef": r"unknown reason \(undefined instruction\)",
    "wild": r"write of 0xdead0000dead0000: translation fault, nothing is mapped there",
    "assert": r"assertion boot\.crash at crash\.c:\d+",
    "stack": r"thread stack overflow: guard hit",
}
_CULPRIT = {
    "null": "crash_call",
    "undef": "crash_undef",
    "wild": "crash_wild",
    "stack": "crash_recurse",
}


def crash(vm, kind: str) -> str:
    """Let the machine panic; the block, with plain newlines."""
    repl = vm.repl()
    repl.exec("import boot, klog\nklog.log(6, 'the last words')")
    repl.wire.write(f"boot.crash({kind!r})\x04".encode())
    text = repl.read_until(b"=== END PANIC ===\r\n", 20).decode()
    return text[text.index("=== PYRALLAX") :].replace("\r\n", "\n")


@pytest.mark.vm_options(append="panic=halt")
@pytest.mark.parametrize("kind", _REASONS)
def test_block(vm, kind):
    text = crash(vm, kind)
    lines = text.splitlines()
    assert lines[0] == "=== PYRALLAX PANIC 1 ===" and lines[-1] == "=== END PANIC ==="
    assert re.fullmatch(f"reason {_REASONS[kind]}", lines[1]), lines[1]
    assert re.fullmatch(r"build [0-9a-f]{40}", lines[2])
    at = 3
    if kind != "assert":
        assert lines[3].startswith("class ")
        assert re.fullmatch(f"pc {_HEX % 16} lr {_HEX % 16} sp {_HEX % 16}", lines[4])
        assert re.fullmatch(f"esr {_HEX % 8} far {_HEX % 16} spsr {_HEX % 8}", lines[5])
        names = re.findall(rf"(x\d+) {_HEX % 16}", "\n".join(lines[6:14]))
        assert names == [f"x{i}" for i in range(31)]
        at = 14
    frames = [line for line in lines[at:] if line.startswith("bt ")]
    for i, line in enumerate(frames):
        assert re.fullmatch(rf"bt {i} {_HEX % 16}", line), line
    assert len(frames) >= 5
    python = [line for line in lines[at:] if line.startswith("py ")]
    assert python == ["py 0 <stdin>:1 <module>"]
    log = [line for line in lines if line.startswith("log ")]
    assert "the last words" in log[-1]
    assert at + len(frames) + len(python) + len(log) + 1 == len(lines)
    resolved = symbolize.resolve(Config().firmware, symbolize.frames(text))
    if kind in _CULPRIT:
        assert any(
            re.search(rf" {_CULPRIT[kind]} modules/boot/crash\.c:\d+", line) for line in resolved
        ), resolved
    named = " ".join(resolved)
    assert kind == "stack" or "start_high" in named, resolved  # down to the entry
    assert "??" not in named
    time.sleep(0.3)
    assert vm.wire.read(0.2) == b"" and vm.process.poll() is None  # halted


@pytest.mark.vm_options(append="panic=reset")
def test_reset(vm):
    crash(vm, "null")
    assert b"MicroPython " in Repl(vm.wire).wait_prompt(30)
    assert vm.repl().exec("print(1)") == "1\n"


@pytest.mark.vm_options(append="panic=off")
def test_off(vm):
    crash(vm, "null")
    with pytest.raises(WireClosed):
        vm.wire.read(20)
    try:
        assert vm.wait(20) == 0
    except subprocess.TimeoutExpired:
        pytest.fail("the machine is still on")


def test_overflow_is_an_exception(repl):
    error = repl.run("import boot\nboot.crash('overflow')").stderr
    assert b"RuntimeError: maximum recursion depth exceeded" in error
    assert repl.exec("print(1)") == "1\n"


def test_unknown_kind(repl):
    assert b"ValueError" in repl.run("import boot\nboot.crash('tea')").stderr
