"""docs/labs.md: its commands, and machines by reservation."""

import os
import re
import subprocess

import pytest
from lab import BIN, EXAMPLES, acquired

from pyrallax import ROOT

pytestmark = pytest.mark.host


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
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3 passed") == 3 and "is on" in done.stdout


def test_an_exporter_takes_what_the_page_offers_of_a_mac(lab):
    exporter = lab.offer(EXAMPLES / "exporter.yaml", "mac9")
    offered = lab.client("", "resources").split()
    assert {f"mac9/vm{n}/NetworkPyrallaxMachine" for n in (1, 2)} <= set(offered)
    exporter.terminate()


def test_any_free_machine_by_reservation(lab, monkeypatch):
    for place in "one", "two":
        lab.client(place, "set-tags", "kind=qemu")
    with acquired(lab, "one", "another"):
        said = lab.client("", "reserve", "--wait", "--shell", "kind=qemu")
        monkeypatch.setenv("LG_TOKEN", re.search(r"LG_TOKEN=(\w+)", said)[1])
        with acquired(lab, "+"):
            assert "two" in lab.client("", "who")
        lab.client("", "cancel-reservation")
