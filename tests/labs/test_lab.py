"""A coordinator, an exporter with two QEMU machines, clients and test runs at the same time."""

import socket
from shutil import which

import pexpect
import pytest
from lab import BIN, EXAMPLES, POWER, acquired, port_of, wait_closed

pytestmark = pytest.mark.host

_MEET = """
import os, time
from pathlib import Path

def test_both_runs_have_a_machine_at_once(strategy, target):
    strategy.transition("shell")
    shell = target.get_driver("MicroPythonDriver")
    me = os.environ["LG_PLACE"]
    shell.run_check(f"place = {me!r}")
    Path(me).touch()
    deadline = time.monotonic() + 120
    while not (Path("one").exists() and Path("two").exists()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert shell.eval("place") == me
    cpus = shell.eval("len(__import__('boot').hw()['cpus'])")
    assert cpus == {"one": 1, "two": 2}[me]
"""


def test_two_test_runs_at_once(lab):
    both = lab.folder / "test_both.py"
    both.write_text(_MEET)
    with acquired(lab, "one"), acquired(lab, "two"):
        runs = [lab.pytest(p, both, EXAMPLES / "test_machine.py") for p in ("one", "two")]
        for run in runs:
            said = run.communicate(timeout=300)[0]
            assert run.returncode == 0 and "4 passed" in said, said


def test_a_place_is_for_one_at_a_time(lab, place):
    said = lab.client(place, "acquire", user="another", status=1)
    assert "already acquired" in said
    assert "tester" in lab.client("", "who")


def test_power_by_the_command_line(lab, place):
    assert "is off" in lab.client(place, *POWER, "get")
    lab.client(place, *POWER, "on")
    assert "is on" in lab.client(place, *POWER, "get")
    lab.client(place, *POWER, "cycle")


@pytest.mark.skipif(not which("microcom"), reason="set-up installs microcom on Debian only")
def test_the_console_of_the_command_line(lab, place):
    argv = ["-c", str(EXAMPLES / "lab.yaml"), "-s", "prompt", "console"]
    person = pexpect.spawn(
        str(BIN / "labgrid-client"), argv, env=lab.environment(place), cwd=lab.folder, timeout=90
    )
    person.expect("Escape character: ")
    person.expect("escape character to get to the prompt")
    with socket.create_connection(("127.0.0.1", port_of(lab, place)), 60) as second:
        person.send("print(6 * 7)\r")  # the first that is typed: what microcom sent is not there
        said = b""
        while b"42\r\n>>> " not in said:  # the second one looks on
            said += second.recv(100)
        assert said == b"print(6 * 7)\r\n42\r\n>>> "
        person.expect(r"42\s+>>> ")
        second.sendall(b"print(6 * 8)\r")
        person.expect(r"48\s+>>> ")
    person.close(force=True)


def test_released_is_off_and_its_ports_are_closed(lab):
    with acquired(lab, "one"):
        lab.client("one", *POWER, "on")
        ports = [port_of(lab, "one", name) for name in ("port", "control")]
    for port in ports:
        wait_closed(port)
    with acquired(lab, "one"):
        assert "is off" in lab.client("one", *POWER, "get")
