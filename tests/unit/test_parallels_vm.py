"""A machine's life in Parallels, on a fake prlctl that checks every word; guests are scripts."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from fake_prl.harness import SMALL

from pyrallax.image import disk
from pyrallax.image import parallels as image
from pyrallax.vm import parallels
from pyrallax.vm.config import Unfit
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl import ctl, end, mac, serial
from pyrallax.vm.prl.make import Parallels
from pyrallax.vm.prl.record import Record
from pyrallax.wire import WireClosed

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path, request):
    """An ESP without firmware, which guests here do not read, or no file system at all."""
    (tmp_path / "file").write_bytes(b"x")
    files = {"EFI/BOOT/BOOTAA64.EFI": tmp_path / "file"}
    monkeypatch.setattr(disk, "esp_files", lambda cmdline, work: files)
    if "real_disk" not in request.fixturenames:
        monkeypatch.setattr(parallels, "make_disk", only_a_table)


def only_a_table(config, folder):
    """A bundle that holds the begin of a GPT with an ESP."""
    bundle = folder / "disk.hdd"
    bundle.mkdir()
    (bundle / "DiskDescriptor.xml").touch()
    esp = uuid.UUID("C12A7328-F81F-11D2-BA4B-00A0C93EC93B").bytes_le
    (bundle / "disk.hdd.0.{}.hds").write_bytes(bytes(512) + b"EFI PART".ljust(512, b"\0") + esp)
    return bundle


@pytest.fixture
def stuck(monkeypatch):
    """Who waits for what never comes need not wait for long."""
    monkeypatch.setattr(end, "_STOP_S", 1.0)


@pytest.fixture
def real_disk():
    """The disk is made as users get it."""


@pytest.fixture
def said():
    return []


@pytest.fixture
def vm(prl, said):
    machine = ParallelsVm(Parallels(size=SMALL), say=said.append)
    yield machine
    machine.close()


def nothing_left(prl):
    record = Record()
    folders = list((record.folder / "machines").glob("*"))
    return prl.vms() == {} and record.entries() == [] and folders == []


@pytest.mark.usefixtures("real_disk")
def test_from_nothing_to_a_prompt_and_back(prl, vm, said):
    with vm:
        row = prl.vms()[vm.name]
        assert vm.repl().eval("6 * 7") == 42
        assert vm.evidence() == "" and vm.input
        assert row["settings"] == {
            "cpus": "1",
            "memsize": "2048",
            "efi-boot": "on",
            "efi-secure-boot": "off",
            "autostop": "shutdown",
            "3d-accelerate": "highest",
        }
        assert row["bootorder"] == ["hdd0"]
        assert set(row["devices"]) == {"hdd0", "net0", "serial0", "sound0"}
        assert row["devices"]["hdd0"]["type"] == "plain"
        serial = row["devices"]["serial0"]
        assert serial["socket-mode"] == "server" and serial["connected"]
        pid, parent = (prl.state / "caffeinate").read_text().split()
        assert int(parent) == os.getpid() and os.path.exists(f"/proc/{pid}")
        assert Record().entries()[0].uuid == row["uuid"]
    assert nothing_left(prl) and said == []
    assert not os.path.exists(f"/proc/{pid}") and not os.path.exists(serial["socket"])
    assert "boots" in vm.log_path.with_suffix("").with_suffix(".host.log").read_text()
    vm.close()


def test_options_reach_prlctl(prl, said):
    config = Parallels(cpus=4, memory=4096, video=64, network="none", size=SMALL)
    with ParallelsVm(config, "my machine", say=said.append):
        row = prl.vms()["my machine"]
        assert row["settings"]["cpus"] == "4" and row["settings"]["memsize"] == "4096"
        assert row["settings"]["videosize"] == "64" and "net0" not in row["devices"]
    assert nothing_left(prl)


def test_only_our_machine_is_touched(prl, vm):
    """§9.4: other running machines; a name that begins like ours is not ours."""
    prl.prlctl("create", "pyrallax", "--ostype", "linux", "--distribution", "linux")
    theirs = prl.vms()["pyrallax"]
    with vm:
        ours = vm.uuid
    assert prl.vms() == {"pyrallax": theirs}
    for action in ("set", "start", "stop", "delete", "reset"):
        words = [w for w in prl.calls(action) if "--help" not in w]
        assert all(w[0] == ours for w in words), action


def test_a_name_that_is_taken(prl, said):
    prl.prlctl("create", "box", "--ostype", "linux", "--distribution", "linux", "--no-hdd")
    with pytest.raises(Unfit, match="a machine named box already: choose another --name"):
        ParallelsVm(name="box", say=said.append).start()
    assert "box" in prl.vms() and Record().entries() == []


def test_a_name_that_is_a_folder_of_the_user(prl, said, tmp_path):
    """What is made under a name is deleted under it."""
    theirs = tmp_path / "Documents"
    theirs.mkdir()
    (theirs / "thesis").touch()
    for name in (str(theirs), "../../Documents", ".."):
        with pytest.raises(Unfit, match="is no name for a machine"):
            ParallelsVm(Parallels(size=SMALL), name, say=said.append).start()
    assert (theirs / "thesis").exists() and not prl.calls("create")


def test_a_name_that_another_run_has_just_taken(prl, said):
    """It has looked, and made nothing yet."""
    other = Record().add("box")
    folder = Record().folder_of("box")
    folder.mkdir(parents=True)
    with pytest.raises(Unfit, match="another run has a machine box"):
        ParallelsVm(Parallels(size=SMALL), "box", say=said.append).start()
    assert Record().entries() == [other] and folder.exists()


def test_a_name_whose_kept_machine_somebody_deleted(prl, said):
    with ParallelsVm(Parallels(size=SMALL, keep=True), "box", say=said.append):
        pass
    prl.prlctl("stop", "box", "--kill")
    prl.prlctl("delete", "box")
    with ParallelsVm(Parallels(size=SMALL), "box", say=said.append) as vm:
        assert vm.repl().eval("5") == 5
    assert nothing_left(prl)


def test_a_folder_that_nobody_has_recorded(prl, said):
    folder = Record().folder_of("box")
    folder.mkdir(parents=True)
    with pytest.raises(Unfit, match=r"machines/box is left of another machine.*--name"):
        ParallelsVm(Parallels(size=SMALL), "box", say=said.append).start()
    assert folder.exists() and Record().entries() == []


def test_a_name_that_is_taken_meanwhile(prl, vm):
    prl.inject(create="Failed to create the virtual machine: the name already exists.")
    with pytest.raises(Unfit, match=r"already exists.*choose another --name"):
        vm.start()
    assert nothing_left(prl)


@pytest.mark.parametrize(
    "failure, reason",
    [
        ({"start": "Unable to start: your trial license has expired."}, "sign in or activate"),
        ({"create": "No space left on device"}, "free space on the Mac"),
        ({"service": True}, "open Parallels Desktop once"),
        ({"licence": "EXPIRED"}, "licence is EXPIRED: open it and sign in"),
        ({"licence": "none"}, "has no licence: open it and sign in"),
        ({"start": "The operation requires the Pro Edition."}, "edition.*Pro or Business"),
        ({"memory-limit": 1024}, "allows --memory 1024, not 2048"),
        ({"refuse": "--memsize"}, "--memsize is not supported"),
        ({"start": "The virtual machine has a question"}, "did not start the machine: The vir"),
    ],
    ids=str,
)
def test_what_parallels_refuses_is_one_line_and_leaves_nothing(prl, vm, failure, reason):
    prl.inject(**failure)
    with pytest.raises(Unfit, match=reason) as caught:
        vm.start()
    assert "\n" not in str(caught.value)
    assert nothing_left(prl)


def test_a_start_that_fails_keeps_nothing(prl, vm, said):
    """What never ran is nothing to look at."""
    vm.config.keep = True
    prl.inject(start="The virtual machine has a question")
    with pytest.raises(Unfit, match="did not start"):
        vm.start()
    assert nothing_left(prl) and said == []


def test_a_disk_tool_that_hangs(prl, vm, real_disk, monkeypatch):
    monkeypatch.setattr(image, "_TIMEOUT_S", 0.5)
    prl.inject(disk_hangs=True)
    with pytest.raises(Unfit, match="prl_disk_tool does not answer in 0"):
        vm.start()
    assert nothing_left(prl)


def test_a_prlctl_that_hangs_later(prl, vm, said, monkeypatch, tmp_path):
    """What is known is told all the same, and the run ends."""
    with vm:
        monkeypatch.setattr(ctl, "_TIMEOUT_S", 0.5)
        prl.inject(slow=60)
        assert vm.host_log() == ""
        assert "prlctl list does not answer" in vm.evidence()
        with pytest.raises(Unfit, match="prlctl capture does not answer"):
            vm.screenshot(tmp_path / "x.png")
    assert "is not deleted" in said[-1] and "next run" in said[-1]
    assert len(Record().entries()) == 1


def test_secure_boot_goes_off_where_there_is_one(prl, vm, said):
    """Our shim is not signed."""
    prl.inject(secure_boot=True)
    with vm:
        assert vm.repl().eval("3") == 3
    assert said == []


def test_a_licence_in_words_that_nobody_has_seen(prl, vm):
    """Parallels itself refuses what it has to."""
    prl.inject(licence="GRACED")
    with vm:
        assert vm.evidence() == ""


def test_a_disk_that_cannot_be_made(prl, vm, real_disk):
    prl.inject(disk="PRL_ERR_DISK_FULL: no space")
    with pytest.raises(Unfit, match="prl_disk_tool: PRL_ERR_DISK_FULL"):
        vm.start()
    assert nothing_left(prl) and not prl.calls("create")


@pytest.mark.parametrize("word", ["--3d-accelerate", "shutdown", "--connect"])
def test_what_it_can_do_without_is_told(prl, vm, said, word):
    prl.inject(refuse=word)
    with vm:
        assert vm.repl().eval("1") == 1
    assert any("did not take" in line and word in line for line in said)
    assert nothing_left(prl)


def test_without_parallels(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unfit, match=r"prlctl is not here.*--machine uefi"):
        ParallelsVm().start()


def test_help_without_a_socket_falls_back_to_the_file(prl, vm, said):
    prl.inject(no_socket=True)
    prl.help_is(set="--efi-boot <on|off>\n  --device-add serial {--device <n> | --output <f>}")
    with vm:
        assert vm.wait_for(b"MicroPython fake", 60) and not vm.input
        row = prl.vms()[vm.name]
        assert row["devices"]["serial0"]["output"].endswith("serial.txt")
        vm.wire.write(b"nobody reads this")
        assert vm.evidence() == ""
    assert len(said) == 1 and "output only" in said[0]
    assert nothing_left(prl)


def test_a_socket_that_help_names_and_set_refuses(prl, vm, said):
    prl.inject(no_socket=True)
    with vm:
        assert not vm.input
    assert "did not take --device-add serial --socket" in said[0] and "output only" in said[1]


def test_no_socket_when_one_was_asked_for(prl, vm):
    prl.inject(no_socket=True)
    vm.config.line = "socket"
    with pytest.raises(Unfit, match="leave out --line socket"):
        vm.start()
    assert nothing_left(prl)


def test_a_prlctl_whose_list_has_no_json(prl, vm):
    prl.inject(no_json=True)
    with vm:
        assert vm.repl().eval("2") == 2
    assert nothing_left(prl)


@pytest.mark.parametrize(
    "values, ours",
    [("legacy | efi32 | efi64 | efi-arm64", "efi-arm64"), ("legacy|efi64", "efi64")],
)
def test_firmware_by_its_newer_option(prl, vm, said, values, ours):
    prl.inject(bios_type=values)
    prl.help_is(set=f"--bios-type <{values}>\n --device-add serial --socket <name>")
    with vm:
        assert prl.vms()[vm.name]["settings"]["bios-type"] == ours
    assert said == []


def test_the_line_is_connected_while_start_still_runs(prl, vm, monkeypatch):
    """What is said to nobody is lost.  This start ends when somebody is connected, not before."""
    prl.inject(slow_start=True)
    still_starting, connect = [], serial.connect

    def connected(*words):
        wire = connect(*words)
        still_starting.append(vm._starting.poll() is None)
        return wire

    monkeypatch.setattr(serial, "connect", connected)
    with vm:
        vm.wait_for(b"[shim] start", 60)
    assert still_starting == [True]


@pytest.mark.parametrize("line", ["socket", "file"])
def test_what_it_says_while_start_runs_is_not_lost(prl, vm, line):
    """This start ends when the machine has said more than a socket holds."""
    vm.config.line = line
    prl.inject(slow_start=True, chatter=2 << 20)
    with vm:
        got = vm.wait_for(b"MicroPython fake", 20)
    assert got.count(b"~") == 2 << 20 and b"[shim] start" in got


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


def test_keep(prl, vm, said):
    vm.config.keep = True
    with vm:
        pass
    assert prl.vms()[vm.name]["status"] == "running" and vm.name in said[-1]
    (entry,) = Record().entries()
    assert entry.kept and Record().left_over() == [] and os.path.exists(entry.socket)
    assert os.path.exists(prl.vms()[vm.name]["devices"]["hdd0"]["image"])


_RUN = """
import sys, time
from pathlib import Path
from pyrallax.image import disk
from pyrallax.image import parallels as image
disk.esp_files = lambda cmdline, work: {"EFI/BOOT/BOOTAA64.EFI": Path(sys.argv[1])}
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl.make import Parallels
vm = ParallelsVm(Parallels(size=sys.argv[2])).start()
print(vm.name, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("failure", [{}, {"die-after-create": True}], ids=["late", "early"])
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


def test_keys_are_one_batch_of_decimal_scancodes(prl, vm):
    with vm:
        vm.keyboard.type("Hi\n")
        vm.keyboard.press("ctrl-meta_l")
    typed, pressed = prl.keys()
    codes = [(e["scancode"], e["event"][0]) for e in typed if "scancode" in e]
    assert codes == [(42, "p"), (35, "p"), (35, "r"), (42, "r")] + [
        (code, event) for code in (23, 28) for event in "pr"
    ]
    assert all(set(e) == {"delay"} for e in typed[1::2])
    assert [e["scancode"] for e in pressed if "scancode" in e] == [29, 224, 91, 224, 91, 29]
    assert len(prl.calls("send-key-event")) == 2


@pytest.mark.parametrize(
    "failure, reason",
    [
        ({"locked": True}, "screen is locked.*unlock it"),
        ({"keyboard-not-ready": True}, "start a fresh one"),
        ({"no-keys": True}, "type in the machine's window"),
    ],
    ids=str,
)
def test_keys_that_would_be_lost(prl, vm, failure, reason):
    with vm:
        prl.inject(**failure)
        with pytest.raises(Unfit, match=reason):
            vm.keyboard.type("x")
    assert prl.keys() == []


def test_pictures_may_be_black_at_first(prl, vm, said, tmp_path):
    with vm:
        prl.inject(warm_up=60)
        assert vm.screenshot(tmp_path / "black.png").is_file()
        assert "black.png is all black" in said[-1] and "later" in said[-1]
        prl.inject()
        vm.screenshot(tmp_path / "grey.png")
        assert len(said) == 1
        prl.inject(warm_up=1000)
        vm._started -= parallels.screen.WARM_UP_S
        vm.screenshot(tmp_path / "later.png")
    assert len(said) == 1  # then black is what it shows


def test_a_slow_mac(prl, vm):
    prl.inject(slow=0.1)
    with vm:
        assert vm.repl().eval("4") == 4
    assert nothing_left(prl)
