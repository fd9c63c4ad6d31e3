"""What the benchmark of the serial line takes for a result."""

import socket
from types import SimpleNamespace

import pytest

from pyrallax.flash import bench
from pyrallax.repl import Repl
from pyrallax.vm.config import Unfit
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


def seconds(answer):
    """Of a line whose target answers so."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(answer)
        wire = Wire(ours.detach())
        try:
            return bench._line_seconds(
                SimpleNamespace(wire=wire, repl=lambda: Repl(wire)), b"data"
            )
        finally:
            wire.close()


def test_a_line_that_carried_everything():
    assert seconds(b"OKgo\r\n\x04\x04>") >= 0


def test_a_measurement_that_raised_is_no_figure():
    raised = b"Traceback (most recent call last):\r\nTypeError: unsupported types\r\n"
    with pytest.raises(Unfit, match=r"not measured: TypeError: unsupported types$"):
        seconds(b"OKgo\r\n\x04" + raised + b"\x04>")
