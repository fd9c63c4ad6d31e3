"""The serial line of a machine that somebody else started, by path or URL.

A path is a tty, a PTY or a Unix socket.  socket://HOST:PORT is a TCP connection.  Every other URL
is pyserial's (rfc2217://HOST:PORT, spy://…, loop://).
"""

import contextlib
import fcntl
import os
import socket
import stat
import termios
import threading
import tty
from pathlib import Path
from urllib.parse import urlsplit

from .vm.config import Unfit
from .wire import Log, Wire

BAUD = 115200
_CONNECT_S = 10.0
_CHUNK = 4096


def open_line(where: Path | str, log: Log | None = None) -> Wire:
    """Open it, raw and at 115200 where it has a speed.  Raises Unfit when it cannot be had."""
    if "://" in str(where):
        return _open_url(str(where), log)
    path = Path(where)
    try:
        kind = path.stat().st_mode
        if stat.S_ISSOCK(kind):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                return Wire(line.detach(), log)
        if not stat.S_ISCHR(kind):
            raise Unfit(f"{path} is no serial line: name a tty, a PTY or a Unix socket")
        # Else macOS waits here for a carrier that a virtual machine never raises.
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as why:
        reason = why.strerror or why
        raise Unfit(f"{path}: {reason}: is the machine on, and is that its line?") from None
    if os.isatty(fd):
        _take(fd, path)
        tty.setraw(fd, termios.TCSANOW)
        mode = termios.tcgetattr(fd)
        mode[2] |= termios.CLOCAL | termios.CREAD
        mode[4] = mode[5] = termios.B115200
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    return Wire(fd, log)


def _take(fd: int, path: Path) -> None:
    """Be its only reader, as pyserial's exclusive=True is; two would share out the bytes."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise Unfit(f"{path} is taken: another program reads it; end that first") from None


def _open_url(url: str, log: Log | None) -> Wire:
    parts = urlsplit(url)
    if parts.scheme != "socket":
        return _open_pyserial(url, log)
    try:
        if not parts.hostname or not parts.port:
            raise ValueError("socket://HOST:PORT")
        line = socket.create_connection((parts.hostname, parts.port), _CONNECT_S)
    except (OSError, ValueError) as why:
        said = getattr(why, "strerror", None) or why
        raise Unfit(f"{url}: {said}: is the machine on, and is that its line?") from None
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Wire(line.detach(), log)


def _open_pyserial(url: str, log: Log | None) -> Wire:
    """What pyserial opens has no descriptor to wait for: two threads carry its bytes."""
    import serial

    try:
        port = serial.serial_for_url(url, baudrate=BAUD, timeout=0.05)
    except ValueError as why:
        raise Unfit(f"{url}: {why}") from None
    except OSError as why:  # also SerialException
        raise Unfit(f"{url}: {why}: is the machine on, and is that its line?") from None
    ours, theirs = socket.socketpair()

    def receive() -> None:
        try:
            while True:
                data = port.read(port.in_waiting or 1)
                if data:
                    theirs.sendall(data)
        except (OSError, ValueError, TypeError):  # closed on either side
            with contextlib.suppress(OSError):
                theirs.shutdown(socket.SHUT_RDWR)  # close() would wait for send()'s recv()

    def send() -> None:
        try:
            while data := theirs.recv(_CHUNK):
                port.write(data)
        except OSError:
            pass
        theirs.close()
        port.close()

    for carry in (receive, send):
        threading.Thread(target=carry, daemon=True, name=f"{url} {carry.__name__}").start()
    return Wire(ours.detach(), log)
