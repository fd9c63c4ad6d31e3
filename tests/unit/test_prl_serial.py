"""The serial line of a machine in Parallels: none of its bytes is lost while nobody reads."""

import os
import socket
import threading
import time

import pytest

from pyrallax.vm.config import Unfit
from pyrallax.vm.prl import serial
from pyrallax.wire import WireClosed

pytestmark = pytest.mark.host

MORE = 4 << 20  # bytes: more than any system's socket holds


def read(wire, count):
    got = b""
    while len(got) < count:
        more = wire.read(20)
        assert more, len(got)
        got += more
    return got


def test_a_file_that_nobody_reads_for_a_while(tmp_path):
    """On a Mac 8 KiB of output are enough."""
    said = os.urandom(MORE)
    (tmp_path / "serial").write_bytes(said)
    file = serial.File(tmp_path / "serial", None, None, lambda: "")
    time.sleep(1.3)
    assert read(file.wire, MORE) == said
    file.close()
    file.wire.close()


def test_the_last_words_of_a_machine_that_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(serial, "_ASK_S", 0.05)
    path = tmp_path / "serial"
    asked = iter(["busy", "", "stopped", "stopped"])

    def why():
        said = next(asked, "stopped")
        if said == "stopped":
            path.write_bytes(b"panic")
        return said

    file = serial.File(path, None, None, why)
    assert read(file.wire, 5) == b"panic"
    with pytest.raises(WireClosed, match="stopped"):
        assert file.wire.read(20)
    file.close()
    file.wire.close()


def test_a_file_that_cannot_be_opened(tmp_path):
    (tmp_path / "serial").mkdir()
    file = serial.File(tmp_path / "serial", None, None, lambda: "")
    with pytest.raises(WireClosed, match="serial: Is a directory"):
        assert file.wire.read(20)
    file.close()
    file.wire.close()


def test_a_file_that_nobody_ever_reads_is_closed_at_once(tmp_path):
    (tmp_path / "serial").write_bytes(bytes(MORE))
    file = serial.File(tmp_path / "serial", None, None, lambda: "")
    time.sleep(0.1)
    start = time.monotonic()
    file.close()
    assert time.monotonic() - start < 3 and not file._thread.is_alive()
    file.wire.close()


def test_parallels_is_asked_once_a_second_why_no_socket_comes(tmp_path):
    """Each question is a call of prlctl, half a second of a busy Mac."""
    asked = []
    with pytest.raises(Unfit, match="made no serial socket"):
        serial.connect(tmp_path / "none", 2.5, None, None, lambda: asked.append(1) or "")
    assert 1 <= len(asked) <= 2


def test_a_socket_that_comes_late(tmp_path):
    path = tmp_path / "serial"
    listener = socket.socket(socket.AF_UNIX)

    def listen():
        listener.bind(str(path))
        time.sleep(0.1)  # refused meanwhile
        listener.listen(1)
        with listener.accept()[0] as line:
            line.sendall(b"hello")

    timer = threading.Timer(0.1, listen)
    timer.start()
    wire = serial.connect(path, 20, None, None, lambda: "")
    assert read(wire, 5) == b"hello"
    wire.close()
    timer.join()
    listener.close()


def test_a_path_that_a_socket_can_have(tmp_path, monkeypatch):
    """macOS has room for 103 bytes, and its own TMPDIR takes 49."""
    for folder in (tmp_path, tmp_path / ("x" * 80)):
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(serial.tempfile, "tempdir", str(folder))
        made = serial.socket_folder()
        assert len(os.fsencode(made / "serial")) <= 103
        made.rmdir()
