"""How a machine ends in Parallels: by itself, by others, stuck, kept, killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_prl.harness import SMALL
from fake_prl.machines import nothing_left

from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl import mac, serial
from pyrallax.vm.prl.make import Parallels
from pyrallax.vm.prl.record import Record
from pyrallax.wire import WireClosed

pytestmark = pytest.mark.host


def test_a_machine_that_ends_by_itself(prl, vm):
    with vm:
        vm.repl()
        os.kill(prl.vms()[vm.name]["pid"], signal.SIGKILL)
        with pytest.raises(WireClosed, match="the machine is stopped"):
            while True:
                vm.wire.read(5)
        assert vm.evidence() == "the machine is stopped"
    assert nothing_left(prl)


def test_a_machine_that_somebody_deleted(prl, vm, said):
    with vm:
        prl.prlctl("stop", vm.name, "--kill")
        prl.prlctl("delete", vm.name)
        assert "somebody deleted it" in vm.evidence()
    assert nothing_left(prl)


def test_reset_brings_a_new_line(prl, vm):
    with vm:
        vm.repl().exec("before = 1")
        vm.reset()
        assert vm.repl().eval("'before' in globals()") is False
    assert nothing_left(prl)


def test_reset_with_output_that_nobody_has_read(prl, vm):
    with vm:
        vm.repl().exec("before = 1")
        vm.wire.unread(b"said before")
        vm.reset()
        assert vm.repl().eval("'before' in globals()") is False


def test_reset_with_a_line_that_lives(prl, vm, monkeypatch):
    with vm:
        vm.wait_for(b">>> ", 60)
        vm.wire.unread(b"said before")
        with monkeypatch.context() as patch:
            patch.setattr(vm._prlctl, "run", lambda *words: "")
            vm.reset()
        assert vm.wire.read(5) == b"said before"


def test_a_machine_with_a_file_ends_by_itself(prl, vm, monkeypatch):
    """A file has no end; prlctl has to be asked."""
    monkeypatch.setattr(serial, "_ASK_S", 0.1)
    vm.config.line = "file"
    with vm:
        vm.wait_for(b">>> ", 60)
        os.kill(prl.vms()[vm.name]["pid"], signal.SIGKILL)
        with pytest.raises(WireClosed, match="the machine is stopped"):
            assert vm.wire.read(20)
    assert nothing_left(prl)


def test_stuck_while_stopping_ends_its_own_process_only(prl, vm, said, stuck):
    """§9.4."""
    other = ParallelsVm(Parallels(size=SMALL), say=said.append)
    with other:
        theirs = prl.vms()[other.name]["pid"]
        vm.start()
        ours = prl.vms()[vm.name]["pid"]
        prl.inject(stuck=True)
        vm.close()
        assert any(f"ending its own processes [{ours}]" in line for line in said)
        assert set(prl.vms()) == {other.name}
        prl.inject()
        assert os.path.exists(f"/proc/{theirs}") and other.repl().eval("3") == 3
    assert nothing_left(prl)


def test_whose_processes_are_a_machines(monkeypatch):
    uuid, home = "1f3366f4-edc4-48b0-b87d-6b1e75a77033", Path("/Users/me/Parallels/box.pvm")
    app = "/Applications/Parallels Desktop.app/Contents/MacOS/Parallels VM.app/Contents/MacOS"
    listed = f"""
   11 {app}/prl_vm_app --openvm --uuid {{{uuid.upper()}}}
   12 {app}/prl_vm_app --openvm {home}
   13 {app}/prl_vm_app --openvm --uuid {{00000000-edc4-48b0-b87d-6b1e75a77033}}
   14 {app}/prl_disp_service -e
   15 prlctl stop {uuid} --kill
   16 vim {home}/parallels.log
   17 grep prl_vm_app_log {home}
   18 tail -f /var/log/prl_vm_app.{uuid}
"""
    done = subprocess.CompletedProcess([], 0, listed.strip("\n"))
    monkeypatch.setattr(mac.subprocess, "run", lambda *words, **options: done)
    assert mac.processes_of(uuid, home) == [11, 12]
    assert mac.processes_of(uuid, None) == [11]


def test_stuck_for_good_stays_in_the_record(prl, vm, said, stuck):
    vm.start()
    prl.inject(stuck="forever")
    vm.close()
    assert "quit Parallels Desktop" in said[-1] and "next run" in said[-1]
    assert [entry.name for entry in Record().entries()] == [vm.name]


def test_a_machine_that_somebody_suspended(prl, vm, said):
    """§9.4: a Mac whose autostop is suspend leaves it so."""
    vm.start()
    row = prl.vms()[vm.name]
    os.kill(row["pid"], signal.SIGKILL)
    row["status"] = "suspended"
    (prl.state / "vms" / f"{row['uuid']}.json").write_text(json.dumps(row))
    assert vm.evidence() == "the machine is suspended"
    vm.close()
    assert nothing_left(prl) and said == []


def test_a_machine_that_somebody_paused(prl, vm):
    """It goes on when they let it, with its line."""
    with vm:
        row = prl.vms()[vm.name]
        path = prl.state / "vms" / f"{row['uuid']}.json"
        path.write_text(json.dumps(row | {"status": "paused"}))
        assert vm.evidence() == ""
        path.write_text(json.dumps(row))


def test_keep(prl, vm, said):
    vm.config.keep = True
    with vm:
        pass
    assert prl.vms()[vm.name]["status"] == "running" and vm.name in said[-1]
    (entry,) = Record().entries()
    assert entry.kept and Record().left_over() == [] and os.path.exists(entry.socket)
    assert os.path.exists(prl.vms()[vm.name]["devices"]["hdd0"]["image"])


_RUN = """
import signal, sys, time
from pathlib import Path
from pyrallax.image import disk
from pyrallax.image import parallels as image
disk.esp_files = lambda cmdline, work: {"EFI/BOOT/BOOTAA64.EFI": Path(sys.argv[1])}
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl.make import Parallels
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has none
vm = ParallelsVm(Parallels(size=sys.argv[2]), *sys.argv[3:]).start()
print(vm.name, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(
    "failure", [{}, {"signal_after_create": signal.SIGKILL}], ids=["late", "early"]
)
def test_a_run_that_was_killed_is_cleaned_by_the_next(prl, vm, said, tmp_path, failure):
    prl.prlctl("create", "Windows 11", "--ostype", "linux", "--distribution", "linux")
    prl.inject(**failure)
    argv = [sys.executable, "-c", _RUN, str(tmp_path / "file"), SMALL]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        if not failure:
            child.stdout.readline()
        else:
            child.wait(60)
        child.kill()
    (left,) = set(prl.vms()) - {"Windows 11"}
    prl.inject()
    with vm:
        assert set(prl.vms()) == {"Windows 11", vm.name}
    assert said[0] == f"deleting {left}, which a run that died has left"
    assert set(prl.vms()) == {"Windows 11"} and Record().entries() == []


def test_ctrl_c_while_prlctl_makes_the_machine(prl, tmp_path):
    """With a name of the user's own nothing but its UUID proves that it is ours."""
    prl.inject(signal_after_create=signal.SIGINT)
    argv = [sys.executable, "-c", _RUN, str(tmp_path / "file"), SMALL, "box"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert "KeyboardInterrupt" in done.stderr and prl.calls("create")
    assert nothing_left(prl)
