"""The record of machines that we made: nothing that is not in it is ever stopped or deleted.

A JSON file in a folder of the user's, locked while it is changed.  An entry is written before its
machine is made and goes when the machine is gone, so a run that died leaves its entry behind.
"""

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ..config import Unfit

PREFIX = "pyrallax-"
# The name of a folder on each file system, and no option of prlctl's.
_NAME = re.compile(r"[A-Za-z0-9_]([\w .+()-]{0,98}[\w+()-])?", re.ASCII)
_OURS = re.compile(rf"{PREFIX}\d{{8}}-\d{{6}}-[0-9a-f]{{8}}")


@dataclass
class Entry:
    """name, uuid: of the machine, uuid "" until it is made.  pid, started: who made it, to know
    whether that still runs.  kept: its maker went and left it on purpose.  socket: its serial
    line, in a folder of its own; "" where that is a file.
    """

    name: str
    uuid: str = ""
    pid: int = 0
    started: str = ""
    kept: bool = False
    socket: str = ""

    def certain(self) -> bool:
        """Whether the name alone says that a machine is ours: nobody else makes such a name."""
        return _OURS.fullmatch(self.name) is not None


def fresh_name() -> str:
    """A name that no machine ever had."""
    return f"{PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"


def state_folder() -> Path:
    """Where the record and the disks of machines are; PYRALLAX_STATE names another."""
    if given := os.environ.get("PYRALLAX_STATE"):
        return Path(given).absolute()  # Parallels has another working folder
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Pyrallax"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "pyrallax"


def _start_of(pid: int) -> str:
    """When this process began (UTC), "" when there is none: a pid alone is used again."""
    done = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        env=dict(os.environ, LC_ALL="C", TZ="UTC"),  # make has another zone than a shell
    )
    return done.stdout.strip()


def _owner(entry: Entry) -> tuple[str, int, str]:
    return entry.name, entry.pid, entry.started


class Record:
    """folder: where the file is, and a folder of its own for each machine."""

    def __init__(self, folder: Path | None = None):
        self.folder = folder or state_folder()
        self.path = self.folder / "parallels.json"

    def folder_of(self, name: str) -> Path:
        """Where the disk of this machine is."""
        return self.folder / "machines" / name

    def entries(self) -> list[Entry]:
        """All entries; none when the file is not there or not ours to read."""
        try:
            return [Entry(**row) for row in json.loads(self.path.read_text())]
        except (OSError, ValueError, TypeError):
            return []

    def add(self, name: str) -> Entry:
        """Record a machine that this process is about to make.

        Raises Unfit for what is no name, or that of another in the record.
        """
        if not _NAME.fullmatch(name):
            raise Unfit(
                f"{name!r} is no name for a machine: up to 100 letters, digits, spaces and _.+()-,"
                " with a letter or digit first"
            )
        entry = Entry(name, pid=os.getpid(), started=_start_of(os.getpid()))
        with self._changing() as entries:
            if any(e.name.lower() == name.lower() for e in entries):
                raise Unfit(f"another run has a machine {name}: choose another --name, or none")
            entries.append(entry)
        return entry

    def put(self, entry: Entry) -> None:
        """Write what changed in an entry."""
        with self._changing() as entries:
            entries[:] = [entry if e.name == entry.name else e for e in entries]

    def remove(self, entry: Entry, folders: bool = True) -> None:
        """Forget a machine that is gone, and its folders.

        Nothing happens when another run was first; the name may have a new owner by now.
        """
        with self._changing() as entries:
            others = [e for e in entries if _owner(e) != _owner(entry)]
            if len(others) == len(entries):
                return
            if folders and _NAME.fullmatch(entry.name):
                shutil.rmtree(self.folder_of(entry.name), ignore_errors=True)
            if (sockets := Path(entry.socket).parent).name.startswith(PREFIX):
                shutil.rmtree(sockets, ignore_errors=True)
            entries[:] = others

    def left_over(self) -> list[Entry]:
        """Entries of runs that died; not those that were kept, nor those of runs that go on."""
        return [
            e
            for e in self.entries()
            if not e.kept and (not e.pid or _start_of(e.pid) != e.started)
        ]

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[Entry]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "parallels.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            entries = self.entries()
            if not entries and self.path.exists() and self.path.read_bytes().strip() != b"[]":
                self.path.replace(self.path.with_suffix(".unreadable"))  # for a person to look at
            yield entries
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps([asdict(e) for e in entries], indent=1) + "\n")
            new.replace(self.path)
