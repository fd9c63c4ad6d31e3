"""What a terminal sends, as keys."""

import socket
import threading
import time

import pytest

from pyrallax.vm.prl.keyline import KeyLine, keys_of
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


@pytest.mark.parametrize(
    "data, keys",
    [
        (b"a A", [("a",), ("spc",), ("shift", "a")]),
        (b"\r\n", [("ret",), ("ret",)]),
        (b"\x01\x03\x04\x05\x1a", [("ctrl", c) for c in "acdez"]),
        (b"\t\x08\x7f", [("tab",), ("backspace",), ("backspace",)]),
        (b"\x1b[A\x1b[3~\x1b[", [("up",), ("delete",), ("esc",), ("bracket_left",)]),
        (b"", []),
    ],
)
def test_keys(data, keys):
    assert list(keys_of(data)) == keys


@pytest.mark.parametrize("data", [b"\x00", b"\x1c", b"\xff", "é".encode()])
def test_what_no_key_types(data):
    with pytest.raises(ValueError, match="keyboard has no"):
        list(keys_of(data))


@pytest.fixture
def keyline():
    """(its wire, the machine's end of the serial line, batches of keys, what it said)."""
    ours, machine = socket.socketpair()
    pressed, said = [], []
    line = KeyLine(Wire(ours.detach()), pressed.append, said.append)
    yield line.wire, machine, pressed, said
    line.wire.close()
    line.close()
    machine.close()


def test_what_no_key_types_is_told_once_and_left_out(keyline):
    wire, machine, pressed, said = keyline
    for batches, text in enumerate(("aé", "éb"), 1):
        wire.write(text.encode())
        deadline = time.monotonic() + 20
        while len(pressed) < batches and time.monotonic() < deadline:
            time.sleep(0.01)
    assert pressed == [[("a",)], [("b",)]]
    assert len(said) == 1 and "left out" in said[0]
    machine.sendall(b"alive")
    assert wire.read(20) == b"alive"


def test_a_burst_of_output_while_keys_are_typed():
    """More than a socket holds, and nobody reads it meanwhile."""
    ours, machine = socket.socketpair()
    typing, typed = threading.Event(), threading.Event()

    def press(_):
        typing.set()
        typed.wait(20)

    line = KeyLine(Wire(ours.detach()), press, print)
    line.wire.write(b"a")
    assert typing.wait(20)
    burst = b"~" * (4 << 20)
    sender = threading.Thread(target=machine.sendall, args=(burst,), daemon=True)
    sender.start()
    time.sleep(0.3)
    typed.set()
    got = 0
    while got < len(burst):
        more = line.wire.read(20)
        assert more
        got += len(more)
    sender.join(20)
    line.wire.close()
    line.close()
    machine.close()
