"""How a machine comes to be in Parallels: names, options, what is refused."""

import os

import pytest
from fake_prl.harness import SMALL
from fake_prl.machines import nothing_left

from pyrallax.image import parallels as image
from pyrallax.vm.config import Unfit
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl import ctl, serial
from pyrallax.vm.prl.make import Parallels
from pyrallax.vm.prl.record import Record

pytestmark = pytest.mark.host


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


def test_a_name_that_a_killed_run_has_left(prl, said):
    """The same command again."""
    entry = Record().add("box")
    prl.prlctl("create", "box", "--ostype", "linux", "--distribution", "linux", "--no-hdd")
    entry.uuid, entry.started = prl.vms()["box"]["uuid"], "Thu Jan  1 00:00:00 1970"
    Record().put(entry)
    with ParallelsVm(Parallels(size=SMALL), "box", say=said.append) as vm:
        assert vm.uuid != entry.uuid
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
        ({"refuse": "--device-del"}, "--device-del is not supported"),
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


def test_a_socket_that_never_comes_leaves_no_open_log(prl, vm, monkeypatch):
    def no_socket(*words):
        logs.append(words[2])
        raise Unfit("no socket")

    logs = []
    monkeypatch.setattr(serial, "connect", no_socket)
    with pytest.raises(Unfit, match="no socket"):
        vm.start()
    assert logs[0]._file.closed and vm.log is None


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


def test_a_slow_mac(prl, vm):
    prl.inject(slow=0.1)
    with vm:
        assert vm.repl().eval("4") == 4
    assert nothing_left(prl)
