"""Client of MicroPython's raw REPL: run code on a target, get results, move files.

Protocol: docs.micropython.org, reference/repl, "Raw mode and raw-paste mode".
"""

import ast
import base64
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .wire import Wire, WireClosed

_BANNER = b"raw REPL; CTRL-B to exit\r\n>"
_PROMPTS = (b">>> ", b"\n=> ")  # Python's and ush's
_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D = b"\x01", b"\x02", b"\x03", b"\x04"
_QUIET_S = 0.05  # nothing for so long: the target has said what it had to say
_TRY_S = 2.0  # one attempt at the raw REPL
_PUT_CHUNK = 3072  # bytes of a file per statement, before base64
_GET_CHUNK = 1536  # a multiple of 3, so that the pieces join to one base64 text
_PANIC = b"\r\n=== PYRALLAX PANIC "
_END_PANIC = b"=== END PANIC"
_PM_PROMPT = b"\r\npm> "
_PANIC_S = 5.0  # the whole block; a fault while reporting may cut it short


class ReplError(Exception):
    """The target does not speak the protocol.  str(): what was expected and what came last."""


class ReplTimeout(ReplError):
    """Nothing, or not enough, within the time given."""


class TargetError(Exception):
    """Code on the target raised.  traceback: the target's text; stdout: printed before it."""

    def __init__(self, traceback: str, stdout: str):
        lines = traceback.strip().splitlines()
        super().__init__(lines[-1] if lines else "exception without text")
        self.traceback = traceback
        self.stdout = stdout


class TargetPanic(Exception):
    """The firmware panicked.  block: from first to last line; stdout: what came before it."""

    def __init__(self, block: str, stdout: str):
        reason = next((line for line in block.splitlines() if line.startswith("reason ")), "")
        super().__init__(f"the firmware panicked: {reason.removeprefix('reason ')}\n{block}")
        self.block = block
        self.stdout = stdout


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def _may_begin_panic(data: bytes) -> int:
    """How many bytes at the end of data may be the begin of a panic block.

    Not a CRLF alone, with which every line ends; a CR alone, so that no piece ends inside a CRLF.
    """
    for count in range(min(len(data), len(_PANIC) - 1), 0, -1):
        if count != 2 and data.endswith(_PANIC[:count]):
            return count
    return 0


class Result(NamedTuple):
    """What a piece of code wrote: output, and the traceback if it raised (else empty)."""

    stdout: bytes
    stderr: bytes


