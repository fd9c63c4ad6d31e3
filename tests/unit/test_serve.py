"""A machine served over TCP: its line, its buttons, and its end with the one who started it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from pyrallax.vm.config import Unfit
from pyrallax.vm.served import Buttons, Served

pytestmark = pytest.mark.host


@pytest.fixture
def nothing(tmp_path):
    """Options of a QEMU that loads a few zero bytes."""
    (tmp_path / "nothing.bin").write_bytes(bytes(64))
    return {"firmware": str(tmp_path / "nothing.bin"), "memory": 64, "paused": True}


@pytest.fixture
def served(nothing):
    served = Served("direct", nothing)
    yield served
    served.close()
    assert not served.alive


def buttons(served):
    return Buttons("127.0.0.1", served.control)


def emulators_of(served):
    pid = served._process.pid
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True
    )
    return [int(word) for word in found.stdout.split()]


def test_power(served):
    machine = buttons(served)
    assert machine.state() == {"on": False, "evidence": ""}
    machine.off()
    machine.on()
    first = machine.state()
    assert first["on"] and first["kind"] == "qemu" and Path(first["log"]).is_file()
    machine.on()
    machine.reset()
    assert machine.state() == first  # still that one
    machine.off()
    machine.on()
    assert machine.state()["name"] != first["name"]


def test_an_emulator_that_ended_is_evidence_and_on_starts_another(served):
    machine = buttons(served)
    machine.on()
    os.kill(emulators_of(served)[0], signal.SIGKILL)
    deadline = time.monotonic() + 5
    while machine.state()["on"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "status -9" in machine.state()["evidence"]
    machine.on()
    assert machine.state()["on"]


def test_what_the_machine_refuses_is_said_in_a_line(served):
    machine = buttons(served)
    for press in machine.reset, machine.screen, machine.log:
        with pytest.raises(Unfit, match="the machine is off: switch it on first"):
            press()
    machine.on()
    with pytest.raises(Unfit, match="no stroke: a list of type, press"):
        machine.keys(("hit", "a"))
    with pytest.raises(Unfit, match="'nosuch'"):
        machine.keys(("press", "nosuch"))
    with pytest.raises(Unfit, match="no 'kill': there are on, off"):
        machine._ask("kill", b"")


@pytest.mark.parametrize(
    "kind, options, reason",
    [
        ("nosuch", {}, "there are direct"),
        ("direct", {"cpu_count": 1}, "has no cpu_count: it has"),
        ("serial", {}, "needs the path"),
    ],
)
def test_what_cannot_be_is_said_at_once(kind, options, reason):
    with pytest.raises(Unfit, match=reason):
        Served(kind, options)


def test_why_it_does_not_start_reaches_the_one_who_pressed():
    served = Served("direct", {"firmware": "/nosuch.elf"})
    try:
        with pytest.raises(Unfit, match=r"/nosuch.elf"):
            buttons(served).on()
        assert not buttons(served).state()["on"]
    finally:
        served.close()
    with pytest.raises(Unfit, match="is its exporter still running"):
        buttons(served).on()


def test_the_machine_ends_with_a_starter_that_was_killed(nothing):
    code = (
        "import time; from pyrallax.vm.served import *\n"
        f"s = Served('direct', {nothing!r}); Buttons('127.0.0.1', s.control).on()\n"
        "print(s.control, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as child:
        machine = Buttons("127.0.0.1", int(child.stdout.readline()))
        assert machine.state()["on"]
        child.kill()
    deadline = time.monotonic() + 10
    with pytest.raises(Unfit):
        while time.monotonic() < deadline:
            machine.state()
            time.sleep(0.05)


def test_it_lives_on_with_clients_that_go_or_talk_nonsense(served):
    buttons(served).on()
    for port in served.port, served.control:
        for said in b"", b"\0" * 3000, b"POST /keys HTTP/1.0\r\nContent-Length: x\r\n\r\n":
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(said)
    body = b'{"no": "list"}'
    with pytest.raises(urllib.error.HTTPError, match="409"):
        urllib.request.urlopen(f"http://127.0.0.1:{served.control}/keys", body, 5)
    assert buttons(served).state()["on"]
