"""What ends in a lab: servers and exporters; offers that cannot be."""

import os
import signal
import subprocess
import time

import pytest
from lab import POWER, acquired, port_of, wait_closed

pytestmark = pytest.mark.host


def children(pid):
    argv = ["ps", "-o", "pid=", "--ppid", str(pid)]
    return list(map(int, subprocess.run(argv, capture_output=True, text=True).stdout.split()))


def test_a_server_that_died_is_replaced(lab, place):
    before = port_of(lab, place)
    (pid,) = children(lab.exporter.pid)
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 120
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


def test_machines_end_with_an_exporter_that_was_killed_and_come_back_with_the_next(lab):
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
        lab.offer(offers, "another")
        power = lab.tried("three", *POWER, "on")
        deadline = time.monotonic() + 120
        while power.returncode and time.monotonic() < deadline:  # the coordinator takes its time
            assert "orphaned" in power.stderr or "was started anew" in power.stderr
            power = lab.tried("three", *POWER, "on")
        assert "is on" in lab.client("three", *POWER, "get")
