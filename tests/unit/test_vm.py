"""The emulator's life: it starts, talks on its monitor, and always ends.  No firmware needed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pyrallax.vm import config as config_module
from pyrallax.vm import machine as machine_module
from pyrallax.vm.config import PARALLELS, Config, TooOld, Unfit
from pyrallax.vm.qemu import Vm
from pyrallax.wire import WireClosed, received

pytestmark = pytest.mark.host


@pytest.fixture
def config(tmp_path):
    """A machine that loads a few zero bytes and never runs them."""
    image = tmp_path / "nothing.bin"
    image.write_bytes(bytes(64))
    return Config(firmware=image, memory=64, paused=True)


def _gone(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_start_monitor_close(config):
    with Vm(config) as vm:
        assert vm.qmp("query-status")["status"] == "prelaunch"
        pid, work = vm.process.pid, vm._work
    assert _gone(pid) and not work.exists()
    vm.close()


def test_two_machines_of_one_name_keep_a_log_each(config, monkeypatch, tmp_path):
    monkeypatch.setattr(machine_module, "ARTIFACTS", tmp_path)
    with Vm(config, "run") as one:
        one.log.add("<", b"one")
        with Vm(config, "run") as two:
            two.log.add("<", b"two")
            assert two.log_path == tmp_path / "run.2.serial.log"
        assert received(one.log_path.read_text()) == b"one"
        assert received(two.log_path.read_text()) == b"two"
    with Vm(config, "run") as again:
        assert again.log_path == tmp_path / "run.serial.log"
        assert again.log_path.read_text() == ""


def test_the_emulators_own_words_are_in_the_error(config):
    config.extra = ["-no-such-option"]
    with Vm(config) as vm, pytest.raises(WireClosed, match="no-such-option"):
        while True:
            vm.wire.read(5)


def test_emulator_ends_with_a_starter_that_was_killed(config, tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from pyrallax.vm.qemu import *\n"
        f"vm = Vm(Config(firmware=Path({str(config.firmware)!r}), paused=True)).start()\n"
        "print(vm.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as child:
        pid = int(child.stdout.readline())
        time.sleep(0.5)
        assert not _gone(pid, 0.1)
        child.kill()
    assert _gone(pid)


def test_emulator_that_ignores_sigterm_is_killed(config):
    vm = Vm(config).start()
    pid = vm.process.pid
    os.kill(pid, signal.SIGSTOP)
    vm.close()
    assert _gone(pid)


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"firmware": Path("/nosuch.elf")}, "run `make setup`"),
        ({"machine": "uefi", "esp": Path("/nosuch.img")}, "run `make setup`"),
        ({"machine": "uefi", "append": "x"}, "CMDLINE="),
        ({"machine": "cloud"}, "direct and uefi"),
    ],
)
def test_what_cannot_start_says_how_to_mend_it(config, change, reason):
    for name, value in change.items():
        setattr(config, name, value)
    with pytest.raises(Unfit, match=reason):
        Vm(config).start()


def test_options_reach_the_command_line(config):
    config.cpus, config.gic, config.icount, config.display = 4, 3, True, "ramfb"
    line = " ".join(config.arguments())
    for words in ("gic-version=3", "-smp 4", "-m 64", "shift=0,sleep=off", "-device ramfb", "-S"):
        assert words in line


def _qemu_of(version: str, monkeypatch, folder: Path) -> None:
    program = folder / f"qemu {version.split()[0]}"  # its own name: the answer is kept by name
    program.write_text(f"#!/bin/sh\necho 'QEMU emulator version {version}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(config_module, "QEMU", str(program))


def test_the_machine_of_parallels_is_asked_of_a_qemu_that_has_it(config, monkeypatch, tmp_path):
    for name, value in PARALLELS.items():
        setattr(config, name, value)
    _qemu_of("11.1.3 (Debian 1:11.1.3+ds-1)", monkeypatch, tmp_path)
    argv = config.arguments()
    assert argv[0] == str(tmp_path / "qemu 11.1.3")
    assert argv[argv.index("-M") + 1] == "virt-6.1,gic-version=3,msi=gicv2m"
    for old in ("7.2.22 (Debian)", "10.2.0", "11.0.90", "that nobody knows"):
        _qemu_of(old, monkeypatch, tmp_path)
        with pytest.raises(TooOld, match="PYRALLAX_QEMU"):
            config.arguments()
    config.msi = ""
    assert "virt-6.1,gic-version=3" in config.arguments()


def test_what_brings_messages():
    assert Config(gic=2).msi_kind == "v2m" and Config(gic=3).msi_kind == "its"
    assert Config(gic=3, machine_options="acpi=off,its=off").msi_kind is None
    assert Config(**PARALLELS).msi_kind == "v2m"
    assert Config(gic=3, msi="its").msi_kind == "its" and Config(msi="off").msi_kind is None


def test_another_emulator_by_the_environment(tmp_path):
    """Read once, when the package is imported."""
    for name in ("AAVMF_CODE.fd", "AAVMF_VARS.fd"):
        (tmp_path / name).touch()
    code = "from pyrallax.vm.config import *; print(QEMU, edk2()[0])"
    chosen = {"PYRALLAX_QEMU": "/opt/qemu", "PYRALLAX_EDK2": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | chosen
    )
    assert done.stdout.split() == ["/opt/qemu", str(tmp_path / "AAVMF_CODE.fd")], done.stderr
    (tmp_path / "AAVMF_VARS.fd").unlink()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | chosen
    )
    assert f"AAVMF_CODE.fd in {tmp_path}" in done.stderr and "PYRALLAX_EDK2" in done.stderr
