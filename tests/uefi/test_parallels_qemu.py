"""The real image behind the fake prlctl: in its serial socket is QEMU with UEFI and our disk."""

import os
import signal
import subprocess
import sys

import pytest

from pyrallax import ROOT
from pyrallax.__main__ import main
from pyrallax.report import parse
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl.make import Parallels
from pyrallax.vm.prl.record import Record
from pyrallax.vm.prl.screen import is_black
from pyrallax.wire import received

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def real(prl, monkeypatch):
    monkeypatch.setenv("FAKE_PRL_GUEST", "qemu")
    # main() takes the signals of the process that it runs in.
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


def test_a_machine_with_a_root_of_ours(prl, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "hello.txt").write_text("from the Mac\n")
    said = []
    config = Parallels(cpus=2, memory=512, size="80m", root=root, cmdline="loglevel=4")
    with ParallelsVm(config, say=said.append) as vm:
        repl = vm.repl()
        assert len(repl.eval("__import__('boot').hw()['cpus']")) == 2
        assert repl.eval("__import__('boot').cmdline()") == "loglevel=4"
        assert repl.get("/hello.txt") == b"from the Mac\n"
        repl.put("/ram/x", bytes(range(256)))
        assert repl.get("/ram/x") == bytes(range(256))
        assert vm.screenshot(tmp_path / "screen.png").is_file()
        assert not is_black(tmp_path / "screen.png")  # UEFI has drawn on it
        vm.reset()
        assert vm.repl().eval("1 + 1") == 2
        assert vm.evidence() == ""
    assert said == [] and prl.vms() == {} and Record().entries() == []
    assert b"[shim] jump" in received(vm.log_path.read_text())


def test_the_command_ends_all_that_it_began(prl):
    """As a user has it: make's command line, a PTY, a client on it, then SIGTERM."""
    argv = [sys.executable, "-m", "pyrallax", "run", "--machine", "parallels", "--pty"]
    argv += ["--memory", "512", "--size", "80m"]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as run:
        pty = run.stdout.readline().strip()
        assert os.path.exists(pty), run.stderr.read()
        client = [sys.executable, "-m", "mpremote", "connect", pty, "exec", "print(6 * 7)"]
        done = subprocess.run(client, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == "42", done.stderr
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 128 + signal.SIGTERM
        shown = run.stderr.read()
    for stage in ("UEFI runs our shim", "firmware loaded", "console up", "prompt"):
        assert f"s {stage}\n" in shown
    assert prl.vms() == {} and Record().entries() == []


def test_a_hardware_report_in_one_command(prl, tmp_path, capsys):
    out = tmp_path / "report.json"
    assert main(["hwreport", "--machine", "parallels", "--out", str(out)]) == 0
    assert parse(out.read_text()) and "AHCI" in capsys.readouterr().out
    assert prl.vms() == {} and Record().entries() == []


def test_output_only(prl):
    with ParallelsVm(Parallels(memory=512, size="80m", line="file")) as vm:
        assert b"[shim] start" in vm.wait_for(b">>> ", 60) and not vm.input
