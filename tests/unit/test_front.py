"""Terminal, PTY, scripts and their status, against a fake target."""

import errno
import os
import socket
import subprocess
import sys
import termios
import threading
import time
import types
from pathlib import Path

import pytest
from fake_target import FakeTarget, Manners

from pyrallax import run
from pyrallax.repl import Repl
from pyrallax.vm import console, hints
from pyrallax.vm.config import Unfit
from pyrallax.vm.console import Keys
from pyrallax.vm.pty import Bridge
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


class _Machine:
    """As much of a Vm as run.execute needs."""

    kind = "direct"
    prompt_s = 1.0
    log_path = Path("there/is/no.log")

    def __init__(self, **manners):
        self.wire = Wire(FakeTarget(Manners(window=256, **manners)).fd)

    def repl(self, timeout):
        repl = Repl(self.wire, 2)
        repl.enter_raw()
        return repl

    def evidence(self):
        return ""


@pytest.mark.parametrize(
    "code, status, out, err",
    [
        ("print('hello')", 0, "hello\n", ""),
        ("print(1)\n1/0", 1, "1\n", "ZeroDivisionError"),
        ("raise SystemExit", 0, "", ""),
        ("raise SystemExit(7)", 7, "", ""),
        ("raise SystemExit('bye')", 1, "", "bye"),
        ("this is no Python", 1, "", "SyntaxError"),
    ],
)
def test_status_of_a_script(capsysbinary, code, status, out, err):
    machine = _Machine()
    assert run.execute(machine, [("script.py", code.encode())]) == status
    seen = capsysbinary.readouterr()
    assert seen.out.decode() == out and err in seen.err.decode()
    machine.wire.close()


def test_scripts_share_names_and_the_first_failure_ends_them(capsysbinary):
    machine = _Machine()
    codes = [("a", b"x = 5"), ("b", b"print(x); raise SystemExit(3)"), ("c", b"print('never')")]
    assert run.execute(machine, codes) == 3
    assert capsysbinary.readouterr().out == b"5\n"
    machine.wire.close()


def test_no_prompt_is_one_line():
    machine = _Machine(silent=True)
    with pytest.raises(Unfit, match="no prompt in 31 s, not one byte") as refused:
        run.execute(machine, [("a", b"1")])
    assert "\n" not in str(refused.value)
    machine.wire.close()


def test_line_ends_are_plain_however_they_come(capsysbinary):
    machine = _Machine(split=True)
    assert run.execute(machine, [("a", b"for i in range(9): print(i)")]) == 0
    assert b"\r" not in capsysbinary.readouterr().out
    machine.wire.close()


def test_panic_is_a_status_of_its_own_with_the_block_and_its_frames(capsysbinary):
    block = b"=== PYRALLAX PANIC 1 ===\r\nreason tea\r\nbt 0 0x0\r\n=== END PANIC ===\r\n"
    machine = _Machine(panic=b"\r\n" + block)
    assert run.execute(machine, [("a", b"print('before'); panic = True")]) == 134
    seen = capsysbinary.readouterr()
    assert seen.out.rstrip() == b"before"
    assert seen.err.startswith(block.replace(b"\r\n", b"\n"))
    assert seen.err.count(b"=== PYRALLAX PANIC 1 ===") == 2  # also above the frames
    machine.wire.close()


def test_traceback_leaves_the_runner_out():
    text = 'Traceback:\r\n  File "<stdin>", line 6, in x\r\n  File "a.py", line 1\r\nOops\r\n'
    assert run._without_runner(text) == 'Traceback:\n  File "a.py", line 1\nOops\n'


def test_keys_leave_with_ctrl_a_x_and_pass_the_rest():
    keys = Keys()
    assert keys.feed(b"ab\x03\x04") == (b"ab\x03\x04", False)
    assert keys.feed(b"\x01") == (b"", False)
    assert keys.feed(b"\x01") == (b"\x01", False)
    assert keys.feed(b"\x01q") == (b"\x01q", False)
    assert keys.feed(b"z\x01x tail") == (b"z", True)


@pytest.fixture
def bridge():
    """A PTY in front of a fake target."""
    wire = Wire(FakeTarget(Manners(window=128)).fd)
    bridge = Bridge(wire)
    stop = threading.Event()
    thread = threading.Thread(target=bridge.run, args=(stop.is_set,))
    thread.start()
    yield bridge
    stop.set()
    thread.join()
    bridge.close()
    wire.close()


def test_clients_come_and_go_on_the_pty(bridge):
    took = []
    for turn in range(3):
        fd = os.open(bridge.path, os.O_RDWR | os.O_NOCTTY)
        start = time.monotonic()
        repl = Repl(Wire(fd), 20)
        assert repl.exec(f"print({turn})") == f"{turn}\n"
        took.append(time.monotonic() - start)
        repl.wire.close()
    assert min(took) < 0.9  # QEMU's own PTY may take a second to notice


def test_pty_is_8_bit_clean(bridge):
    repl = Repl(Wire(os.open(bridge.path, os.O_RDWR | os.O_NOCTTY)), 5)
    text = "".join(map(chr, range(32, 256)))
    assert repl.eval(repr(text)) == text
    repl.wire.close()


def test_ctrl_c_ends_a_pty_well_as_soon_as_it_is_offered(monkeypatch):
    machine = _Machine()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.print", interrupted)
    assert run.serve(machine) == 0
    machine.wire.close()


