"""The pytest plugin on machines that somebody else runs, and holding one when all is done."""

import os
import re
import signal
import subprocess
import sys

import plugins
import pytest
from fake_prl.harness import SMALL

from pyrallax import ROOT
from pyrallax.repl import Repl
from pyrallax.vm.attached import Attached

pytestmark = pytest.mark.host

_TESTS = """
import pytest
from pyrallax.remote import on_target

@on_target
def test_sum():
    assert sum(range(10)) == 45

def test_panics(repl):
    repl.exec("import boot; boot.crash('null')")

def test_after_the_panic(vm, repl, serial_log):
    assert repl.eval("1 + 1") == 2 and vm.state == "prompt"
    assert serial_log.path.name == "vm-2.serial.log"

def test_reset(vm):
    vm.repl().exec("x = 1")
    assert vm.reset().eval("'x' in globals()") is False

@pytest.mark.needs_device("ahci")
def test_disk(vm): pass

def test_screen(screen): pass

def test_keys(keyboard): pass

@pytest.mark.machine("serial", "pty")
def test_here(): pass
"""


@pytest.fixture
def served():
    """`pyrallax run --pty`: the path it prints, and its process."""
    argv = [sys.executable, "-m", "pyrallax", "run", "--pty"]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "host"))
    with subprocess.Popen(
        argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.terminate()


def test_a_running_machine(served, tmp_path):
    path, _ = served
    run = plugins.run(tmp_path, _TESTS, "--vm", "pty", f"--serial={path}")
    assert run.counts == {"failed": 1, "passed": 4, "skipped": 3}, run.said
    assert "crash_call modules/boot/crash.c:" in run.properties("test_panics")["panic"]
    assert "a machine of kind pty shows no screen to the host" in run.said
    assert "a machine of kind pty takes no keys from the host" in run.said
    again = plugins.run(tmp_path, _TESTS, f"--serial={path}", "-k", "sum or here")
    assert again.counts == {"passed": 2}, again.said


_GONE = """
import os, signal

def test_gone(vm, repl):
    os.kill(PID, signal.SIGKILL)
    repl.timeout = 3
    repl.eval("1")
"""


def test_the_line_goes_away(served, tmp_path):
    path, process = served
    run = plugins.run(tmp_path, f"PID = {process.pid}\n{_GONE}", "--vm", "pty", f"--serial={path}")
    assert run.counts == {"error": 1}, run.said
    assert f"no machine: {path}: No such file or directory" in run.said


_PARALLELS = """
import pytest

def test_eval(vm, repl, keyboard, screen):
    assert vm.machine.kind == "parallels" and repl.eval("1 + 1") == 2
    assert screen.screenshot().exists()
    keyboard.press("ret")

def test_stopped_once(vm, repl, stopped=[]):
    if not stopped:
        stopped.append(vm.machine.name)
        vm.machine._prlctl.run("stop", vm.machine.uuid, "--kill")
    assert repl.eval("2") == 2 and stopped != [vm.machine.name]

@pytest.mark.machine("parallels")
def test_here(vm): pass
"""


def test_parallels(prl, tmp_path):
    """A fake prlctl with a script for a guest: which calls are made is for unit/parallels."""
    small = "import pytest\n@pytest.fixture(scope='session')\ndef vm_config(vm_config):\n"
    small += f"    vm_config.size = '{SMALL}'\n    return vm_config\n"
    run = plugins.run(tmp_path, _PARALLELS, "--vm", "parallels", conftest=small)
    assert run.counts == {"passed": 3}, run.said
    assert "test_it.py::test_stopped_once: the machine is stopped" in run.said
    assert len(prl.calls("create")) == 2 and prl.vms() == {}


def test_keep(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(repl):\n    repl.exec('kept = 42')\n")
    argv = [sys.executable, "-u", "-m", "pytest", *plugins.PLUGIN, "--keep-vm", "-q"]
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "host"))
    with subprocess.Popen(
        argv,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        # A shell's background job, as this run may be, ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            said = ""
            while not (found := re.search(r"the machine is kept at (\S+); Ctrl-C", said)):
                line = process.stdout.readline()
                assert line, said
                said += line
            assert "1 passed" in said
            with Attached(found[1], "kept") as machine:
                assert Repl(machine.wire, 5).eval("kept") == 42
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


_KEPT_LAST = """
import os, pathlib, signal

def test_last(vm):
    process = vm.machine.process
    if vm.machine.name == "vm-1":
        pathlib.Path("pid").write_text(str(process.pid))
        os.kill(process.pid, signal.SIGSTOP)
        assert False
    process.kill()
    process.wait()
"""
_QUICK = "import pyrallax.vm.qemu as q\nq._QMP_S = 1.0\nq._TERM_S = 0.5\n"


def test_keep_one_that_is_gone(tmp_path):
    """The first machine of a last test is not left behind; the second gives its reason."""
    run = plugins.run(tmp_path, _KEPT_LAST, "--keep-vm", conftest=_QUICK)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert run.status == 0 and "1 passed" in run.said, run.said
    assert "pyrallax: QEMU ended with status -9" in run.said.splitlines()[-1]
    assert "Traceback" not in run.said
