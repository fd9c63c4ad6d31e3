"""The serial line of a machine that somebody else started."""

import os
import socket
from pathlib import Path

import pytest

from pyrallax.line import open_line
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host


def exchange(wire, send, receive):
    """A byte that a tty would change, both ways."""
    wire.write(b"\r\x03")
    assert receive(10) == b"\r\x03"
    send(b"\x04\r\n")
    assert wire.read(5) == b"\x04\r\n"


def test_a_pty():
    ours, theirs = os.openpty()
    wire = open_line(Path(os.ttyname(theirs)))
    try:
        exchange(wire, lambda data: os.write(ours, data), lambda n: os.read(ours, n))
    finally:
        wire.close()
        os.close(ours)
        os.close(theirs)


def test_a_socket(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "serial"))
        server.listen()
        wire = open_line(tmp_path / "serial")
        try:
            with server.accept()[0] as peer:
                exchange(wire, peer.sendall, peer.recv)
        finally:
            wire.close()


def test_what_is_no_line(tmp_path):
    """A file keeps what it has."""
    log = tmp_path / "a log"
    log.write_text("kept")
    gone = tmp_path / "gone"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(gone))  # nobody listens
    for path, words in ((log, "no serial line"), (tmp_path, "no serial line")):
        with pytest.raises(Unfit, match=words):
            open_line(path)
    for path in (tmp_path / "none", gone):
        with pytest.raises(Unfit, match=r"(No such file|refused)"):
            open_line(path)
    assert log.read_text() == "kept"
