"""The console line under load: nothing lost while it fits, Ctrl-C always heard."""

import hashlib
import time

import pytest

from pyrallax.repl import Repl

pytestmark = pytest.mark.boot


def _start(repl: Repl, code: str) -> None:
    repl.wire.write(code.encode() + b"\x04")
    assert repl.read_until(b"OK", 5) == b"OK"


def _send(wire, data: bytes, stop: float) -> int:
    """Send until all is sent or nothing is taken for `stop` seconds; bytes taken (about)."""
    sent = 0
    while sent < len(data):
        piece = data[sent : sent + 4096]
        try:
            wire.write(piece, stop)
        except TimeoutError:
            break
        sent += len(piece)
    return sent


@pytest.mark.parametrize("append", ["", "uart=poll"], ids=["irq", "poll"])
def test_a_full_ring(vm_factory, append):
    """200 KB that nobody reads: held, then dropped after the stall time, then Ctrl-C."""
    vm = vm_factory(append=append)
    repl = vm.repl()
    _start(repl, "import time\ntime.sleep(1000)")
    data = b"x" * 200_000
    assert _send(repl.wire, data, 20) == len(data)  # held for a second, not for ever
    time.sleep(1.5)
    repl.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.read_until(b"KeyboardInterrupt", 10)
    repl.enter_raw(60)
    stats = repl.eval("__import__('boot').stats()")
    assert stats["rx_dropped"] > 0
    # Nothing is unaccounted for, but what the emulator's FIFO may hold.
    assert stats["rx"] + stats["rx_dropped"] >= len(data)
    assert stats["rx_overruns"] == 0
    assert repl.exec("print(6 * 7)") == "42\n"


@pytest.mark.parametrize("append", ["", "uart=poll"], ids=["irq", "poll"])
def test_nothing_is_lost_up_to_the_ring(vm_factory, append):
    repl = vm_factory(append=append).repl()
    data = bytes(range(4, 256)) * (60_000 // 252)
    _start(
        repl,
        "import sys, time, hashlib, micropython\nmicropython.kbd_intr(-1)\n"
        "sys.stdout.write('go')\ntime.sleep(1)\n"
        f"d = b''\nwhile len(d) < {len(data)}:\n"
        f"    d += sys.stdin.buffer.read(min(4096, {len(data)} - len(d)))\n"
        "micropython.kbd_intr(3)\nprint(hashlib.sha256(d).digest().hex())",
    )
    repl.read_until(b"go", 5)
    repl.wire.write(data, 30)
    said = repl.read_until(b"\x04\x04>", 60)
    assert said.startswith(hashlib.sha256(data).hexdigest().encode()), said
    assert repl.eval("__import__('boot').stats()")["rx_dropped"] == 0


def test_a_slow_reader_holds_the_sender(vm):
    """More than the ring, read in time: all of it arrives."""
    repl = vm.repl()
    data = bytes(range(4, 256)) * 800
    _start(
        repl,
        "import sys, time, hashlib, micropython\nmicropython.kbd_intr(-1)\n"
        "sys.stdout.write('go')\nh = hashlib.sha256()\n"
        f"left = {len(data)}\n"
        "while left:\n"
        "    d = sys.stdin.buffer.read(min(8192, left))\n"
        "    h.update(d)\n    left -= len(d)\n    time.sleep_ms(20)\n"
        "micropython.kbd_intr(3)\nprint(h.digest().hex())",
    )
    repl.read_until(b"go", 5)
    repl.wire.write(data, 30)
    said = repl.read_until(b"\x04\x04>", 60)
    assert said.startswith(hashlib.sha256(data).hexdigest().encode()), said


@pytest.mark.vm_options(append="uart=poll")
def test_polled_line(vm):
    """Where no receive interrupt comes, REPL, raw paste and files work all the same."""
    repl = vm.repl()
    assert repl.exec("print(6 * 7)") == "42\n"
    assert repl.window
    text = "a" * 20_000
    assert repl.exec(f"x = {text!r}\nprint(len(x))", timeout=60) == "20000\n"
    repl.put("f.bin", bytes(range(256)) * 8)
    assert repl.get("f.bin") == bytes(range(256)) * 8
    _start(repl, "while True: pass")
    repl.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.read_until(b"\x04>", 10)
    stats = repl.eval("__import__('boot').stats()")
    assert stats["rx_irqs"] == 0 and stats["rx_polls"] > 0
    assert "poll" in repl.eval("__import__('boot').cmdline()")
    repl.exit_raw()
    repl.wait_prompt()
    repl.wire.write(b"1 + 1\r")
    assert b"2\r\n" in repl.wait_prompt(5)


def test_interrupts_without_a_byte(vm):
    """A line that fires for nothing is given up, and input goes on polled."""
    repl = vm.repl()
    repl.exec(
        "import boot, machine\n"
        "intid = boot.hw()['uart'][1]\n"
        "at, bit = boot.hw()['gic']['gicd'] + 0x200 + intid // 32 * 4, 1 << intid % 32\n"
        "for _ in range(10000):\n machine.mem32[at] = bit\n"
    )
    assert "interrupts without a byte, INTID 33 disabled, polling" in repl.exec("dmesg()")
    irqs = repl.eval("boot.stats()['rx_irqs']")
    assert repl.eval("sum(range(100))") == 4950
    assert repl.eval("boot.stats()['rx_irqs']") == irqs
    assert repl.eval("boot.stats()['rx_polls']") > 0
