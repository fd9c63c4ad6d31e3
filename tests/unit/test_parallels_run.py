"""`pyrallax run --machine parallels` and its companions, from the command line."""

import os
import signal
import sys

import pytest
from fake_prl.machines import nothing_left, only_a_table

from pyrallax import doctor, parallels_run, stages
from pyrallax.__main__ import main
from pyrallax.image import disk
from pyrallax.setup import packages
from pyrallax.setup.say import Refused
from pyrallax.vm import parallels
from pyrallax.vm.parallels import ParallelsVm
from pyrallax.vm.prl import make
from pyrallax.vm.prl.ctl import Prlctl
from pyrallax.vm.prl.record import Record

pytestmark = pytest.mark.host

RUN = ["run", "--machine", "parallels"]


@pytest.fixture(autouse=True)
def quick(prl, monkeypatch):
    monkeypatch.setattr(parallels, "make_disk", only_a_table)
    # main() takes the signals of the process that it runs in.
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


@pytest.fixture
def deaf(prl, monkeypatch):
    """No byte comes back, and nobody waits for one for long."""
    prl.inject(deaf=True)
    monkeypatch.setattr(parallels_run, "_ANSWER_S", 0.5)


def test_exec(prl, capfd):
    assert main([*RUN, "--cpus", "2", "--exec", "print(6 * 7)"]) == 0
    out, err = capfd.readouterr()
    assert out == "42\n"
    assert "s UEFI runs our shim\n" in err and "s prompt\n" in err
    assert ["--cpus", "2", "--memsize", "2048"] in [words[1:] for words in prl.calls("set")]
    assert nothing_left(prl)


