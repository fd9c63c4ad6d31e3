"""Parts of the pytest plugin without a machine: options, entry point, logs, pictures, devices."""

import re
import socket
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree

import pytest
from fake_target import FakeTarget, Manners

from pyrallax import ROOT
from pyrallax.pytest_plugin import devices, timeline
from pyrallax.pytest_plugin.managed import ManagedVm, State
from pyrallax.pytest_plugin.serial_log import SerialLog, folded
from pyrallax.repl import TargetPanic
from pyrallax.vm.machine import Machine
from pyrallax.wire import Log, Wire, WireClosed

pytestmark = pytest.mark.host

PLUGIN = "pyrallax.pytest_plugin"


_ASKS = "def test_it(vm): pass\n"


def run(folder, *words, plugin=("-p", PLUGIN), env=None, source=_ASKS):
    """pytest in this folder; its status and output."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(source)
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugin, *words]
    path = {"PYTHONPATH": str(ROOT / "host"), "PATH": "/usr/bin:/bin"} | (env or {})
    done = subprocess.run(argv, cwd=folder, env=path, text=True, capture_output=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "words, reason",
    [
        (["--vm", "vmware"], "--vm vmware: there are qemu, uefi, twin, parallels, serial, pty"),
        (["--vm", "serial"], "--vm serial needs --serial: the path or URL of its line"),
        (["--vm", "qemu", "--serial=/x"], "--serial is for --vm serial or pty, not qemu"),
        (
            ["--vm", "pty", "--serial=socket://h:1"],
            "--vm pty takes the path of a PTY; --vm serial",
        ),
        (["--serial", "."], "write --serial=.: pytest takes a path that stands alone"),
        (["--serial=/x", "--accel", "tcg"], "--accel is for --vm qemu, uefi, twin"),
        (["--accel", "warp"], "--accel warp: this QEMU has tcg"),
        (["--serial=/x", "-n", "2"], "--vm serial is one machine for one worker: leave -n out"),
        (["--keep-vm", "-n", "1"], "--keep-vm holds the machine of one worker: leave -n out"),
    ],
)
def test_options_that_are_refused(tmp_path, words, reason):
    status, said = run(tmp_path, *words)
    assert status == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in said.splitlines() if line]
    assert line.startswith(f"ERROR: {reason}")


@pytest.mark.parametrize(
    "words, environment, reason",
    [
        (["--serial=/nowhere"], {}, "no machine: /nowhere: No such file or directory"),
        (["--serial=socket://localhost:1"], {}, "no machine: socket://localhost:1: "),
        ([], {"PYRALLAX_QEMU": "qemu-none"}, "no machine: qemu-none is not installed: run `make"),
        (
            ["--vm", "uefi"],
            {"PYRALLAX_EDK2": "/nowhere"},
            "no machine: PYRALLAX_EDK2: there is no",
        ),
        (["--vm", "parallels"], {}, "no machine: "),
        (
            ["--vm", "twin"],
            {"PYRALLAX_QEMU": "OLD"},
            "no machine: the machine's msi needs QEMU 11",
        ),
    ],
)
def test_a_machine_that_cannot_be_had_is_an_error_of_one_line(
    tmp_path, words, environment, reason
):
    old = tmp_path / "qemu"
    old.write_text("#!/bin/sh\necho QEMU emulator version 7.2.0\n")
    old.chmod(0o755)
    environment = {name: value.replace("OLD", str(old)) for name, value in environment.items()}
    status, said = run(tmp_path, *words, env=environment)
    assert status == 1 and "1 error in" in said
    assert f"\n{reason}" in said and "Traceback" not in said and not re.search(r"\.py:\d", said)


_PLAIN = """
import pytest
from pyrallax.repl import TargetError

@pytest.fixture(scope="session")
def vm():
    class Plain:
        def repl(self): pass
        def ask(self, program):
            raise TargetError("Traceback\\nImportError: no module named 'pci'", "")
    return Plain()

@pytest.mark.needs_device("ahci")
def test_it(): pass
"""


def test_a_firmware_that_knows_no_devices(tmp_path):
    status, said = run(tmp_path, source=_PLAIN)
    assert status == 1 and "1 error in" in said
    assert "\nits firmware tells no devices: ImportError: no module named 'pci'\n" in said
    assert "Traceback" not in said and not re.search(r"\.py:\d", said)


def test_entry_point(tmp_path):
    """What pyproject.toml declares is found as soon as the package is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (declared,) = project["entry-points"]["pytest11"].items()
    assert declared == (PLUGIN, PLUGIN)
    installed = tmp_path / "site" / "pyrallax-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pyrallax\nVersion: 0\n")
    (installed / "entry_points.txt").write_text("[pytest11]\n{} = {}\n".format(*declared))
    both = {"PYTHONPATH": f"{ROOT / 'host'}:{installed.parent}"}
    for plugin in ((), ("-p", PLUGIN)):  # also for who asks for it by name
        status, said = run(tmp_path, "--markers", plugin=plugin, env=both)
        assert status == 0 and said.count("@pytest.mark.needs_device(name):") == 1, said
    status, said = run(tmp_path, "--markers", plugin=("-p", f"no:{PLUGIN}"), env=both)
    assert status == 0 and "needs_device" not in said


