"""What of macOS matters to a machine: the lock screen, sleep."""

import calendar
import os
import re
import subprocess
import time
from pathlib import Path

from ..config import Unfit

LOCKED = (
    "the Mac's screen is locked, and Parallels drops keys in silence then: unlock it, and keep it"
    " unlocked (System Settings, Lock Screen)"
)


def screen_locked() -> bool | None:
    """Whether the console's session is locked; None where that cannot be asked."""
    try:
        done = subprocess.run(
            ["ioreg", "-n", "Root", "-d1"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    # The key is absent while it is unlocked.
    return re.search(r'"CGSSessionScreenIsLocked"\s*=\s*(Yes|1|true)\b', done.stdout) is not None


def need_unlocked() -> None:
    """Raises Unfit where keys would be lost."""
    if screen_locked():
        raise Unfit(LOCKED)


_SERVES = re.compile(r"(?:^|/)(?:prl_vm_app|prl_disp_service)(?: |$)")


class Awake:
    """Keeps the Mac and its display awake until close() or the end of this process."""

    def __init__(self) -> None:
        argv = ["caffeinate", "-dims", "-w", str(os.getpid())]
        try:
            self._process: subprocess.Popen | None = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._process = None  # no Mac

    def close(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None


def seconds_since(started: str) -> float:
    """Since a time as `ps -o lstart` gives it, in UTC; 0 when it is none."""
    try:
        return time.time() - calendar.timegm(time.strptime(started, "%a %b %d %H:%M:%S %Y"))
    except ValueError:
        return 0.0


def processes_of(uuid: str, home: Path | None) -> list[int]:
    """Processes of Parallels that serve this one machine: they have its UUID or folder in their
    command line.  Those that serve all machines do not.
    """
    done = subprocess.run(
        ["ps", "-axww", "-o", "pid=", "-o", "command="], capture_output=True, text=True
    )
    found = []
    for line in done.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        if not _SERVES.search(command):
            continue  # a prlctl that asks about it, an editor on its log
        if uuid.lower() in command.lower() or (home and str(home) in command):
            found.append(int(pid))
    return found
