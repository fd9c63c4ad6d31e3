"""What no client would send: random bytes, storms of Ctrl-C, very long lines and pastes."""

import hashlib
import random

import pytest

from pyrallax.repl import Repl
from pyrallax.wire import received

pytestmark = pytest.mark.boot


def _alive(repl: Repl) -> None:
    repl.wire.write(b"\r\x03\x03")
    repl.enter_raw(60)
    assert repl.exec("print(6 * 7)") == "42\n"


@pytest.mark.timeout(1800)
def test_random_bytes(vm, full):
    repl = vm.repl()
    repl.exec("import machine, boot")
    repl.exit_raw()
    dice = random.Random(2)
    for _ in range((10 << 20) // 4096 if full else (256 << 10) // 4096):
        vm.wire.write(dice.randbytes(4096), 60)
        vm.wire.read(0)
    _alive(repl)
    assert b"PANIC" not in received(vm.log_path.read_text())


def test_random_text(vm):
    """Printable noise reaches the compiler."""
    repl = vm.repl()
    repl.exit_raw()
    dice = random.Random(3)
    words = "( ) [ ] { } : = + - * ** // % 1 0 x if else for in lambda def class not and or is"
    words += " yield await async del import from as try except with return pass 'a' f'{x}' # \\"
    words = [*words.split(), "\r", "\r", "\x08", "\x1b[A", "\x1b[D", "\t", "\x04", "\x05", "\x03"]
    for _ in range(100):
        line = " ".join(dice.choice(words) for _ in range(60))
        vm.wire.write(line.encode() + b"\r\x03", 60)
        vm.wire.read(0)
    _alive(repl)
    assert b"PANIC" not in received(vm.log_path.read_text())


@pytest.mark.parametrize("where", ["prompt", "loop", "print", "handler", "boot"])
def test_storm_of_ctrl_c(vm, where):
    repl = vm.repl()
    code = {
        "prompt": "",
        "loop": "while True:\n try:\n  while True: pass\n except KeyboardInterrupt: pass\n",
        "print": "while True:\n try:\n  print('x' * 50)\n except KeyboardInterrupt: pass\n",
        "handler": (
            "import machine\n"
            "t = machine.Timer(-1, period=1, hard=True, callback=lambda t: None)\n"
            "u = machine.Timer(-1, period=1, callback=lambda t: [1])\n"
            "n = 0\n"
            "while n < 20:\n try:\n  while True: pass\n except KeyboardInterrupt: n += 1\n"
        ),
        "boot": "",
    }[where]
    if where in ("prompt", "boot"):
        repl.exit_raw()
        repl.wait_prompt()
    else:
        repl.wire.write(code.encode() + b"\x04")
        repl.read_until(b"OK", 5)
    for i in range(100):
        vm.wire.write(b"\x03" * 100 + (b"\x04" if where == "boot" and i % 10 == 0 else b""), 60)
        vm.wire.read(0)
    if where in ("loop", "print"):
        # The code never gives up; a reset does.
        vm.reset()
        Repl(vm.wire).read_until(b"MicroPython ", 60)
    _alive(Repl(vm.wire))
    assert b"PANIC" not in received(vm.log_path.read_text())


def test_paste_of_1_mb_raw(repl):
    text = "".join(random.Random(4).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=1 << 20))
    digest = hashlib.sha256(text.encode()).hexdigest()
    code = f"import hashlib\nx = {text!r}\nprint(hashlib.sha256(x).digest().hex())"
    assert repl.exec(code, timeout=120).strip() == digest


def test_paste_of_1_mb_in_paste_mode(vm, full):
    repl = vm.repl()
    repl.exit_raw()
    repl.wait_prompt()
    lines = (1 << 20 if full else 1 << 18) // 64
    vm.wire.write(b"\x05")
    repl.read_until(b"=== ", 5)
    vm.wire.write(b"import hashlib\nh = hashlib.sha256()\n")
    want = hashlib.sha256()
    dice = random.Random(5)
    for i in range(lines):
        text = f"{i:08}" + "".join(dice.choices("abcdefghij", k=40))
        want.update(text.encode())
        vm.wire.write(f"h.update(b'{text}')\n".encode(), 60)
        vm.wire.read(0)
    vm.wire.write(b"print('sha', h.digest().hex())\n\x04", 60)
    said = repl.read_until(b"\r\n>>> ", 120)
    assert f"sha {want.hexdigest()}".encode() in said, said[-300:]


def test_an_endless_line(vm):
    repl = vm.repl()
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"x = '" + b"y" * 20_000 + b"'\rlen(x)\r", 60)
    assert b"20000\r\n" in repl.read_until(b"20000\r\n>>> ", 60)