def test_status_of_a_script(prl, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("raise SystemExit(7)\n")
    assert main([*RUN, str(script)]) == 7
    assert nothing_left(prl)


def test_no_byte_comes_back_and_a_program_wants_to_run(prl, deaf, capfd):
    """Reference P19."""
    assert main([*RUN, "--exec", "print(1)"]) == 1
    out, err = capfd.readouterr()
    assert out == "" and "Traceback" not in err
    assert "nothing typed on the serial line is answered" in err
    for way in ("parallels shot pyrallax-", "parallels type pyrallax-", "telnet", "P19", "--keep"):
        assert way in err
    assert nothing_left(prl)


def test_no_byte_comes_back_and_somebody_watches(deaf, capfd, monkeypatch):
    """The way in is not there, what it says still is."""
    read, write = os.pipe()
    os.close(write)
    monkeypatch.setattr(sys, "stdin", os.fdopen(read))
    assert main(RUN) == 0
    out, err = capfd.readouterr()
    assert "nothing typed on the serial line is answered" in err
    assert out.startswith("Pyrallax fake (build") and out.endswith(">>> ")


def test_a_line_without_ears_and_a_keyboard(prl, capfd):
    """All that a client sends is typed: raw REPL, raw paste, code, control keys."""
    prl.inject(deaf=True)
    code = "print({'é': [1, '~\\t']}, 6 * 7 > 41)"
    assert main([*RUN, "--input", "keyboard", "--exec", code]) == 0
    out, err = capfd.readouterr()
    assert out == "{'é': [1, '~\\t']} True\n" and "Other ways" not in err
    assert prl.keys()[0][0] == {"scancode": 28, "event": "press"}  # does the prompt answer?
    assert nothing_left(prl)


def test_a_keyboard_that_is_locked_out(prl, capfd):
    prl.inject(locked=True)
    assert main([*RUN, "--input", "keyboard", "--exec", "1"]) == 1
    err = capfd.readouterr().err
    assert "the Mac's screen is locked" in err and "Traceback" not in err
    assert nothing_left(prl)


@pytest.mark.parametrize("at", ["list", "create", "set", "start"])
def test_ctrl_c_on_the_way_to_the_prompt(prl, monkeypatch, at):
    """With --keep as well: what does not run yet is nothing to go back to."""
    run, attach = Prlctl.run, ParallelsVm._attach

    def interrupted(self, *words, **options):
        done = run(self, *words, **options)
        if words[0] == at:
            monkeypatch.setattr(Prlctl, "run", run)  # its end is not interrupted
            raise KeyboardInterrupt
        return done

    def attached(self):
        attach(self)
        if at == "start":
            raise KeyboardInterrupt

    prl.inject(no_json=True)  # then list is among what is run
    monkeypatch.setattr(Prlctl, "run", interrupted)
    monkeypatch.setattr(ParallelsVm, "_attach", attached)
    assert main([*RUN, "--keep", "--exec", "print(1)"]) == 130
    assert nothing_left(prl)


def test_a_main_that_runs(prl, capfd, monkeypatch):
    monkeypatch.setattr(stages, "_MAIN_S", 0.5)
    monkeypatch.setattr(ParallelsVm, "prompt_s", 10.0)  # that long it is waited for again
    prl.inject(main=True)
    assert main([*RUN, "--exec", "print(3)"]) == 0
    out, err = capfd.readouterr()
    assert out == "3\n" and "a boot.py or main.py runs" in err


def test_output_only(prl, capfd):
    assert main([*RUN, "--line", "file", "--exec", "print(1)"]) == 1
    assert "nothing typed on the serial line is answered" in capfd.readouterr().err
    assert nothing_left(prl)


def test_not_one_byte(prl, capfd, monkeypatch):
    monkeypatch.setattr(ParallelsVm, "prompt_s", 1.0)
    prl.inject(silent=True)
    assert main([*RUN, "--exec", "print(1)"]) == 1
    err = capfd.readouterr().err
    assert "not one byte on the serial line in 1 s" in err and "--keep" in err
    assert "the screen is in" in err and "Parallels: start: boots" in err


@pytest.mark.parametrize(
    "words, reason",
    [
        (["--gic", "3"], "--gic is only for a QEMU machine"),
        (["--machine-type", "virt-6.1"], "--machine-type is only for a QEMU machine"),
        (["--device", "edu"], "--device is only for a QEMU machine"),
    ],
)
def test_options_of_qemu(prl, capfd, words, reason):
    assert main([*RUN, *words, "--exec", "1"]) == 1
    assert reason in capfd.readouterr().err and prl.calls() == []


@pytest.mark.parametrize(
    "words, reason",
    [
        (["--size", "63"], "size '63': whole MiB"),
        (["--size", "16m"], "the EFI system partition alone takes 65"),
        (["--root", "/nowhere"], "/nowhere is no folder"),
    ],
)
def test_a_disk_that_cannot_be(prl, capfd, monkeypatch, tmp_path, words, reason):
    (tmp_path / "file").touch()
    monkeypatch.setattr(parallels, "make_disk", make.make_disk)
    monkeypatch.setattr(disk, "esp_files", lambda *_: {"file": tmp_path / "file"})
    assert main([*RUN, *words, "--exec", "1"]) == 1
    assert reason in capfd.readouterr().err and nothing_left(prl)


def test_options_of_parallels_on_qemu(capfd):
    assert main(["run", "--keep", "--exec", "1"]) == 1
    assert "--keep is only for --machine parallels" in capfd.readouterr().err


def test_companions(prl, capfd, tmp_path, monkeypatch):
    assert main([*RUN, "--keep", "--name", "box", "--exec", "1"]) == 0
    prl.prlctl("create", "Windows 11", "--ostype", "linux", "--distribution", "linux")
    capfd.readouterr()
    assert main(["parallels", "list"]) == 0
    assert capfd.readouterr().out == "box  running  kept\n"
    assert main(["parallels", "type", "box", "print(1)", "--press", "ctrl-c"]) == 0
    pressed, typed = prl.keys()
    assert pressed[0] == {"scancode": 29, "event": "press"}
    assert typed[-2] == {"scancode": 28, "event": "release"}
    assert main(["parallels", "type", "box", "é"]) == 1
    monkeypatch.setattr(sys, "stdin", (tmp_path / "nothing").open("w+"))
    capfd.readouterr()
    assert main(["parallels", "attach", "box"]) == 0
    assert capfd.readouterr().out.endswith("MicroPython fake\r\n>>> \r\n>>> ")
    monkeypatch.chdir(tmp_path)
    assert main(["parallels", "shot", "box", "a.png"]) == 0  # prlctl is given the whole path
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert main(["parallels", "log", "box"]) == 0
    assert "start: boots" in capfd.readouterr().out
    prl.prlctl("stop", "box", "--kill")
    assert main(["parallels", "attach", "box"]) == 1
    assert "the machine is stopped: pyrallax parallels clean" in capfd.readouterr().err
    for action in (["type", "Windows 11", "x"], ["shot", "Windows 11", "x.png"]):
        assert main(["parallels", *action]) == 1
        assert "Windows 11 is no machine of ours" in capfd.readouterr().err
    assert main(["parallels", "clean"]) == 0
    assert set(prl.vms()) == {"box", "Windows 11"}
    assert main(["parallels", "clean", "--kept"]) == 0
    assert set(prl.vms()) == {"Windows 11"} and Record().entries() == []


def grades():
    return {finding.what: finding for finding in doctor.findings()}


@pytest.fixture
def mac(monkeypatch):
    """A Mac with all that is needed."""
    monkeypatch.setattr(doctor.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor.platform, "machine", lambda: "arm64")
    monkeypatch.setattr(doctor.platform, "mac_ver", lambda: ("26.1", (), "arm64"))
    monkeypatch.setattr(packages, "system", lambda: "brew")
    monkeypatch.setattr(packages, "_missing_brew", lambda names: [])


def test_a_mac_that_is_ready(prl, mac, capfd):
    assert main(["doctor"]) == 0
    out = capfd.readouterr().out
    assert out.endswith("ready: inv run --machine parallels\n") and "BAD" not in out
    assert "ok    macOS 26.1 on Apple silicon" in out
    assert "ok    Parallels Desktop 26.3.2 (57398)" in out
    assert "serial by socket: --socket PATH --socket-mode server" in out
    assert not [words for words in prl.calls() if words[0] in ("create", "start", "delete")]


@pytest.mark.parametrize(
    "failure, what, grade, mend",
    [
        ({"locked": True}, "the screen is locked", "BAD", "unlock"),
        ({"licence": "EXPIRED"}, "licence EXPIRED", "BAD", "sign in"),
        ({"licence": "none"}, "no licence", "BAD", "sign in"),
        ({"licence": "GRACED"}, "licence GRACED", "note", "a start will tell"),
        ({"service": True}, "Parallels Desktop does not answer", "BAD", "open Parallels"),
        ({"no-keys": True}, "this prlctl has no send-key-event", "note", "window"),
    ],
    ids=str,
)
def test_what_the_doctor_finds(prl, mac, failure, what, grade, mend):
    prl.inject(**failure)
    finding = grades()[what]
    assert finding.grade == grade and mend in finding.mend
    assert main(["doctor"]) == (grade == "BAD")


def test_the_doctor_on_what_is_no_mac(prl, capfd):
    assert main(["doctor"]) == 1
    assert "BAD   this is Linux, no Mac\n      -> use --machine uefi" in capfd.readouterr().out


def test_the_doctor_on_a_bare_mac(mac, monkeypatch, tmp_path):
    def no_brew(names):
        raise Refused("Homebrew is not installed: see https://brew.sh, then again")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "_missing_brew", no_brew)
    monkeypatch.setattr(doctor.platform, "machine", lambda: "x86_64")
    found = grades()
    assert found["this Mac is x86_64"].grade == "BAD"
    assert "brew.sh" in found["Homebrew"].mend
    assert "brew install --cask parallels" in found["Parallels Desktop is not installed"].mend
    assert found["whether the screen is locked is not known"].grade == "note"
    assert not [what for what in found if what.startswith("prl")]  # one cause, one line


def test_the_doctor_names_formulae_and_other_machines(prl, mac, monkeypatch):
    monkeypatch.setattr(packages, "_missing_brew", lambda names: ["mtools", "gptfdisk"])
    prl.prlctl("create", "Windows 11", "--ostype", "linux", "--distribution", "linux")
    prl.prlctl("start", "Windows 11")
    found = grades()
    assert found["Homebrew formulae are missing"].mend == "brew install mtools gptfdisk"
    assert found["other machines run (Windows 11); they are left alone"].grade == "note"