class Repl:
    """Drives the prompt at the other end of `wire`.  timeout: seconds a call may take."""

    def __init__(self, wire: Wire, timeout: float = 30.0):
        self.wire = wire
        self.timeout = timeout
        self.panic: TargetPanic | None = None  # the last that was met
        self.window: int | None = None  # raw paste: bytes per grant; 0: target has no raw paste
        self._raw = False

    # ---- the line

    def read_until(self, end: bytes, timeout: float) -> bytes:
        """Everything up to and with `end`, whatever it is.  Raises ReplTimeout, WireClosed."""
        deadline = time.monotonic() + timeout
        got = bytearray()
        while True:
            searched = len(got)
            got += self._more(deadline, timeout, end, got)
            at = got.find(end, max(0, searched - len(end) + 1))
            if at >= 0:
                self.wire.unread(bytes(got[at + len(end) :]))
                return bytes(got[: at + len(end)])

    def _answer(self, end: bytes, timeout: float, sink: Callable | None = None) -> bytes:
        """As read_until(), but a panic block that comes first raises TargetPanic.

        sink: gets everything less `end` in pieces as it comes, and nothing is returned.
        """
        deadline = time.monotonic() + timeout
        got = bytearray()
        given = 0  # to the sink, of what is still in `got`
        while True:
            searched = len(got)
            got += self._more(deadline, timeout, end, got)
            at = got.find(end, max(0, searched - len(end) + 1))
            panic = got.find(_PANIC, max(0, searched - len(_PANIC) + 1))
            done = at >= 0 or panic >= 0
            if sink:
                kept = 0 if done else max(_may_begin_panic(got), len(end) - 1)
                upto = min(i for i in (at, panic, len(got) - kept) if i >= 0)
                sink(bytes(got[given:upto]))
                given = max(given, upto)
            if panic >= 0 and (at < 0 or panic < at):
                self._panicked(bytes(got))
            if at >= 0:
                self.wire.unread(bytes(got[at + len(end) :]))
                return b"" if sink else bytes(got[: at + len(end)])
            if sink and given > 2:  # keep what may be the CRLF of a panic block
                del got[: given - 2]
                given = 2

    def _more(self, deadline: float, timeout: float, end: bytes, got: bytes) -> bytes:
        """What comes before the deadline, `timeout` s after the start.  Raises ReplTimeout."""
        left = deadline - time.monotonic()
        data = self.wire.read(max(0, left))
        if not data and left <= 0:
            self._raw = False
            raise ReplTimeout(f"no {end!r} in {timeout:g} s; last came {bytes(got[-200:])!r}")
        return data

    def _panicked(self, got: bytes) -> None:
        """Raise TargetPanic if a panic block begins in what came; its rest is taken in."""
        start = got.find(_PANIC)
        if start < 0:
            return
        self._raw = False
        block = got[start + 2 :]
        deadline = time.monotonic() + _PANIC_S
        try:
            while not (end := re.search(_END_PANIC + b".*\n", block)):
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                block += self.wire.read(left)
        except WireClosed:
            end = None  # panic=off; what came is all there is
        if end:
            self.wire.unread(block[end.end() :])
            block = block[: end.end()]
        self.panic = TargetPanic(_text(block), _text(got[:start]))
        raise self.panic

    def _read_exactly(self, count: int, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        got = b""
        while len(got) < count:
            left = deadline - time.monotonic()
            if left <= 0:
                self._raw = False
                raise ReplTimeout(f"{count} bytes expected in {timeout:g} s, came {got!r}")
            got += self.wire.read(left, count - len(got))
        return got

    def drain(self, quiet: float = _QUIET_S, limit: float = 2.0) -> bytes:
        """Take what comes until nothing has come for `quiet` seconds, `limit` at most."""
        deadline = time.monotonic() + limit
        got = b""
        while time.monotonic() < deadline:
            more = self.wire.read(quiet)
            if not more:
                break
            got += more
        return got

    # ---- modes

    def enter_raw(self, timeout: float | None = None) -> None:
        """Interrupt whatever runs and enter the raw REPL; tries again while time is left.

        Raises ReplTimeout, TargetPanic.
        """
        timeout = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + timeout
        last: Exception | None = None
        while (left := deadline - time.monotonic()) > 0:
            try:
                self.wire.write(b"\r" + _CTRL_C + (_CTRL_C if last else b""), left)
                self._panicked(self.drain())
                self.wire.write(b"\r" + _CTRL_A, left)
                self._answer(_BANNER, min(left, _TRY_S))
                self._raw = True
                return
            except (ReplTimeout, TimeoutError) as why:
                last = why
        raise ReplTimeout(f"no raw REPL within {timeout:g} s: {last}")

    def exit_raw(self) -> None:
        """Back to the friendly prompt."""
        self.wire.write(b"\r" + _CTRL_B)
        self._raw = False

    def wait_prompt(self, timeout: float | None = None, ush: bool = False) -> bytes:
        """Wait for the friendly prompt `>>> ` without sending anything; what came before it.

        ush: or for ush's `=> ` at the begin of a line.
        """
        self._raw = False
        timeout = self.timeout if timeout is None else timeout
        if not ush:
            return self._answer(_PROMPTS[0], timeout)
        deadline = time.monotonic() + timeout
        got = b""
        while not got.endswith(_PROMPTS):
            got += self._answer(b"> ", max(0, deadline - time.monotonic()))
        return got

    def post_mortem(self, timeout: float | None = None) -> None:
        """After TargetPanic: wait for the prompt behind the block and enter its raw REPL.

        run(), exec() and eval() then work as ever, on the module `pm`.  Raises ReplTimeout where
        the machine has none (panic=halt, or little memory).
        """
        timeout = self.timeout if timeout is None else timeout
        self.read_until(_PM_PROMPT, timeout)
        self.enter_raw(timeout)

    def soft_reset(self, timeout: float | None = None) -> bytes:
        """Soft reset without main.py; back in the raw REPL.  What the target said on the way."""
        timeout = self.timeout if timeout is None else timeout
        if not self._raw:
            self.enter_raw(timeout)
        self.wire.write(_CTRL_D)
        said = self._answer(b"soft reboot\r\n", timeout)
        return said + self._answer(_BANNER, timeout)

    # ---- code

    def run(
        self, code: str | bytes, timeout: float | None = None, sink: Callable | None = None
    ) -> Result:
        """Run code, exceptions left in the result.  sink: gets the output as it comes.

        Raises ReplTimeout (the code still runs; the next call interrupts it), TargetPanic,
        ReplError, WireClosed.
        """
        timeout = self.timeout if timeout is None else timeout
        if self._raw and (unasked := self.wire.read(0)):
            self.wire.unread(unasked)
            self._raw = False  # out of step: code has printed what looks like the protocol
        if not self._raw:
            self.enter_raw(max(timeout, _TRY_S))
        data = code.encode() if isinstance(code, str) else bytes(code)
        if not self._paste(data, timeout):
            self.wire.write(data + _CTRL_D, timeout)
            answer = self._read_exactly(2, timeout)
            if answer != b"OK":
                self._raw = False
                answer += self.drain()
                self._panicked(answer)
                raise ReplError(f"the target refused the code: {answer!r}")
        stdout = self._answer(_CTRL_D, timeout, sink)
        stderr = self._answer(_CTRL_D, timeout)
        self._answer(b">", timeout)
        return Result(stdout[:-1], stderr[:-1])

    def _paste(self, data: bytes, timeout: float, again: bool = True) -> bool:
        """Send code by raw paste; False: the target has none, and is at the prompt."""
        if self.window == 0:
            return False
        self.wire.write(b"\x05A\x01", timeout)
        answer = self._read_exactly(2, timeout)
        if answer == b"R\x01":
            self.window = int.from_bytes(self._read_exactly(2, timeout), "little")
            if self.window == 0:
                raise ReplError("raw paste with a window of 0 bytes")
            self._send_windowed(data, timeout)
            return True
        if answer not in (b"R\x00", _BANNER[:2]):  # out of step, and the rest was on its way
            self.wire.unread(answer)
            self._raw = False
            if not again:
                raise ReplError(f"to raw paste came {self.drain()!r}")
            self.enter_raw(timeout)
            return self._paste(data, timeout, again=False)
        if answer != b"R\x00":  # an old target: it ran "A" and printed its banner again
            self.wire.unread(answer)
            self._answer(_BANNER, timeout)
        self.window = 0
        return False

    def _send_windowed(self, data: bytes, timeout: float) -> None:
        room = self.window
        at = 0
        while at < len(data):
            while got := self.wire.read(0 if room else timeout, 1):
                if got == b"\x01":
                    room += self.window
                elif got == _CTRL_D:  # the compiler gave up; its reason follows
                    self.wire.write(_CTRL_D, timeout)
                    return
                else:
                    self._raw = False
                    got += self.drain()
                    self._panicked(got)
                    raise ReplError(f"in raw paste came {got!r}")
            if not room:
                self._raw = False
                raise ReplTimeout(f"raw paste stopped at byte {at} of {len(data)}")
            piece = data[at : at + room]
            self.wire.write(piece, timeout)
            at += len(piece)
            room -= len(piece)
        self.wire.write(_CTRL_D, timeout)
        self._answer(_CTRL_D, timeout)

    def exec(self, code: str | bytes, timeout: float | None = None) -> str:
        """Run code; what it printed.  Raises TargetError when it raises, and what run() raises."""
        result = self.run(code, timeout)
        out = _text(result.stdout)
        if result.stderr:
            raise TargetError(_text(result.stderr), out)
        return out

    def eval(self, expression: str, timeout: float | None = None) -> Any:
        """Value of an expression whose repr is a Python literal.  Raises ValueError otherwise."""
        text = self.exec(f"print(repr({expression}))", timeout).strip()
        line = text.splitlines()[-1] if text else ""
        try:
            return ast.literal_eval(line)
        except (SyntaxError, ValueError):
            raise ValueError(f"{expression} is no literal on the target: {line}") from None

    # ---- files

    def put(self, path: str, data: bytes) -> None:
        """Write a file on the target, binary safe.  Raises TargetError (its OSError)."""
        self.exec(f"import binascii as _b\n_f = open({path!r}, 'wb')")
        try:
            for at in range(0, len(data), _PUT_CHUNK):
                text = base64.b64encode(data[at : at + _PUT_CHUNK])
                self.exec(f"_f.write(_b.a2b_base64({text!r}))")
        finally:
            self.exec("_f.close()\ndel _f, _b")

    def get(self, path: str) -> bytes:
        """Contents of a file on the target, binary safe.  Raises TargetError (its OSError)."""
        code = (
            f"import binascii as _b\n_f = open({path!r}, 'rb')\n"
            f"while True:\n _d = _f.read({_GET_CHUNK})\n if not _d: break\n"
            " print(_b.b2a_base64(_d).decode(), end='')\n_f.close()\ndel _f, _b, _d"
        )
        return base64.b64decode("".join(self.exec(code, max(self.timeout, 120)).split()))
