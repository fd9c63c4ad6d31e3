"""The record: whose machines are ours, and which of them somebody still uses."""

import json
import os
import subprocess
import sys

import pytest

from pyrallax.vm.config import Unfit
from pyrallax.vm.prl import record as record_module
from pyrallax.vm.prl.ctl import Prlctl
from pyrallax.vm.prl.end import clean_left_over, delete
from pyrallax.vm.prl.record import Entry, Record, fresh_name

pytestmark = pytest.mark.host


@pytest.fixture
def record(prl):
    return Record()


def dead(record, name, uuid=""):
    """An entry of a process that ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    entry = record.add(name)
    entry.pid, entry.uuid = child.pid, uuid
    record.put(entry)
    return entry


def made(prl, name):
    prl.prlctl("create", name, "--ostype", "linux", "--distribution", "linux", "--no-hdd")
    return prl.vms()[name]["uuid"]


def test_names_are_fresh_and_known_as_ours():
    names = {fresh_name() for _ in range(50)}
    assert len(names) == 50 and all(Entry(name).certain() for name in names)
    for name in ("Windows 11", "pyrallax-test", "pyrallax-20261122-193606-a0a53e04 (1)"):
        assert not Entry(name).certain()


def test_entries_of_running_processes_are_left(record):
    mine = record.add(fresh_name())
    assert mine.pid == os.getpid() and record.left_over() == []
    assert record.entries() == [mine]


def test_a_pid_that_another_process_has_now_does_not_count(record):
    entry = record.add(fresh_name())
    entry.started = "Thu Jan  1 00:00:00 1970"
    record.put(entry)
    assert [e.name for e in record.left_over()] == [entry.name]


def test_make_and_a_shell_have_other_time_zones(record, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    record.add(fresh_name())
    monkeypatch.setenv("TZ", "XYZ-9")
    assert record.left_over() == []


@pytest.mark.parametrize(
    "name", ["", "/", "..", "../x", "a/b", ".x", "-x", "x ", "größe", "x\n", "x" * 101]
)
def test_a_name_that_is_no_folder_of_its_own(record, name):
    """Of each machine a folder is made and deleted."""
    with pytest.raises(Unfit, match="letters, digits"):
        record.add(name)
    assert record.entries() == []


def test_no_two_machines_of_a_name(record):
    """Nor of names that are one on the Mac's file systems."""
    mine = record.add("box")
    for name in ("box", "Box"):
        with pytest.raises(Unfit, match=f"another run has a machine {name}: .*--name"):
            record.add(name)
    assert record.entries() == [mine]


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"nme": "x"}]', "null"])
def test_a_record_that_is_broken_deletes_nothing(prl, record, text):
    uuid = made(prl, "Windows 11")
    record.folder.mkdir(parents=True)
    record.path.write_text(text)
    clean_left_over(Prlctl(), record, print)
    assert prl.vms()["Windows 11"]["uuid"] == uuid and not prl.calls("delete")
    entry = record.add(fresh_name())
    assert record.entries() == [entry]
    assert record.path.with_suffix(".unreadable").read_text() == text


def test_left_over_machines_go_and_those_of_others_stay(prl, record):
    uuids = {name: made(prl, name) for name in ("Windows 11", "pyrallax-mine", fresh_name())}
    ours = dead(record, *list(uuids.items())[2])
    kept = dead(record, fresh_name(), made(prl, "kept"))
    kept.kept = True
    record.put(kept)
    said = []
    clean_left_over(Prlctl(), record, said.append)
    assert set(prl.vms()) == {"Windows 11", "pyrallax-mine", "kept"}
    assert record.entries() == [kept] and len(said) == 1 and ours.name in said[0]


def test_a_name_that_somebody_took_over_is_not_ours(prl, record):
    """The uuid decides: ours was deleted by hand, and the user made one of this name."""
    name = fresh_name()
    dead(record, name, "00000000-0000-4000-8000-000000000000")
    made(prl, name)
    clean_left_over(Prlctl(), record, print)
    assert name in prl.vms() and not prl.calls("delete") and record.entries() == []


def test_death_between_making_and_recording_the_uuid(prl, record):
    name = fresh_name()
    dead(record, name)
    made(prl, name)
    clean_left_over(Prlctl(), record, print)
    assert prl.vms() == {} and record.entries() == []


def test_without_uuid_a_name_that_anybody_may_have_proves_nothing(prl, record):
    dead(record, "my machine")
    made(prl, "my machine")
    said = []
    clean_left_over(Prlctl(), record, said.append)
    assert "my machine" in prl.vms() and not prl.calls("delete")
    assert "left alone" in said[-1]


def test_what_cannot_be_deleted_stays_in_the_record(prl, record):
    entry = dead(record, fresh_name())
    entry.uuid = made(prl, entry.name)
    record.put(entry)
    prl.inject(delete="Access denied.")
    said = []
    assert not delete(Prlctl(), record, entry, said.append)
    assert record.entries() == [entry] and "Access denied" in said[-1] and "next run" in said[-1]
    prl.inject()
    assert delete(Prlctl(), record, entry, said.append)
    assert prl.vms() == {} and record.entries() == []


def test_writers_do_not_lose_each_others_entries(record):
    code = (
        "from pyrallax.vm.prl.record import Record\n"
        "for n in range(20): Record().add(f'{__import__(\"os\").getpid()}-{n}')"
    )
    children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert len({entry.name for entry in record.entries()}) == 60
    assert len(json.loads(record.path.read_text())) == 60


def test_where_the_record_is(monkeypatch, tmp_path):
    monkeypatch.delenv("PYRALLAX_STATE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", "")
    assert record_module.state_folder() == tmp_path / ".local/state/pyrallax"
    monkeypatch.setattr(record_module.sys, "platform", "darwin")
    assert record_module.state_folder() == tmp_path / "Library/Application Support/Pyrallax"


def test_another_owner_of_the_name_is_not_forgotten(record):
    """Two runs clean up after one that died; a third has taken the name between them."""
    left = dead(record, "box")
    record.remove(left)
    mine = record.add("box")
    record.folder_of("box").mkdir(parents=True)
    record.remove(left)
    assert record.entries() == [mine] and record.folder_of("box").is_dir()
    record.remove(mine)
    assert record.entries() == [] and not record.folder_of("box").exists()


@pytest.mark.parametrize("said", ["[]", "{}"])
def test_an_empty_list_that_failed_is_no_end_of_a_machine(prl, record, monkeypatch, said):
    entry = record.add("box")
    entry.uuid = made(prl, "box")
    prlctl, asked = Prlctl(), Prlctl.ask

    def ask(self, *words, **options):
        if words[0] == "list":
            return subprocess.CompletedProcess(words, 1, said, "PRL_ERR_BUSY")
        return asked(self, *words, **options)

    monkeypatch.setattr(Prlctl, "ask", ask)
    told = []
    assert not delete(prlctl, record, entry, told.append)
    assert "PRL_ERR_BUSY" in told[-1] and [e.name for e in record.entries()] == ["box"]
