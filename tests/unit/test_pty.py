"""The PTY in front of a serial line: a client that goes at a bad moment ends nothing."""

import errno
import os
import socket

import pytest

from pyrallax.vm import pty
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


def test_a_client_that_goes_before_it_is_written_to(monkeypatch):
    """A BSD refuses the write then, Linux takes it."""
    ours, theirs = socket.socketpair()
    bridge = pty.Bridge(Wire(ours.detach()))
    client = os.open(bridge.path, os.O_RDWR | os.O_NOCTTY)
    write = os.write

    def gone(fd, data):
        if fd == bridge._master:
            raise OSError(errno.EIO, "Input/output error")
        return write(fd, data)

    theirs.sendall(b"to nobody")
    monkeypatch.setattr(pty.os, "write", gone)
    bridge.step(5)
    monkeypatch.undo()
    theirs.sendall(b"to it")
    bridge.step(5)
    assert os.read(client, 100) == b"to it"
    os.close(client)
    bridge.close()
    bridge._wire.close()
    theirs.close()
