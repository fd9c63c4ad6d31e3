"""The serial line of a machine that somebody else started: a tty, a PTY or a Unix socket."""

import os
import socket
import stat
import termios
import tty
from pathlib import Path

from .vm.config import Unfit
from .wire import Log, Wire


def open_line(path: Path, log: Log | None = None) -> Wire:
    """Open it, raw and at 115200 where it has a speed.  Raises Unfit when it cannot be had."""
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
        raise Unfit(f"{path}: {why.strerror or why}") from None
    if os.isatty(fd):
        tty.setraw(fd, termios.TCSANOW)
        mode = termios.tcgetattr(fd)
        mode[2] |= termios.CLOCAL | termios.CREAD
        mode[4] = mode[5] = termios.B115200
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    return Wire(fd, log)
