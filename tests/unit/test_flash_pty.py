"""The commands as a user types them; behind a PTY the loader under MicroPython's unix port."""

import os
import pty
import random
import subprocess
import sys
import tty
from pathlib import Path

import pytest

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.host
MIB = 1 << 20
SERVER = Path(__file__).with_name("loader_server.py")
PATHS = ("tests/sim", "frozen/blk", "frozen/system")


class Behind:
    """A loader that serves a PTY.  path: its device; end(): wait for it, the disk's bytes."""

    def __init__(self, disk):
        master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        places = ":".join([".frozen", *(str(ROOT / folder) for folder in PATHS)])
        self._disk = disk
        self._slave = slave  # or the master would see an end between two clients
        self._process = subprocess.Popen(
            [BUILD / "unix" / "micropython", "-X", "heapsize=64m", SERVER, disk],
            env={**os.environ, "MICROPYPATH": places},
            stdin=master,
            stdout=master,
            stderr=subprocess.PIPE,
        )
        self._master = master  # or the line would end with what nobody has read yet

    def end(self):
        said = self._process.communicate(timeout=20)[1]
        assert self._process.returncode == 0, said.decode()
        return self._disk.read_bytes()

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()
        os.close(self._slave)
        os.close(self._master)


# No prompt is behind these PTYs: what a user waits until that is certain need not pass here.
_COMMAND = """
import sys
from pyrallax.__main__ import main
from pyrallax.flash import session
session._PROMPT_S = 0.2
sys.exit(main(sys.argv[1:]))
"""


def run(*words):
    argv = [sys.executable, "-c", _COMMAND, *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "host")}
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, env=env)


@pytest.fixture
def behind(tmp_path):
    (tmp_path / "disk").write_bytes(random.Random(1).randbytes(MIB))
    behind = Behind(tmp_path / "disk")
    yield behind
    behind.kill()


@pytest.mark.parametrize("kind", ["random", "text"])
def test_flash(behind, tmp_path, kind):
    before = (tmp_path / "disk").read_bytes()
    data = random.Random(2).randbytes(150_001) if kind == "random" else b"some text\n" * 30_000
    (tmp_path / "image").write_bytes(data)
    done = run("flash", tmp_path / "image", "--partition", "@9", "--serial", behind.path)
    assert done.returncode == 0, done.stderr
    assert f"sd0: {len(data)} bytes are there, verified on the target" in done.stdout
    at = 9 * 512
    assert behind.end() == before[:at] + data + before[at + len(data) :]


def test_readback(behind, tmp_path):
    before = (tmp_path / "disk").read_bytes()
    out = tmp_path / "out"
    words = ("--partition", "sd0", "--size", "100k", "--serial", behind.path)
    done = run("readback", out, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_bytes() == before[: 100 << 10] and sorted(os.listdir(tmp_path)) == [
        "disk",
        "out",
    ]
    assert behind.end() == before


def test_readback_leaves_what_it_did_not_make(behind, tmp_path):
    (tmp_path / "out.part").write_text("the user's")
    (tmp_path / "out").write_text("an older one")
    (tmp_path / "link").symlink_to("out")
    words = ("--partition", "sd0", "--size", "4k", "--serial", behind.path)
    done = run("readback", tmp_path / "link", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out.part").read_text() == "the user's"
    assert (tmp_path / "link").is_symlink() and (tmp_path / "out").stat().st_size == 4096
    (tmp_path / "as the umask has it").touch()
    modes = {(tmp_path / name).stat().st_mode for name in ("out", "as the umask has it")}
    assert len(modes) == 1
    assert sorted(os.listdir(tmp_path)) == [
        "as the umask has it",
        "disk",
        "link",
        "out",
        "out.part",
    ]
    behind.end()


WRONG = {
    "place": (("flash", "image", "--partition", "root"), "root is not there; the target has sd0"),
    "room": (
        ("flash", "image", "--partition", "sd0"),
        "the image has 2097152 bytes, there is room",
    ),
    "empty": (("flash", "empty", "--partition", "sd0"), "the image is empty"),
    "long": (("readback", "out", "--partition", "sd0", "--size", "2m"), "sd0 has 1048576 bytes"),
    "no firmware": (("ramboot", "image"), "loading image: "),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_prompt_after_what_goes_wrong(behind, tmp_path, what):
    """One line, and the loader is left: nobody finds a machine that is silent."""
    before = (tmp_path / "disk").read_bytes()
    (tmp_path / "image").write_bytes(bytes(2 * MIB))
    (tmp_path / "empty").touch()
    words, reason = WRONG[what]
    done = run(words[0], tmp_path / words[1], *words[2:], "--serial", behind.path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert reason in done.stderr
    assert behind.end() == before
    assert sorted(os.listdir(tmp_path)) == ["disk", "empty", "image"]


def test_what_is_wrong_before_the_line_is_touched(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "image").write_bytes(b"some")
    os.mkfifo(tmp_path / "pipe")
    for words, reason in (
        (("flash", tmp_path / "none", "--partition", "sd0"), "none: No such file"),
        (("flash", tmp_path / "folder", "--partition", "sd0"), "folder: Is a directory"),
        (("flash", tmp_path / "image", "--partition", "sd0"), "no-line"),
        (("readback", tmp_path / "no" / "file", "--partition", "sd0"), "No such file"),
        (("readback", tmp_path / "folder", "--partition", "sd0"), "is a directory: name a file"),
        (("readback", ".", "--partition", "sd0"), ".: is a directory: name a file"),
        (("readback", tmp_path / "pipe", "--partition", "sd0"), "pipe: is no plain file"),
        (("readback", tmp_path / "new", "--partition", "sd0"), "no-line"),
        (("ramboot", tmp_path / "folder"), "folder: Is a directory"),
    ):
        done = run(*words, "--serial", tmp_path / "no-line")
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        assert reason in done.stderr
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(os.listdir(tmp_path)) == ["folder", "image", "pipe"]
    for size in ("-5", "0", "1.5g", "m"):
        words = ("readback", tmp_path / "out", "--partition", "sd0", f"--size={size}")
        done = run(*words, "--serial", tmp_path / "no-line")
        assert done.returncode == 2 and f"{size}: a number of bytes" in done.stderr, done.stderr