def test_folded_log_has_lines_of_the_target():
    chunks = [
        "    0.100000 < a",
        "    0.200000 < b\\r\\nc",
        "    0.300000 > x\\n",
        "    0.400000 < d\\n\\ne",
        "no entry",
    ]
    assert folded("\n".join(chunks)).splitlines() == [
        "    0.100000 < ab\\r\\n",
        "    0.200000 < c",
        "    0.300000 > x\\n",
        "    0.400000 < d\\n",
        "    0.400000 < \\n",
        "    0.400000 < e",
    ]


def test_timeline_is_a_picture():
    stages = [["start", 0], ["a<b", 250], ["prompt", 2_000_000]]
    boot = {"name": "vm-1", "kind": "qemu", "host_s": 2.5, "stages": stages}
    picture = timeline.svg(stages)
    tree = ElementTree.fromstring(picture)
    space = "{http://www.w3.org/2000/svg}"
    bars = [(float(r.get("x")), float(r.get("width"))) for r in tree.iter(f"{space}rect")]
    assert len(bars) == 3 and bars[2][1] > 100 * bars[1][1] * 0.99
    assert abs(bars[1][0] + 0.07 - bars[2][0]) < 1
    texts = [t.text for t in tree.iter(f"{space}text")]
    assert "a<b" in texts and "2.00 s (+2.00 s)" in texts and "250 µs (+250 µs)" in texts
    assert "at the prompt 2.50 s after its start" in timeline.figure(boot)
    assert "no stamps" in timeline.figure(boot | {"stages": []})


class Asked:
    def __init__(self, answer):
        self.answer = answer

    def ask(self, program):
        return repr(self.answer)


@pytest.mark.parametrize(
    "name, there",
    [
        ("ahci", True),
        ("virtio-blk", True),
        ("virtio-net", True),
        ("1AF4:1000", True),
        ("1af4:1001", False),
        ("display", True),
        ("nvme", False),
        ("virtio-gpu", False),
        ("ethernet", True),
    ],
)
def test_devices(name, there):
    vm = Asked([(0x8086, 0x2922, 0x010601), (0x1AF4, 0x1042, 0x010000)])
    vm.answer += [(0x1AF4, 0x1000, 0x020000), (0x1234, 0x1111, 0x030000)]
    assert devices.known(name)
    why = devices.missing(vm, name)
    assert (why == "") == there
    if not there:
        assert why.startswith(f"no {name} on this machine; it has ahci, display, ")


def test_devices_by_acpi_and_names_that_are_none():
    assert devices.missing(Asked(["PRL4010"]), "PRL4010") == ""
    assert devices.missing(Asked(["PRL4010"]), "ACPI0007") == (
        "no ACPI0007 in the ACPI tables of this machine"
    )
    assert not devices.known("ahcii") and "'ahcii'" in devices.unknown("ahcii")


class Faked(Machine):
    """A machine that is a fake target."""

    kind = "fake"
    prompt_s = 0.1

    def __init__(self, folder, number, **manners):
        super().__init__(f"fake-{number}")
        self.log_path = folder / f"{self.name}.log"
        self.manners = Manners(**manners)

    def start(self):
        self.log = Log(self.log_path)
        self.target = FakeTarget(self.manners)
        self.wire = Wire(self.target.fd, self.log)
        return self

    def close(self):
        if self.wire:
            self.wire.close()
            self.log.close()
            self.wire = None


_PANIC = b"\r\n=== PYRALLAX PANIC 1 ===\r\nreason test\r\n=== END PANIC ===\r\n"


@pytest.fixture
def vm(tmp_path):
    vm = ManagedVm(lambda number: Faked(tmp_path, number, panic=_PANIC if number == 1 else b""))
    yield vm
    vm.off()


def test_states_of_a_machine(vm):
    assert vm.state is State.OFF and vm.prompt() is None and vm.evidence() == ""
    repl = vm.clean_repl()
    assert vm.state == "prompt" and vm.prompt() is repl and repl.eval("1 + 1") == 2
    with pytest.raises(TargetPanic):  # as a test does that expects it
        repl.exec("panic = True")
    assert vm.state == "crashed" and vm.prompt() is None
    assert vm.clean_repl() is not repl and vm.machine.name == "fake-2"
    assert [str(state) for _, state, _ in vm.history] == (
        ["booting", "prompt", "crashed", "off", "booting", "prompt"]
    )
    assert "crashed: the firmware panicked: test" in vm.history_text()
    assert [boot["name"] for boot in vm.take_boots()] == ["fake-1", "fake-2"]
    assert vm.take_boots() == []


def test_a_line_that_closed_between_tests_costs_no_test(vm):
    vm.repl()
    vm.machine.target._line.shutdown(socket.SHUT_RDWR)
    assert vm.repl().eval("3") == 3 and vm.machine.name == "fake-2"


def test_a_machine_without_a_prompt_counts_as_crashed(tmp_path):
    vm = ManagedVm(lambda number: Faked(tmp_path, number, hang_up=True))
    with pytest.raises(WireClosed):
        vm.repl()
    assert vm.state == "crashed"


def test_serial_log_of_a_test(vm):
    vm.repl().exec("print('before')")
    vm.mark()
    log = SerialLog(vm)
    assert log.lines == [] and log.text == ""
    vm.repl().exec("print('during')")
    assert "during" in log and "before" not in log and "before" in log.path.read_text()
    vm.machine.target._line.sendall(b"un\xffsolicited\r\n")  # nobody reads it
    assert log.wait_for("solicited\n", 5).endswith("un\\xffsolicited\n")
    assert vm.machine.wire.read(0) == b"un\xffsolicited\r\n", "it is still there to be read"
    with pytest.raises(TimeoutError, match="no 'never' in 0"):
        log.wait_for("never", 0.1)
