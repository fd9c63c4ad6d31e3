"""The emulator's life: it starts, talks on its monitor, and always ends.  No firmware needed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pyrallax.vm.config import Config, Unfit
from pyrallax.vm.qemu import Vm
from pyrallax.wire import WireClosed

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
