"""MicroPythonDriver and PyrallaxStrategy over labgrid's own QEMUDriver."""

import os

import pytest
from labgrid.binding import StateError
from labgrid.driver import ExecutionError
from labgrid.strategy import StrategyError
from pexpect import TIMEOUT

from pyrallax.repl import TargetPanic

pytestmark = pytest.mark.host

DRIVERS = """\
      MicroPythonDriver: {}
      PyrallaxStrategy: {}
"""


@pytest.fixture
def states(target):
    return target.get_driver("Strategy")


@pytest.fixture
def shell(states, target):
    """The driver on a machine that the module's tests share."""
    states.transition("shell")
    return target.get_driver("MicroPythonDriver")


def test_output_traceback_and_status(shell):
    assert shell.get_status() == 1
    assert shell.run("print(6 * 7)\nprint('é')") == (["42", "é"], [], 0)
    out, err, status = shell.run("print('before')\n1 / 0")
    assert (out, status) == (["before"], 1)
    assert err[0].startswith("Traceback") and err[-1] == "ZeroDivisionError: divide by zero"
    assert shell.run_check("x = 1") == []
    with pytest.raises(ExecutionError, match="nosuch"):
        shell.run_check("nosuch()")
    assert shell.eval("{'a': [x, None]}") == {"a": [1, None]}
    for expression in "object()", "[float('nan')]":
        with pytest.raises(ExecutionError, match="is no literal"):
            shell.eval(expression)
    other = "import sys; sys.stdout.buffer.write(b'a\\xff')"
    assert shell.run(other, decodeerrors="replace")[0] == ["a\ufffd"]
    assert shell.run_check(other, codec="latin-1") == ["a\xff"]


def test_what_does_not_end_is_a_timeout_and_the_next_command_runs(shell):
    with pytest.raises(TIMEOUT):
        shell.run("while True: pass", timeout=0.5)
    assert shell.run_check("print(1)") == ["1"]


def test_waiting_for_output(shell):
    shell.run_check("n = 0")
    shell.wait_for("n += 1; print(n)", "3", timeout=30.0, sleepduration=0)
    assert not shell.poll_until_success("1 / 0", tries=2, sleepduration=0)


def test_soft_reset(shell):
    shell.run_check("y = 1")
    shell.soft_reset()
    assert shell.eval("'y' in globals()") is False


def test_files(shell, tmp_path):
    data = os.urandom(20_000)
    (tmp_path / "there").write_bytes(data)
    shell.put(str(tmp_path / "there"), "/ram/file")
    assert shell.eval("__import__('os').stat('/ram/file')[6]") == len(data)
    shell.get("/ram/file", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == data
    with pytest.raises(ExecutionError, match="ENOENT"):
        shell.get("/ram/nosuch", str(tmp_path / "back"))


def test_registers(shell):
    shell.run_check("import uctypes; a = bytearray(40000); p = uctypes.addressof(a)")
    base = shell.eval("p")
    data = os.urandom(40_000)
    shell.write(base, 8, data)
    assert shell.read(base, 4, 10_000) == data
    shell.write(base + 2, 2, b"\1\2\3\4")
    assert shell.read(base, 1, 7) == data[:2] + b"\1\2\3\4" + data[6:7]
    assert shell.read(0x0900_0FE0, 4, 1)[0] == 0x11  # PL011 PeriphID0
    with pytest.raises(ExecutionError, match="BusError"):
        shell.read(0, 4, 1)
    with pytest.raises(ValueError, match="no access has 3 bytes"):
        shell.read(base, 3, 1)
    with pytest.raises(ValueError, match="no multiple"):
        shell.write(base, 4, b"12345")


def test_states(states, target):
    states.transition("shell")
    shell = target.get_driver("MicroPythonDriver")
    shell.run_check("z = 5")
    states.transition("prompt")  # the same machine, for a person
    console = target.get_driver("ConsoleProtocol")
    console.sendline("print('z is', z)\r")
    console.expect("z is 5\r\n>>> ", timeout=30)
    with pytest.raises(StateError, match="has not been activated"):
        shell.run("1")
    states.transition("shell")
    assert shell.eval("z") == 5
    states.transition("off")
    assert target.get_driver("QEMUDriver").status == 0
    states.transition("shell")  # another machine
    assert shell.eval("'z' in globals()") is False


def test_force_takes_a_machine_as_it_is(states, target):
    states.transition("prompt")
    states.status = type(states.status).unknown
    states.force("shell")
    assert target.get_driver("MicroPythonDriver").run_check("print(1)") == ["1"]


def test_a_panic_is_told_and_the_next_machine_is_sound(states, target):
    states.transition("shell")
    shell = target.get_driver("MicroPythonDriver")
    with pytest.raises(TargetPanic, match="PYRALLAX PANIC"):
        shell.run("import boot; boot.crash('null')")
    states.transition("off")
    states.transition("shell")
    assert shell.run_check("print(1)") == ["1"]


def test_no_such_state(states):
    for way in states.transition, states.force:
        with pytest.raises(StrategyError) as caught:
            way("uboot")
        assert caught.value.msg == "no state 'uboot': there are off, prompt, shell"
    assert not states.broken


def test_without_a_strategy_a_booting_machine_is_awaited(target, states):
    states.transition("off")
    states.status = type(states.status).unknown
    target.get_driver("QEMUDriver").on()
    assert target.get_driver("CommandProtocol").run_check("print(1)") == ["1"]
