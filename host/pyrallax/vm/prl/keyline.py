"""A wire whose input goes by the machine's keyboard, where its serial line takes none.

The firmware must read that keyboard at its prompt.  Slow: half a second for each call of prlctl
and 40 ms for a key, so what comes in one go is typed in one call.
"""

import re
import select
import socket
import threading
from collections.abc import Callable, Iterator

from ...wire import Wire, WireClosed
from ..config import Unfit
from ..keys import Chord, chords

_GATHER_S = 0.05  # a pause so long ends a batch
_LARGEST = 256  # bytes of a batch: 10 s of typing
_CONTROL = {"\r": "ret", "\n": "ret", "\t": "tab", "\b": "backspace", "\x7f": "backspace"}
_SEQUENCES = {
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1b[C": "right",
    "\x1b[D": "left",
    "\x1b[H": "home",
    "\x1b[F": "end",
    "\x1b[3~": "delete",
    "\x1b": "esc",
}
_TOKEN = re.compile("|".join(re.escape(text) for text in _SEQUENCES) + "|.", re.S)


def keys_of(data: bytes, skip: Callable[[ValueError], None] | None = None) -> Iterator[Chord]:
    """The keys that a terminal's bytes mean.  skip: gets the error for each byte that no key
    types; raises ValueError without it.
    """
    for token in _TOKEN.findall(data.decode("latin-1")):
        if name := _SEQUENCES.get(token) or _CONTROL.get(token):
            yield (name,)
        elif "\x01" <= token <= "\x1a":
            yield ("ctrl", chr(ord(token) | 0x60))
        else:
            try:
                yield from chords(token)
            except ValueError as why:
                if not skip:
                    raise
                skip(why)


class KeyLine:
    """wire: what the machine says on `serial`, with keys for what is sent.

    serial: its line, which this owns from now on.  press: types chords, in one call.  say: is
    told once that there are bytes which no key types; they are skipped.
    """

    def __init__(
        self,
        serial: Wire,
        press: Callable[[list[Chord]], None],
        say: Callable[[str], None],
        **options,
    ):
        self._serial = serial
        self._press = press
        self._say = say
        self._skipped = False
        self._why = ""
        self._ended = threading.Event()
        ours, self._theirs = socket.socketpair()
        self.wire = Wire(ours.detach(), why_closed=lambda: self._why, **options)
        self._threads = [
            threading.Thread(target=carry, daemon=True) for carry in (self._output, self._input)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both directions; `wire` is its owner's to close, before this."""
        self._end("the line was closed")
        for thread in self._threads:
            thread.join(5)
        self._serial.close()
        self._theirs.close()

    def _end(self, why: str) -> None:
        self._why = self._why or why
        self._ended.set()
        try:
            self._theirs.shutdown(socket.SHUT_RDWR)
        except OSError:  # the other end went first
            pass

    def _output(self) -> None:
        try:
            while not self._ended.is_set():
                self._theirs.sendall(self._serial.read(0.2))
        except (WireClosed, OSError) as why:
            self._end(str(why))

    def _input(self) -> None:
        try:
            while not self._ended.is_set():
                # No time limit on the socket: _output() would have it, too.
                data = self._theirs.recv(_LARGEST)
                if not data:
                    return
                while len(data) < _LARGEST and select.select([self._theirs], [], [], _GATHER_S)[0]:
                    more = self._theirs.recv(_LARGEST - len(data))
                    if not more:
                        break
                    data += more
                if keys := list(keys_of(data, self._skip)):
                    self._press(keys)
        except (Unfit, OSError) as why:
            self._end(str(why))

    def _skip(self, why: ValueError) -> None:
        if not self._skipped:
            self._skipped = True
            self._say(f"{why}: what no key types is left out")
