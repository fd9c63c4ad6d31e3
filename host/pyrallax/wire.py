"""A byte stream to a target (socket, PTY or serial device), both directions logged."""

import errno
import fcntl
import itertools
import os
import re
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TextIO

_CHUNK = 65536
_LONG_MS = 3_600_000  # poll() takes a C int
_LOGGED = re.compile(r"^ *(\d+\.\d{6}) ([<>]) (.*)$", re.MULTILINE)


class WireClosed(OSError):
    """The other end is gone.  str(): what is known about why."""


class Log:
    """One line per chunk: seconds since opening, `<` from the target or `>` to it, bytes.

    path: the file.  One that another machine is writing is left to it: NAME.2.serial.log then.
    """

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        stem = path.name.removesuffix(".log").removesuffix(".serial")
        names = (f"{stem}.{i}{path.name[len(stem) :]}" for i in itertools.count(2))
        while not (file := _owned(path)):
            path = path.with_name(next(names))
        self.path = path
        self._file = file
        self._start = time.monotonic()

    def add(self, direction: str, data: bytes) -> None:
        """A line: seconds, "<" (from the target) or ">" (to it), bytes as Python writes them."""
        stamp = time.monotonic() - self._start
        self._file.write(f"{stamp:12.6f} {direction} {repr(data)[2:-1]}\n")

    def close(self) -> None:
        self._file.close()


def _owned(path: Path) -> TextIO | None:
    """The file, empty, for as long as it is open; None when another writer has it."""
    file = path.open("a", buffering=1, encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        pass  # a file system without locks
    if path.is_file():
        file.truncate(0)
    return file


def recorded(log: str) -> list[tuple[float, bytes]]:
    """(seconds, what the target sent) of the text of a Log; none when no line is one of a Log."""
    return [
        (float(stamp), _unescaped(data))
        for stamp, direction, data in _LOGGED.findall(log)
        if direction == "<"
    ]


def _unescaped(data: str) -> bytes:
    text = data.encode("ascii", "ignore").decode("unicode_escape", "ignore")
    return text.encode("latin-1", "ignore")


def received(log: str) -> bytes:
    """What the target sent, of the text of a Log; b"" when no line is one of a Log."""
    return b"".join(data for _, data in recorded(log))


class Wire:
    """Owns the descriptor `fd`, which becomes non-blocking.

    log: where both directions are written; copy: a stream that gets each byte the target sends;
    why_closed: called for the text of WireClosed.
    """

    def __init__(
        self,
        fd: int,
        log: Log | None = None,
        copy: BinaryIO | None = None,
        why_closed: Callable[[], str] = lambda: "the target closed the line",
    ):
        self.fd = fd
        self.log = log
        self._copy = copy
        self._why = why_closed
        self._in = bytearray()
        self._eof = False
        os.set_blocking(fd, False)

    def close(self) -> None:
        """Close the descriptor; the log stays with its owner.  Harmless twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _wait(self, events: int, timeout: float | None) -> int:
        poll = select.poll()
        poll.register(self.fd, events)
        milliseconds = None if timeout is None else min(max(0, int(timeout * 1000)), _LONG_MS)
        got = poll.poll(milliseconds)
        return got[0][1] if got else 0

    def _fill(self) -> None:
        """Take what has arrived into the buffer."""
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ECONNRESET):
                raise
            data = b""  # a PTY whose other side closed
        if not data:
            self._eof = True
            return
        if self.log:
            self.log.add("<", data)
        if self._copy:
            self._copy.write(data)
            self._copy.flush()
        self._in += data

    def read(self, timeout: float | None, limit: int = _CHUNK) -> bytes:
        """Up to `limit` bytes, b"" when none came within `timeout` seconds.  Raises WireClosed."""
        if not self._in and not self._eof and self._wait(select.POLLIN, timeout):
            self._fill()
        if not self._in and self._eof:
            raise WireClosed(self._why())
        data = bytes(self._in[:limit])
        del self._in[: len(data)]  # take_in() may have added to it
        return data

    def take_in(self, timeout: float) -> None:
        """Wait for bytes and keep them for read().  For a thread beside one that does not read."""
        if not self._eof and self._wait(select.POLLIN, timeout):
            self._fill()

    def unread(self, data: bytes) -> None:
        """Put bytes back in front of what is read next."""
        self._in[:0] = data

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        """Send everything; takes in what arrives meanwhile, so that neither side blocks.

        Raises TimeoutError when the target accepts nothing for `timeout` seconds, WireClosed.
        """
        rest = memoryview(data)
        while rest:
            ready = self._wait(select.POLLIN | select.POLLOUT, timeout)
            if not ready:
                raise TimeoutError(f"the target took none of {len(rest)} bytes in {timeout} s")
            if ready & (select.POLLIN | select.POLLHUP):
                self._fill()
            if self._eof:
                raise WireClosed(self._why())
            if ready & select.POLLOUT:
                try:
                    sent = os.write(self.fd, rest)
                except BlockingIOError:
                    continue
                except (BrokenPipeError, ConnectionResetError):
                    raise WireClosed(self._why()) from None
                if self.log:
                    self.log.add(">", bytes(rest[:sent]))
                rest = rest[sent:]
