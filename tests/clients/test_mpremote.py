"""mpremote from PyPI, unmodified, on a PTY."""

import os
import pty as host_pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.boot


def test_exec_eval_run(pty, tmp_path):
    assert pty.mpremote("exec", "print(6 * 7)") == b"42\r\n"
    assert pty.mpremote("eval", "1 << 40").strip() == b"1099511627776"
    script = tmp_path / "script.py"
    script.write_text("for i in range(3):\n    print('line', i)\n")
    assert pty.mpremote("run", script).split() == b"line 0 line 1 line 2".split()


def test_files(pty, tmp_path):
    data = os.urandom(50_000)
    source, back = tmp_path / "data.bin", tmp_path / "back.bin"
    source.write_bytes(data)
    pty.mpremote("fs", "cp", source, ":data.bin")
    assert b"50000" in pty.mpremote("fs", "ls")
    pty.mpremote("fs", "cp", ":data.bin", back)
    assert back.read_bytes() == data
    pty.mpremote("fs", "mkdir", ":d", "+", "fs", "cp", ":data.bin", ":d/copy.bin")
    assert b"copy.bin" in pty.mpremote("fs", "tree")
    assert len(pty.mpremote("fs", "sha256sum", ":d/copy.bin").strip()) >= 64
    pty.mpremote("fs", "rm", "-r", ":d", "+", "fs", "rm", ":data.bin")
    pty.mpremote("df")


def test_mount_runs_files_of_the_host(pty, tmp_path):
    (tmp_path / "hostmod.py").write_text("VALUE = 'from the host'\n")
    (tmp_path / "blob.bin").write_bytes(bytes(range(256)) * 16)
    code = (
        "import hostmod; print(hostmod.VALUE)\n"
        "print(open('blob.bin', 'rb').read() == bytes(range(256)) * 16)\n"
        "f = open('made.txt', 'w'); f.write('on the target'); f.close()"
    )
    out = pty.mpremote("mount", tmp_path, "exec", code)
    assert b"from the host" in out and b"True" in out
    assert (tmp_path / "made.txt").read_text() == "on the target"


def test_clock_and_reset(pty):
    pty.mpremote("rtc", "--set")
    assert pty.mpremote("rtc").strip().startswith(b"(20")
    pty.mpremote("reset")
    time.sleep(2)
    assert pty.mpremote("exec", "print('up again')") == b"up again\r\n"


class _Terminal:
    """A client in a terminal of its own."""

    def __init__(self, *argv: str):
        self.fd, slave = host_pty.openpty()
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)

    def type(self, keys: bytes, *answers: bytes, seconds: float = 60) -> bytes:
        """Press keys and wait for one of the texts that may come after."""
        os.write(self.fd, keys)
        seen = b""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                seen += os.read(self.fd, 4096)
            for answer in answers:
                if answer in seen:
                    return answer
        raise AssertionError(seen)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fd)


@pytest.fixture
def terminal():
    """terminal(*argv) -> _Terminal; all end with the test."""
    opened = []

    def make(*argv):
        opened.append(_Terminal(*map(str, argv)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


_MPREMOTE = Path(sys.executable).parent / "mpremote"


def test_repl(pty, terminal):
    client = terminal(_MPREMOTE, "connect", pty.path, "repl")
    client.type(b"", b"Ctrl-]")
    client.type(b"\r", b">>> ")
    client.type(b"print(1234 * 5678)\r", b"7006652")
    client.type(b"while True: print('turn')\r\r", b"turn\r\nturn")
    client.type(b"\x03", b"KeyboardInterrupt")
    os.write(client.fd, b"\x18")
    assert client.process.wait(60) == 0


def test_mount_survives_a_soft_reset_in_the_repl(pty, tmp_path, terminal):
    (tmp_path / "hostmod.py").write_text("VALUE = 'from' + ' the host'\n")
    client = terminal(_MPREMOTE, "connect", pty.path, "mount", tmp_path, "repl")
    client.type(b"", b"Ctrl-]")
    client.type(b"import hostmod; hostmod.VALUE\r", b"from the host")
    # mpremote itself gives up mounting again after 0.5 s without an answer: a busy host's fault.
    for _ in range(5):
        client.type(b"\x04", b">>> ")
        found = client.type(b"import hostmod; hostmod.VALUE\r", b"from the host", b"ImportError")
        if found == b"from the host":
            break
    assert found == b"from the host"
