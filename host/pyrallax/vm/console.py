"""This terminal as the console of a machine.  Ctrl-A x leaves; every other key is the guest's."""

import contextlib
import errno
import os
import select
import sys
import termios
import time
import tty

from ..wire import Wire, WireClosed

_CTRL_A = 1
_PROMPTS = (b">>> ", b"\n=> ")  # Python's and ush's, four bytes each
# Also in a block, in paste mode, after a panic, in the raw REPL.
_READS = (*_PROMPTS, b"... ", b"=== ", b"pm> ", b"\n>", b"\x04>")
_DEAF_S = 60.0  # not one byte after input that has ended: nobody reads it
_QUIET_S = 2.0  # without output at a prompt after the end of stdin: all has been answered
LEAVE = "Ctrl-A x leaves, Ctrl-A Ctrl-A sends a Ctrl-A; all other keys go to the machine."


class Keys:
    """Splits typed bytes into what goes to the guest and the wish to leave."""

    def __init__(self) -> None:
        self._escaped = False

    def feed(self, typed: bytes) -> tuple[bytes, bool]:
        """(bytes for the guest, whether to leave)."""
        out = bytearray()
        for key in typed:
            if not self._escaped:
                self._escaped = key == _CTRL_A
                if not self._escaped:
                    out.append(key)
                continue
            self._escaped = False
            if key in b"xX":
                return bytes(out), True
            if key == _CTRL_A:
                out.append(key)
            else:
                out += bytes([_CTRL_A, key])
        return bytes(out), False


def interact(wire: Wire) -> str:
    """Connect stdin and stdout to the machine until the user leaves, or stdin or the machine ends.

    Input that is no terminal waits for the first prompt; after its end the output goes on until a
    prompt has been quiet for a while, or no input was ever answered.  Why it ended: "left", "eof"
    or a reason in words.
    """
    fd = sys.stdin.fileno()
    saved = termios.tcgetattr(fd) if os.isatty(fd) else None
    keys = Keys()
    seen = last = b""
    watched = [fd, wire.fd] if saved else [wire.fd]
    sent = answered = False
    ended = 0.0
    put_back = True  # perhaps; select() does not know of it
    try:
        if saved:
            tty.setraw(fd)
        while True:
            wait = 0 if put_back else _QUIET_S if ended else None
            ready = select.select(watched, [], [], wait)[0]
            if not ready and not put_back and seen.endswith(_READS):
                return "eof"
            if ended and sent and not answered and time.monotonic() - ended > _DEAF_S:
                return f"nothing came back in {_DEAF_S:.0f} s: the machine does not read its line"
            put_back = False
            if fd in ready:
                typed = _read(fd)
                data, leave = keys.feed(typed)
                if not typed:
                    if saved:  # the terminal is gone
                        return "eof"
                    ended = time.monotonic()
                    watched.remove(fd)
                    data = b"\r" if last >= b" " else b""  # the end of a file ends its last line
                wire.write(data, None)
                if leave:
                    return "left"
                if data:
                    last, seen, sent = data[-1:], b"", True
            data = wire.read(0)  # also what write() took in
            answered = answered or (sent and data != b"")
            _write_all(sys.stdout.fileno(), data)
            seen = (seen + data)[-4:]
            if seen in _PROMPTS and fd not in watched and not ended:
                watched.append(fd)
    except WireClosed as why:
        return str(why)
    finally:
        if saved:
            with contextlib.suppress(termios.error):  # it is gone
                termios.tcsetattr(fd, termios.TCSADRAIN, saved)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 4096)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""  # a terminal that hung up


def _write_all(fd: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(fd, data) :]
        except BlockingIOError:
            select.select([], [fd], [])
