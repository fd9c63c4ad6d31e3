"""The serial line of a machine: a socket that Parallels listens on, or a file it writes."""

import contextlib
import errno
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ...wire import Log, Wire
from ..config import Unfit

_LONGEST = 100  # bytes of a socket's path; macOS has room for 103
_LOOK_S = 0.02
_STALL_S = 0.2
_ASK_S = 2.0  # of a line that says nothing: whether the machine still runs
_CHUNK = 65536


def socket_folder() -> Path:
    """A new folder in which the path of a socket, `serial`, is short enough for the system."""
    folder = Path(tempfile.mkdtemp(prefix="pyrallax-"))
    if len(os.fsencode(folder / "serial")) > _LONGEST:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="pyrallax-", dir="/tmp"))
    return folder


def connect(
    path: Path, timeout: float, log: Log | None, copy: BinaryIO | None, why: Callable[[], str]
) -> Wire:
    """Connect to the socket as soon as it is there.  why(): ends the wait when it gives a reason.

    What the machine says before somebody is connected is lost.  Raises Unfit.
    """
    deadline = time.monotonic() + timeout
    asked = time.monotonic()
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(str(path))
            return Wire(line.detach(), log, copy, lambda: why() or "Parallels closed the line")
        except OSError as error:
            line.close()
            if error.errno not in (errno.ENOENT, errno.ECONNREFUSED):
                raise Unfit(f"serial socket {path}: {error.strerror}") from None
        if time.monotonic() - asked > 1:
            if reason := why():
                raise Unfit(reason)
            asked = time.monotonic()
        if time.monotonic() > deadline:
            raise Unfit(
                f"Parallels made no serial socket at {path} in {timeout:.0f} s: try --line file"
                " (output only)"
            )
        time.sleep(_LOOK_S)


class File:
    """Follows the file that a serial port writes, as a wire.  What is sent goes nowhere.

    A file has no end that says so: the wire ends when why() has given a reason twice.
    """

    def __init__(self, path: Path, log: Log | None, copy: BinaryIO | None, why: Callable[[], str]):
        self._path = path
        self._why = why
        self._reason = ""
        self._ended = threading.Event()
        ours, self._theirs = socket.socketpair()
        self.wire = Wire(
            ours.detach(), log, copy, lambda: self._reason or why() or "the line was closed"
        )
        self._thread = threading.Thread(target=self._follow, daemon=True, name=f"follow {path}")
        self._thread.start()

    def close(self) -> None:
        """Stop following; the wire is its owner's to close."""
        self._ended.set()
        self._thread.join(5)
        self._theirs.close()

    def _follow(self) -> None:
        self._theirs.settimeout(_STALL_S)
        file: BinaryIO | None = None
        asked, reasons = time.monotonic(), 0
        try:
            while not self._ended.is_set():
                file = file or self._open()
                data = file.read(_CHUNK) if file else b""
                if data:
                    asked = time.monotonic()
                elif reasons == 2:  # and nothing came after that
                    return
                elif time.monotonic() - asked > _ASK_S:
                    # Twice: one call of prlctl may fail on a busy Mac.
                    self._reason = self._why()
                    reasons = reasons + 1 if self._reason else 0
                    asked = time.monotonic()
                else:
                    self._ended.wait(_LOOK_S)
                while data and not self._ended.is_set():
                    try:
                        data = data[self._theirs.send(data) :]
                    except TimeoutError:  # nobody reads just now
                        pass
        except OSError:  # the other end closed
            pass
        finally:
            if file:
                file.close()
            with contextlib.suppress(OSError):  # the other end went first
                self._theirs.shutdown(socket.SHUT_RDWR)

    def _open(self) -> BinaryIO | None:
        """The file, None before it is there."""
        try:
            return self._path.open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            self._reason = f"{self._path}: {error.strerror}"
            raise