@pytest.fixture
def line():
    """(wire for interact(), socket of the machine's end)."""
    ours, machine = socket.socketpair()
    wire = Wire(ours.detach())
    yield wire, machine
    wire.close()
    machine.close()


def test_terminal_is_raw_until_ctrl_a_x_and_then_as_before(line, monkeypatch, capfdbinary):
    wire, machine = line
    keyboard, terminal = os.openpty()
    monkeypatch.setattr(sys, "stdin", os.fdopen(terminal, "rb", buffering=0))
    before = termios.tcgetattr(terminal)
    machine.sendall(b"hello\x00\xff")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(console.interact(wire)))
    thread.start()
    while termios.tcgetattr(terminal)[3] & termios.ISIG:
        time.sleep(0.01)
    os.write(keyboard, b"print\x03\x04")
    assert machine.recv(7, socket.MSG_WAITALL) == b"print\x03\x04"
    os.write(keyboard, b"\x01x")
    thread.join(20)
    assert ended == ["left"] and capfdbinary.readouterr().out == b"hello\x00\xff"
    assert termios.tcgetattr(terminal) == before
    os.close(keyboard)


def test_a_terminal_that_hangs_up_ends_the_console(line, monkeypatch):
    wire, _ = line
    keyboard, terminal = os.openpty()
    monkeypatch.setattr(sys, "stdin", os.fdopen(terminal, "rb", buffering=0))
    ended = []
    thread = threading.Thread(target=lambda: ended.append(console.interact(wire)))
    thread.start()
    while termios.tcgetattr(terminal)[3] & termios.ISIG:
        time.sleep(0.01)
    os.close(keyboard)
    thread.join(20)
    assert ended == ["eof"]


@pytest.mark.parametrize("prompt", [b">>> ", b"=> "], ids=["python", "ush"])
def test_piped_input_waits_for_the_prompt_and_its_answer(line, monkeypatch, capfdbinary, prompt):
    wire, machine = line
    read, write = os.pipe()
    os.write(write, b"1 + 1\r")
    os.close(write)
    monkeypatch.setattr(sys, "stdin", os.fdopen(read, "rb", buffering=0))
    monkeypatch.setattr(console, "_QUIET_S", 0.5)
    thread = threading.Thread(target=console.interact, args=(wire,))
    thread.start()
    machine.sendall(b"booting\r\n")
    machine.settimeout(0.3)
    with pytest.raises(TimeoutError):
        machine.recv(100)
    machine.sendall(prompt)
    machine.settimeout(20)
    assert machine.recv(100) == b"1 + 1\r"
    time.sleep(0.6)  # it computes, and is quiet
    machine.sendall(b"2\r\n" + prompt)
    thread.join(20)
    assert capfdbinary.readouterr().out == b"booting\r\n" + prompt + b"2\r\n" + prompt


def test_piped_input_without_a_line_end(line, monkeypatch):
    wire, machine = line
    read, write = os.pipe()
    os.write(write, b"1 + 1")
    os.close(write)
    monkeypatch.setattr(sys, "stdin", os.fdopen(read, "rb", buffering=0))
    machine.sendall(b">>> ")
    thread = threading.Thread(target=console.interact, args=(wire,))
    thread.start()
    machine.settimeout(20)
    with machine.makefile("rb", buffering=0) as typed:
        got = b""
        while len(got) < 6:
            got += typed.read(6)
    assert got == b"1 + 1\r"
    machine.shutdown(socket.SHUT_RDWR)
    thread.join(20)
    assert not thread.is_alive()


def test_status_of_a_machine_that_does_not_quite_end():
    """Its line closed, but the emulator is slow to go."""

    def wait(timeout):
        raise subprocess.TimeoutExpired("qemu", timeout)

    assert run._status(types.SimpleNamespace(wait=wait)) == 1
    assert run._status(types.SimpleNamespace(wait=lambda timeout: 3)) == 3
    assert run._status(types.SimpleNamespace()) == 1


def test_machine_that_ends_ends_the_console(line, monkeypatch):
    wire, machine = line
    read, write = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(read, "rb", buffering=0))
    machine.shutdown(socket.SHUT_RDWR)
    assert "closed the line" in console.interact(wire)
    os.close(write)


@pytest.mark.parametrize("echo", [b"", b"x"], ids=["deaf", "computes"])
def test_piped_input_that_nobody_reads(line, monkeypatch, echo):
    wire, machine = line
    read, write = os.pipe()
    os.write(write, b"x\r")
    monkeypatch.setattr(sys, "stdin", os.fdopen(read, "rb", buffering=0))
    monkeypatch.setattr(console, "_QUIET_S", 0.1)
    monkeypatch.setattr(console, "_DEAF_S", 0.5)
    machine.sendall(b">>> ")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(console.interact(wire)))
    thread.start()
    machine.settimeout(20)
    assert machine.recv(100) == b"x\r"
    machine.sendall(echo)
    os.close(write)  # from now on the time counts
    thread.join(1.5)
    if echo:
        assert ended == []  # however long it takes
        machine.sendall(b"1\r\n>>> ")
        thread.join(20)
        assert ended == ["eof"]
    else:
        thread.join(20)
        assert "does not read its line" in ended[0]


def test_an_error_of_a_descriptor():
    error = OSError(errno.ENOSPC, "no space", 3)
    assert hints.of_error(error) == "descriptor 3: the disk is full: free some space, then again"
