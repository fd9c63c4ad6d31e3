"""The pytest plugin as a user has it: outcomes, evidence and reports of runs on real QEMU."""

import base64
import re
from pathlib import Path

import plugins
import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host

_OUTCOMES = """
import pytest
from pyrallax.remote import on_target

@on_target
def test_good():
    assert sum(range(10)) == 45

@pytest.mark.parametrize("n", [1, 3])
@on_target
def test_each(n):
    print("n is", n)
    assert n == 1, "three"

def raising():
    import mmio
    [][1]

def test_raises(vm):
    vm.run(raising)

def test_panics(repl):
    repl.exec("import boot; boot.crash('null')")

def test_after_the_panic(vm, repl, serial_log, screen, keyboard, hwreport):
    assert vm.state == "prompt" and vm.machine.name == "vm-2"
    repl.exec("print('he' + 'llo')")
    assert "hello" in serial_log and "crash" not in serial_log
    assert serial_log.lines and serial_log.path.name == "vm-2.serial.log"
    assert screen.screenshot().read_bytes().startswith(b"\\x89PNG")
    keyboard.type("x")
    assert hwreport["schema"] == "pyrallax-hwreport"

def test_soft_reset_before_each(repl):
    repl.exec("try:\\n _pyrallax_value\\nexcept NameError: print('gone')")
    assert repl.eval("'x' in globals()") is False
    repl.exec("x = 1")

def test_soft_reset_came(repl):
    assert repl.eval("'x' in globals()") is False

def test_state_machine(vm):
    vm.off()
    assert vm.state == "off" and vm.machine is None
    assert vm.repl().eval("1") == 1 and vm.state == "prompt"
    vm.reset()
    assert [str(state) for _, state, _ in vm.history[-5:]] == [
        "off", "booting", "prompt", "booting", "prompt"]
    vm.repl().wire.write(b"import machine; machine.poweroff()\\x04")
    vm.machine.wait(10)

def test_after_it_went_off(vm):
    assert vm.repl().eval("2 + 2") == 4

def test_off_by_itself(vm):
    vm.repl().exec("import machine; machine.poweroff()")

def hanging():
    while True:
        pass

def test_hangs(vm):
    vm.run(hanging, timeout=1)

def test_after_the_hang(vm):
    assert vm.machine.name == "vm-5" and vm.state == "prompt"

def deaf():
    import machine
    machine.disable_irq()
    while True:
        pass

def test_is_deaf(vm):
    vm.run(deaf, timeout=1)

def test_after_the_deaf(vm):
    assert vm.machine.name == "vm-6" and vm.repl().eval("1 + 1") == 2

@pytest.mark.needs_device("xhci")
@pytest.mark.needs_device("1b36:000d", "virtio-gpu")
def test_has(): pass

@pytest.mark.needs_device("ahci")
def test_has_not(): pass

@pytest.mark.needs_device("PRL4010")
def test_has_not_by_acpi(): pass

@pytest.mark.needs_device("ahcii")
def test_misspelt(): pass

@pytest.mark.machine("parallels", "uefi")
def test_elsewhere(vm): pass

@pytest.mark.machine("qemu")
def test_here(vm): pass

@pytest.mark.machine("quemu")
def test_nowhere(vm): pass

def test_without_a_machine(): pass
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return plugins.run(tmp_path_factory.mktemp("outcomes"), _OUTCOMES)


def test_each_outcome(outcomes):
    assert outcomes.counts == {"failed": 6, "passed": 12, "skipped": 3, "errors": 2}, outcomes.said
    failed = re.findall(r"^FAILED test_it.py::(\S+)", outcomes.said, re.M)
    assert failed == [
        "test_each[3]",
        "test_raises",
        "test_panics",
        "test_off_by_itself",
        "test_hangs",
        "test_is_deaf",
    ]


def test_assert_on_the_target(outcomes):
    assert '>       assert n == 1, "three"\nE       pyrallax.remote.TargetAssertion: three' in (
        outcomes.said
    )
    line = _OUTCOMES.splitlines().index('    assert n == 1, "three"') + 1
    assert f"test_it.py:{line}: TargetAssertion" in outcomes.said
    assert "n is 3" in outcomes.said


def test_exception_on_the_target(outcomes):
    line = _OUTCOMES.splitlines().index("    [][1]") + 1
    assert f"test_it.py:{line}: TargetError" in outcomes.said
    assert ">       [][1]" in re.sub(
        " +", lambda m: m[0] if len(m[0]) < 8 else " " * 7, outcomes.said
    )
    assert re.search(
        rf'File ".*test_it.py", line {line}, in raising\n    \[\]\[1\]\nIndexError', outcomes.said
    )
    assert "repl.py:" not in outcomes.said, "frames of our own"


def test_panic_is_a_failure_with_names(outcomes):
    kept = outcomes.properties("test_panics")
    assert kept["panic"].startswith("=== PYRALLAX PANIC 1 ===")
    assert "crash_call modules/boot/crash.c:" in kept["panic"]
    assert "PYRALLAX PANIC" in kept["serial_log"] and "boot.crash" in kept["serial_log"]
    assert re.search(r"crashed: the firmware panicked: .*0x0", kept["states"])
    assert outcomes.case("test_panics").find("failure") is not None
    assert Path(kept["screenshot"]).read_bytes().startswith(b"\x89PNG")


def test_fresh_machine_says_why(outcomes):
    why = outcomes.properties("test_after_the_panic")["fresh_machine"]
    assert why.startswith("it crashed: the firmware panicked: ") and "0x0" in why
    assert "fresh_machine" not in outcomes.properties("test_panics")


def test_dmesg_of_a_failure(outcomes):
    assert "pyrallax: version=" in outcomes.properties("test_raises")["dmesg"]


def test_serial_log_of_a_test_that_passed(outcomes):
    kept = outcomes.properties("test_good")
    assert set(kept) == {"serial_log"}
    assert re.search(r"^ +\d+\.\d{6} > .*sum\(.*range\(10\).* == 45", kept["serial_log"], re.M)
    assert re.search(r"^ +\d+\.\d{6} < Pyrallax ", kept["serial_log"], re.M)


def test_machine_switched_off_by_the_test_is_a_failure(outcomes):
    assert outcomes.case("test_off_by_itself").find("failure") is not None
    assert "environment" not in outcomes.properties("test_off_by_itself")


def test_guest_that_hangs_is_a_failure(outcomes):
    """The host has nothing against the machine.  What still answers is asked."""
    kept = outcomes.properties("test_hangs")
    assert "pyrallax: version=" in kept["dmesg"] and "environment" not in kept
    kept = outcomes.properties("test_is_deaf")
    assert "no raw REPL within 5 s" in kept["no_dmesg"] and "environment" not in kept
    assert "no raw REPL" in outcomes.properties("test_after_the_deaf")["fresh_machine"]


def test_reasons_of_skips(outcomes):
    said = outcomes.said
    assert "no ahci on this machine; it has 1b36:0008, virtio-gpu, xhci" in said
    assert "no PRL4010 in the ACPI tables of this machine" in said
    assert re.search(
        r"SKIPPED \[1\] test_it.py:\d+: for --vm parallels or uefi; this is qemu", said
    )
    assert "needs_device: no such device: 'ahcii'; names are ahci, " in said
    assert "machine: there are qemu, uefi, twin, parallels, serial, pty, no quemu" in said


def test_logs_are_kept(outcomes):
    logs = sorted(p.name for p in (outcomes.folder / "artifacts").glob("*.serial.log"))
    assert logs[:2] == ["vm-1.serial.log", "vm-2.serial.log"]


def test_html_is_one_page_with_everything(outcomes):
    page = outcomes.html
    assert not re.search(r"""(?:src|href)=["'](?!data:|#|https://pypi.python.org)[^"']""", page)
    figures = re.findall(r'<figure class="boot">.*?</figure>', page, re.S)
    assert len(figures) >= 3 and "vm-1 (qemu): at the prompt" in figures[0]
    stages = re.findall(r'text-anchor="end">(\w+)</text>', figures[0])
    assert stages[0] == "start" and stages[-1] == "prompt" and "heap" in stages
    assert "crash_call modules/boot/crash.c:" in page
    pictures = re.findall(r"data:image/png;base64,([\w+/=]+)", page)
    assert any(base64.b64decode(p).startswith(b"\x89PNG") for p in pictures)


_WEDGE = """
import os, pathlib, signal
import pytest

def stop(vm):
    os.kill(vm.machine.process.pid, signal.SIGSTOP)

def test_once(vm, repl):
    repl.timeout = 1
    if vm.machine.name == "vm-1":
        stop(vm)
    assert repl.eval("1 + 1") == 2

def test_next(vm, repl):
    assert vm.machine.name == "vm-2"

def test_always(vm, repl):
    repl.timeout = 1
    stop(vm)
    repl.eval("1")

def test_killed(vm, repl):
    vm.machine.process.kill()
    repl.eval("1")

def test_killed_and_failed(vm):
    vm.machine.process.kill()
    vm.machine.process.wait()
    assert 1 == 2, "by itself"

@pytest.mark.xfail(reason="its own machine is killed")
def test_expected(vm, repl):
    vm.machine.process.kill()
    repl.eval("1")

def test_last(repl):
    pass
"""
_QUICK = "import pyrallax.vm.qemu as q\nq._QMP_S = 1.0\nq._TERM_S = 0.5\n"


def test_machine_at_fault_is_an_error_after_a_retry(tmp_path):
    run = plugins.run(tmp_path, _WEDGE, conftest=_QUICK)
    assert run.counts == {"passed": 3, "errors": 3} and run.status == 1, run.said
    assert "environment: QEMU's monitor gave no answer in 1 s" in run.said
    assert "environment: QEMU ended with status -9" in run.said
    assert "run again on a fresh machine: test_it.py::test_once: QEMU's monitor" in run.said
    assert "QEMU's monitor" in run.properties("test_once")["retried_on_a_fresh_machine"]
    assert re.search(
        "-- the test --.*\n>       assert 1 == 2, .*\nE .* by itself\n", run.said, re.S
    )
    for name in ("test_always", "test_killed", "test_killed_and_failed"):
        case = run.case(name)
        assert case.find("error") is not None and case.find("failure") is None
        assert {"environment", "serial_log", "states"} <= set(run.properties(name))
    assert "Traceback" not in run.said and "1 xfailed" in run.said
    assert run.html.count('<figure class="boot">') == 10, "the first machines' too"


_TALKS = """
import time

def talking():
    while True:
        print("on and on")

def test_nobody_reads(vm):
    vm.repl().wire.write(b"for n in range(900): print(n)\\x04")
    time.sleep(0.3)
    assert vm.screenshot is None

def test_talks(vm, keyboard, screen, serial_log):
    vm.repl().wire.write(b"while True: print('on and on')\\x04")
    serial_log.wait_for("on and on")
    keyboard.type("x")
    assert screen.screenshot() is None

def test_talks_for_ever(vm):
    vm.run(talking, timeout=1)

def test_after(vm):
    assert vm.machine.name == "vm-1" and vm.repl().eval("1 + 1") == 2
"""


def test_guest_that_talks_while_nobody_reads(tmp_path):
    """QEMU holds its monitor back for as long as it cannot write to the serial line."""
    run = plugins.run(tmp_path, _TALKS)
    assert run.counts == {"failed": 3, "passed": 1}, run.said
    assert r" 899\r\n" in run.properties("test_nobody_reads")["serial_log"]
    for name in ("test_nobody_reads", "test_talks", "test_talks_for_ever"):
        kept = run.properties(name)
        assert "environment" not in kept and Path(kept["screenshot"]).exists(), name


_BARE = """
import pytest

@pytest.fixture(scope="session")
def vm_config(vm_config):
    vm_config.display = "none"
    vm_config.device = []
    return vm_config
"""


def test_machine_without_screen_and_keys(tmp_path):
    tests = "def test_keys(keyboard): keyboard.type('x')\n"
    run = plugins.run(
        tmp_path, tests + "def test_screen(screen): screen.screenshot()\n", conftest=_BARE
    )
    assert run.counts == {"failed": 2}, run.said
    assert "Unfit: no keys: Input handler not found for event type key (a keyboard is" in run.said
    assert "Unfit: no screenshot: There is no console" in run.said
    assert "qmp" not in run.said, "the inside of a library"


_KILLED_ONCE = """
def test_last(vm):
    if vm.machine.name == "vm-1":
        vm.machine.process.kill()
    assert vm.repl().eval("1 + 1") == 2 and vm.machine.name == "vm-2"
"""


def test_machine_at_fault_in_the_last_test(tmp_path):
    """The session's fixtures are made anew; what is known of the first machine stays."""
    run = plugins.run(tmp_path, _KILLED_ONCE)
    assert run.counts == {"passed": 1}, run.said
    logs = {p.name for p in (tmp_path / "artifacts").glob("*.log")}
    assert logs == {"vm-1.serial.log", "vm-2.serial.log"}


_MARKED_ONLY = """
import os, signal
import pytest
from pyrallax.pytest_plugin.fixtures import VM

@pytest.mark.needs_device("xhci")
def test_marked(pytestconfig):
    vm = pytestconfig.stash[VM]
    if vm.machine.name == "vm-1":
        vm.machine.process.kill()
        vm.machine.process.wait()
    assert vm.machine.name == "vm-2"

@pytest.mark.needs_device("xhci")
def test_fails():
    assert 1 == 2
"""


def test_a_test_that_has_only_the_marker(tmp_path):
    run = plugins.run(tmp_path, _MARKED_ONLY)
    assert run.counts == {"passed": 1, "failed": 1}, run.said
    assert "QEMU ended" in run.properties("test_marked")["retried_on_a_fresh_machine"]
    assert {"serial_log", "dmesg", "screenshot"} <= set(run.properties("test_fails"))


_SILENT = """
import pytest
import pyrallax.repl, pyrallax.vm.machine, pyrallax.vm.qemu

pyrallax.vm.qemu._PROMPT_S["direct"] = 0.5

class Quick(pyrallax.repl.Repl):
    def __init__(self, wire, timeout):
        super().__init__(wire, 1)

pyrallax.vm.machine.Repl = Quick

@pytest.fixture(scope="session")
def vm_config(vm_config):
    vm_config.paused = True
    return vm_config
"""


def test_prompt_that_never_comes(tmp_path):
    run = plugins.run(tmp_path, "def test_it(vm): pass\n", conftest=_SILENT)
    assert run.counts == {"error": 1}, run.said
    assert "the machine did not come to its prompt: no raw REPL within 1 s" in run.said
    assert "environment" not in run.said and ".py:" not in run.said.partition("short test")[0]
    assert "another exception" not in run.said


_WORKERS = """
import time
import pytest

@pytest.mark.parametrize("n", range(4))
def test_one(vm, repl, n, worker_id):
    assert vm.machine.name == f"vm-{worker_id}-1"
    time.sleep(0.3)  # so that neither takes them all

def test_bad(vm):
    vm.run(bad)

def bad():
    assert 1 == 2, "no"
"""


def test_each_worker_has_its_machine(tmp_path):
    run = plugins.run(tmp_path, _WORKERS, "-n", "2", "--vm-log", "logs")
    assert run.counts == {"passed": 4, "failed": 1}, run.said
    logs = {p.name for p in (tmp_path / "logs").glob("*.log")}
    assert logs == {"vm-gw0-1.serial.log", "vm-gw1-1.serial.log"}
    assert run.html.count('<figure class="boot">') == 2
    assert "dmesg" in run.properties("test_bad") and "data:image/png" in run.html


def test_the_guide(tmp_path):
    """Its examples, on the machine of its conftest.py, by UEFI."""
    page = (ROOT / "docs/test-your-code.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    (conftest,) = [b for b in blocks if "vm_config" in b]
    tests = "\n".join(b for b in blocks if b is not conftest)
    more = (
        '@pytest.mark.needs_device("ahci", "1234:11e8")\n'
        "def test_devices(vm):\n    assert vm.machine.config.cpus == 4\n"
        "    assert vm.machine.kind == 'uefi'\n"
    )
    run = plugins.run(tmp_path, tests + more, "--vm", "uefi", "--accel", "tcg", conftest=conftest)
    assert run.counts == {"passed": 6} and "warning" not in run.said, run.said


def test_folder_of_logs_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    run = plugins.run(tmp_path, "def test_it(vm): pass\n", "--vm-log", "file")
    assert f"no machine: {tmp_path}/file: File exists: name a folder with --vm-log" in run.said
    assert run.counts == {"error": 1} and "Traceback" not in run.said
