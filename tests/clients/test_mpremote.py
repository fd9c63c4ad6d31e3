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


def test_mount_survives_a_soft_reset(pty, tmp_path):
    (tmp_path / "hostmod.py").write_text("VALUE = 'again'\n")
    words = ["mount", tmp_path, "soft-reset", "exec", "print(1)"]
    assert b"1" in pty.mpremote(*words)


def test_clock_and_reset(pty):
    pty.mpremote("rtc", "--set")
    assert pty.mpremote("rtc").strip().startswith(b"(20")
    pty.mpremote("reset")
    time.sleep(2)
    assert pty.mpremote("exec", "print('up again')") == b"up again\r\n"


def test_repl(pty):
    """The interactive client in a terminal of its own: type, see the answer, leave by Ctrl-X."""
    master, slave = host_pty.openpty()
    argv = [str(Path(sys.executable).parent / "mpremote"), "connect", pty.path, "repl"]
    with subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave) as client:
        os.close(slave)
        seen = b""

        def until(text: bytes, seconds: float) -> None:
            nonlocal seen
            end = time.monotonic() + seconds
            while text not in seen and time.monotonic() < end:
                if select.select([master], [], [], 0.1)[0]:
                    seen += os.read(master, 4096)
            assert text in seen, seen

        try:
            until(b"Ctrl-]", 10)
            os.write(master, b"\r")
            until(b">>> ", 5)
            os.write(master, b"print(1234 * 5678)\r")
            until(b"7006652", 5)
            os.write(master, b"\x18")
            assert client.wait(10) == 0
        finally:
            client.kill()
            os.close(master)
