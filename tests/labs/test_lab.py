"""A coordinator, an exporter with two QEMU machines, clients and test runs at the same time."""

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
from lab import BIN, EXAMPLES, Lab

from pyrallax import ROOT

pytestmark = pytest.mark.host

POWER = ("-c", str(EXAMPLES / "lab.yaml"), "power")
_MEET = """
import os, time
from pathlib import Path

def test_both_runs_have_a_machine_at_once(strategy, target):
    strategy.transition("shell")
    shell = target.get_driver("MicroPythonDriver")
    me = os.environ["LG_PLACE"]
    shell.run_check(f"place = {me!r}")
    Path(me).touch()
    deadline = time.monotonic() + 30
    while not (Path("one").exists() and Path("two").exists()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert shell.eval("place") == me
    cpus = shell.eval("len(__import__('boot').hw()['cpus'])")
    assert cpus == {"one": 1, "two": 2}[me]
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"), EXAMPLES / "exporter-qemu.yaml")
    try:
        for place, group in ("one", "vm1"), ("two", "vm2"):
            lab.client(place, "create")
            lab.client(place, "add-match", f"mac1/{group}/*")
        yield lab
    finally:
        lab.close()


def wait_closed(port):
    deadline = time.monotonic() + 10
    with pytest.raises(OSError):
        while time.monotonic() < deadline:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.1)


@contextmanager
def acquired(lab, place, user="tester"):
    lab.client(place, "acquire", user=user)
    try:
        yield
    finally:
        lab.client(place, "release", user=user)


@pytest.fixture
def place(lab):
    """A place of ours."""
    with acquired(lab, "one"):
        yield "one"


def children(pid):
    argv = ["ps", "-o", "pid=", "--ppid", str(pid)]
    return list(map(int, subprocess.run(argv, capture_output=True, text=True).stdout.split()))


def port_of(lab, place, name="port"):
    return int(re.search(rf"'{name}': (\d+)", lab.client(place, "show"))[1])


def test_two_test_runs_at_once(lab):
    both = lab.folder / "test_both.py"
    both.write_text(_MEET)
    with acquired(lab, "one"), acquired(lab, "two"):
        runs = [lab.pytest(p, both, EXAMPLES / "test_machine.py") for p in ("one", "two")]
        for run in runs:
            said = run.communicate(timeout=90)[0]
            assert run.returncode == 0 and "4 passed" in said, said


def test_the_commands_of_the_page(lab):
    """All but those that start what runs here already, or install."""
    text = (ROOT / "docs" / "labs.md").read_text()
    lines = re.findall(r"^\$ (.*)$", text, re.M)
    ours = [x for x in lines if re.match(r"labgrid-client|pytest|eval|export LG_PLACE", x)]
    assert len(ours) == len(lines) - 3  # coordinator, exporter, where the coordinator is
    done = subprocess.run(
        ["bash", "-ec", "\n".join(ours)],
        cwd=ROOT,
        env=lab.environment() | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3 passed") == 3 and "is on" in done.stdout


def test_a_place_is_for_one_at_a_time(lab, place):
    said = lab.client(place, "acquire", user="another", status=1)
    assert "already acquired" in said
    assert "tester" in lab.client("", "who")


def test_power_and_console_by_the_command_line(lab, place, monkeypatch):
    assert "is off" in lab.client(place, *POWER, "get")
    lab.client(place, *POWER, "on")
    assert "is on" in lab.client(place, *POWER, "get")
    lab.client(place, *POWER, "cycle")
    microcom = lab.folder / "microcom"  # which labgrid calls for a console
    microcom.write_text("#!/bin/sh\necho console $*\n")
    microcom.chmod(0o755)
    monkeypatch.setenv("PATH", f"{lab.folder}{os.pathsep}{os.environ['PATH']}")
    said = lab.client(place, "-c", str(EXAMPLES / "lab.yaml"), "-s", "prompt", "console")
    assert f"console -s 115200 -t 127.0.0.1:{port_of(lab, place)}" in said
    address = ("127.0.0.1", port_of(lab, place))
    with socket.create_connection(address, 5) as one, socket.create_connection(address, 5) as two:
        one.sendall(b"print(6 * 7)\r")
        for line in one, two:  # the second one looks on
            said = b""
            while b"42\r\n>>> " not in said:
                said += line.recv(100)


def test_released_is_off_and_its_ports_are_closed(lab):
    with acquired(lab, "one"):
        lab.client("one", *POWER, "on")
        ports = [port_of(lab, "one", name) for name in ("port", "control")]
    for port in ports:
        wait_closed(port)
    with acquired(lab, "one"):
        assert "is off" in lab.client("one", *POWER, "get")


def test_any_free_machine_by_reservation(lab, monkeypatch):
    for place in "one", "two":
        lab.client(place, "set-tags", "kind=qemu")
    with acquired(lab, "one", "another"):
        said = lab.client("", "reserve", "--wait", "--shell", "kind=qemu")
        monkeypatch.setenv("LG_TOKEN", re.search(r"LG_TOKEN=(\w+)", said)[1])
        with acquired(lab, "+"):
            assert "two" in lab.client("", "who")
        lab.client("", "cancel-reservation")


def test_a_server_that_died_is_replaced(lab, place):
    before = port_of(lab, place)
    (pid,) = children(lab.exporter.pid)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while port_of(lab, place) == before:
        assert time.monotonic() < deadline
    lab.client(place, *POWER, "on")


def test_isolated_is_reached_on_its_own_loopback_only(lab):
    offers = lab.folder / "isolated.yaml"
    offers.write_text("vm:\n  PyrallaxMachine:\n    kind: direct\n")
    exporter = lab.offer(offers, "far", "--isolated")
    lab.client("far", "create")
    lab.client("far", "add-match", "far/vm/*")
    with acquired(lab, "far"):
        said = lab.client("far", "show")
    assert "'host': 'localhost'" in said and "'proxy_required': True" in said
    exporter.terminate()


@pytest.mark.parametrize(
    "offer, reason",
    [("kind: qmeu", "'qmeu'"), ("kind: direct, options: {cpu: 1, size: 5}", "direct has no size")],
)
def test_an_offer_that_cannot_be_ends_the_exporter_with_a_line(lab, offer, reason):
    path = lab.folder / "bad.yaml"
    path.write_text(f"vm:\n  PyrallaxMachine: {{{offer}}}\n")
    with pytest.raises(AssertionError) as caught:
        lab.offer(path, "bad")
    assert reason in str(caught.value) and "Traceback" not in str(caught.value)


def test_the_machines_end_with_an_exporter_that_was_killed(lab):
    offers = lab.folder / "more.yaml"
    offers.write_text("vm3:\n  PyrallaxMachine:\n    kind: direct\n")
    exporter = lab.offer(offers, "another")
    lab.client("three", "create")
    lab.client("three", "add-match", "another/vm3/*")
    with acquired(lab, "three"):
        lab.client("three", *POWER, "on")
        port = port_of(lab, "three")
        exporter.kill()
        wait_closed(port)
        said = lab.client("three", *POWER, "get", status=1)
        assert "Traceback" not in said, said
