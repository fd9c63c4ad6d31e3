"""PyrallaxDriver with a machine in QEMU that it makes itself."""

import os
import signal
import socket
import subprocess

import pytest
from environments import environment
from labgrid.binding import StateError
from labgrid.driver import ExecutionError
from pexpect import TIMEOUT

pytestmark = pytest.mark.host

_DRIVERS = """\
      PyrallaxDriver:
        options: {device: [ramfb, qemu-xhci, usb-kbd]}
      MicroPythonDriver: {}
      PyrallaxStrategy: {}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A target with such a machine."""
    with environment(tmp_path_factory.mktemp("labgrid"), _DRIVERS) as it:
        yield it.get_target("main")


@pytest.fixture
def power(made):
    made.get_driver("Strategy").transition("shell")
    return made.get_driver("PyrallaxDriver")


def test_each_on_is_a_fresh_machine_and_reset_is_not(made, power):
    shell, name = made.get_driver("MicroPythonDriver"), power.status()["name"]
    assert shell.run_check("print(6 * 7)") == ["42"] and power.get() and power.evidence() == ""
    power.reset()
    shell.await_prompt()
    assert power.status()["name"] == name
    made.get_driver("Strategy").transition("off")
    assert power.status() == {"on": False, "evidence": ""}
    power.cycle()
    assert power.status()["name"] != name


def test_screen_and_keys(power, tmp_path):
    power.screenshot(str(tmp_path / "screen.png"))
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")
    power.type("Ab")
    power.press("ctrl-c", "ret")
    with pytest.raises(ExecutionError, match="no such key: 'nosuch'"):
        power.press("nosuch")


def test_a_machine_that_died_is_named_as_the_reason(made, power):
    argv = ["ps", "-o", "pid=,args=", "--ppid", str(power._served._process.pid)]
    (line,) = subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()
    os.kill(int(line.split()[0]), signal.SIGKILL)
    with pytest.raises(TIMEOUT, match="QEMU ended with status -9"):
        made.get_driver("MicroPythonDriver").run("1", timeout=0.5)
    strategy = made.get_driver("Strategy")
    strategy.transition("off")
    strategy.transition("shell")
    assert made.get_driver("MicroPythonDriver").run_check("print(1)") == ["1"]


def test_a_server_that_died_is_told_each_time_and_the_next_machine_is_sound(made, power):
    shell, strategy = made.get_driver("MicroPythonDriver"), made.get_driver("Strategy")
    os.kill(power._served._process.pid, signal.SIGKILL)
    for _ in range(3):  # the end of the line, then a write to what is closed
        with pytest.raises(ExecutionError, match="who served the machine is gone"):
            shell.run("1", timeout=20)
    strategy.transition("off")
    strategy.transition("shell")
    assert shell.run_check("print(1)") == ["1"]


class Stuck:
    """A console that takes nothing."""

    def sendall(self, data):
        raise TimeoutError("timed out")


def test_a_console_that_takes_nothing_is_a_time_out(power, monkeypatch):
    monkeypatch.setattr(power, "_line", Stuck())
    with pytest.raises(TIMEOUT, match="the console took nothing for 10 seconds"):
        power.write(b"x")


def test_a_console_that_is_not_reached_in_time(tmp_path, monkeypatch):
    def late(*words):
        raise TimeoutError("timed out")

    with environment(tmp_path, _DRIVERS) as it, monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", late)
        with pytest.raises(ExecutionError, match=r"no console at 127\.0\.0\.1:\d+: timed out"):
            it.get_target("main").get_driver("PyrallaxDriver")


@pytest.mark.parametrize("state", ["off", "prompt"])
def test_force_takes_the_prompt_away_from_the_driver(made, power, state):
    strategy = made.get_driver("Strategy")
    strategy.force(state)
    with pytest.raises(StateError, match="has not been activated"):
        made.get_driver("MicroPythonDriver", activate=False).run("1")
    strategy.transition("prompt")
    console = made.get_driver("ConsoleProtocol")
    console.sendline("print(6 * 7)\r")
    console.expect("42\r\n>>> ", timeout=60)
