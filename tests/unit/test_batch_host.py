"""The host's side of batch mode: what the serial line says becomes an exit status."""

import argparse
import socket
import threading
from pathlib import Path

import pytest

from pyrallax import batch, run
from pyrallax.vm.config import Unfit
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


class _Machine:
    log_path = Path("serial.log")

    def __init__(self):
        here, self.there = socket.socketpair()
        self.wire = Wire(here.detach())


@pytest.fixture
def follow(capsys):
    """Status of a machine that says this, in pieces, and ends (or stays on)."""
    made = []

    def follow(*pieces, ends=True, timeout=5.0):
        machine = _Machine()
        made.append(machine)
        for piece in pieces:
            machine.there.sendall(piece)
        if ends:
            machine.there.close()
        shown = []
        status = batch.follow(machine, timeout, shown.append)
        assert b"".join(shown) == b"".join(pieces)
        return status, capsys.readouterr().err

    yield follow
    for machine in made:
        machine.wire.close()
        machine.there.close()


def test_status_is_the_last_line(follow):
    assert follow(b"a\r\n=== PYRALLAX EXIT 0 ===\r\n") == (0, "")
    assert follow(b"=== PYRALLAX EXIT 0 ===\r\n=== PYRALLAX EXIT 9 ===\r\n") == (9, "")
    assert follow(b"x === PYRALLAX EXIT 0 ===\r\n=== PYRALLAX EXIT 3 ===\r\n")[0] == 3


def test_no_status(follow):
    for said in (b"", b"a === PYRALLAX EXIT 0 ===\r\n", b"=== PYRALLAX EXIT 0"):
        status, why = follow(said)
        assert status == 1
        assert why.startswith("pyrallax: the machine gave no status: the target closed the line")


def test_panic_wins(follow):
    block = b"=== PYRALLAX PANIC 1 ===\r\nreason x\r\nbuild 00\r\n=== END PANIC ===\r\n"
    status, why = follow(b"=== PYRALLAX EXIT 0 ===\r\n\r\n", block)
    assert status == batch.PANIC_STATUS == 134
    assert "pyrallax: the firmware panicked (serial log: serial.log)" in why


def test_it_never_ends(follow, monkeypatch):
    assert follow(b"busy\r\n", ends=False, timeout=0.2) == (
        124,
        "pyrallax: not done after 0.2 s (serial log: serial.log)\n",
    )
    monkeypatch.setattr(batch, "_OFF_S", 0.1)  # a platform that does not let it power off
    assert follow(b"=== PYRALLAX EXIT 4 ===\r\n", ends=False) == (4, "")


def test_output_comes_as_it_is_said():
    machine = _Machine()
    seen = threading.Event()

    def show(data):
        if b"first" in data:
            seen.set()

    def talk():
        machine.there.sendall(b"first\r\n")
        assert seen.wait(5)
        machine.there.sendall(b"=== PYRALLAX EXIT 0 ===\r\n")
        machine.there.close()

    thread = threading.Thread(target=talk)
    thread.start()
    assert batch.follow(machine, 10, show) == 0
    thread.join()
    machine.wire.close()


def _options(*words):
    commands = argparse.ArgumentParser().add_subparsers()
    run.add_to(commands)
    return commands.choices["run"].parse_args([str(word) for word in words])


def test_refusals(tmp_path):
    script = tmp_path / "a.py"
    script.write_text("pass")
    batch.check_options(_options("--batch", script))
    for words, why in (
        ([tmp_path / "none.py"], "there is no .*none.py"),
        ([tmp_path], "has no autorun.py"),
        ([script, "--pty"], "leave out --pty"),
        ([script, "--exec", "1"], "leave out --pty, --exec"),
        ([script, script], "scripts"),
        ([script, "--serial", "/dev/tty9"], "leave out --serial"),
        ([script, "--machine", "parallels", "--root", tmp_path], "leave out --root"),
        ([script, "--keep"], "--keep is only for --machine parallels"),
    ):
        with pytest.raises(Unfit, match=why):
            batch.run(_options("--batch", *words))


def test_machine_of_parallels(tmp_path):
    script = tmp_path / "a.py"
    script.write_text("pass")
    words = ["--machine", "parallels", "--name", "n", "--cmdline", "loglevel=6", "--memory", 512]
    vm = batch.prepared(_options("--batch", script, *words), tmp_path)
    assert vm.name == "n" and vm.config.cmdline == "batch panic=off loglevel=6"
    assert (vm.config.memory, vm.config.size) == (512, "96m")
    assert [path.name for path in vm.config.root.iterdir()] == ["autorun.py"]


def test_many_small_files_fit(tmp_path, monkeypatch):
    """Each takes a block and an inode, however short it is."""
    made = []
    monkeypatch.setattr(batch, "machine", lambda kind, name, **options: made.append(options))
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "autorun.py").write_text("pass")
    for n in range(5000):
        (folder / f"{n}.txt").write_text("short")
    batch.prepared(_options("--batch", folder, "--machine", "direct"), tmp_path)
    assert f"file={tmp_path / 'root.img'}" in made[0]["extra"][-1]
