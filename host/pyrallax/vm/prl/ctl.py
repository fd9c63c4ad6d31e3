"""Running Parallels Desktop's command line programs, and what they say about machines."""

import contextlib
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..config import Unfit

_PLACES = ("/usr/local/bin", "/Applications/Parallels Desktop.app/Contents/MacOS")
_TIMEOUT_S = 120.0  # a call costs half a second; on a busy Mac starting takes a minute
_LISTED = re.compile(r"^(\{?[0-9a-fA-F-]{36}\}?)\s+(\S+)\s+\S+\s+(.*\S)\s*$", re.M)

# What to do next, by what was said.  The wording of Parallels is not documented: words, not lines.
_HINTS = (
    (
        r"licen[cs]e|trial|activat",
        "open Parallels Desktop, sign in or activate it; `inv parallels.doctor` shows the licence",
    ),
    (r"no space|not enough (disk|free)|disk (is )?full", "free space on the Mac's disk"),
    (
        r"not enough (memory|ram)|memory limit",
        "ask for less with --memory, or stop other machines",
    ),
    (r"already exists|already registered|name.*in use", "choose another --name"),
    (
        r"connect to (the )?parallels service|dispatcher|unable to connect",
        "open Parallels Desktop once, so that its service runs",
    ),
    (
        r"\bedition\b",
        "this edition of Parallels Desktop may have no command line: Pro or Business has",
    ),
    (r"access denied|permission", "run as the user who opened Parallels Desktop"),
)


class PrlError(Unfit):
    """A program of Parallels refused.  said: its words."""

    def __init__(self, text: str, said: str = ""):
        super().__init__(text)
        self.said = said


@dataclass(frozen=True)
class Listed:
    """A machine as `prlctl list` has it.  uuid: bare, lower case."""

    uuid: str
    name: str
    status: str


def program(name: str) -> str | None:
    """Path of one of Parallels' programs, also where PATH lacks it; None without Parallels."""
    return shutil.which(name) or next(
        (str(Path(place, name)) for place in _PLACES if Path(place, name).is_file()), None
    )


def bare(uuid: str) -> str:
    """A UUID without braces, lower case: text and JSON listings differ."""
    return uuid.strip("{}").lower()


def one_line(said: str) -> str:
    """The telling line of an error: the first that is not empty."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[0][:300] if lines else "it said nothing"


def hint(said: str) -> str:
    """ ": what to do next", "" where nothing is known."""
    return next((f": {then}" for pattern, then in _HINTS if re.search(pattern, said, re.I)), "")


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and its like wait for the end of this, also in the programs that it runs."""
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    )
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Prlctl:
    """path: the program.  Raises Unfit when it is not here."""

    def __init__(self) -> None:
        path = program("prlctl")
        if not path:
            raise Unfit(
                "prlctl is not here: Parallels Desktop runs on Macs only, and has to be installed"
                " (brew install --cask parallels); elsewhere use --machine uefi"
            )
        self.path = path

    def ask(
        self, *words: str, text: str | None = None, timeout: float = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run it; the finished process, whatever its status.  Raises PrlError on a timeout."""
        timeout = timeout or _TIMEOUT_S
        try:
            return subprocess.run(
                [self.path, *words],
                input=text or "",  # never our terminal: it must not ask questions there
                text=True,
                errors="replace",
                capture_output=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            raise PrlError(
                f"prlctl {words[0]} does not answer in {timeout:.0f} s: is Parallels Desktop busy"
                " or showing a question in a window?"
            ) from None
        except OSError as why:
            raise PrlError(f"{self.path}: {why.strerror}") from None

    def run(self, *words: str, text: str | None = None, timeout: float = 0) -> str:
        """Run it; what it wrote.  Raises PrlError with its words and what to do next."""
        done = self.ask(*words, text=text, timeout=timeout)
        if done.returncode:
            said = f"{done.stderr}\n{done.stdout}"
            raise PrlError(f"prlctl {words[0]}: {one_line(said)}{hint(said)}", said)
        return done.stdout

    def version(self) -> str:
        """Such as 26.3.2 (57398)."""
        said = self.ask("--version", timeout=30).stdout
        found = re.search(r"version\s+(.*\S)", said)
        return found[1] if found else one_line(said)

    def machines(self) -> list[Listed]:
        """All machines of this user.  Raises PrlError."""
        done = self.ask("list", "--all", "--json")
        if not done.returncode:  # an empty list that failed is no proof that a machine is gone
            try:
                rows = json.loads(done.stdout)
                if isinstance(rows, list):
                    return [Listed(bare(row["uuid"]), row["name"], row["status"]) for row in rows]
            except (ValueError, KeyError, TypeError):
                pass
        # A prlctl whose list has no JSON.
        found = _LISTED.findall(self.run("list", "--all"))
        return [Listed(bare(uuid), name, status) for uuid, status, name in found]

    def find(self, uuid: str) -> Listed | None:
        """The machine with this UUID."""
        return next((m for m in self.machines() if m.uuid == bare(uuid)), None)

    def details(self, uuid: str) -> dict:
        """What `list --info` says of one machine; {} where it says it in no JSON."""
        done = self.ask("list", "--info", "--json", uuid)
        try:
            return json.loads(done.stdout)[0]
        except (ValueError, LookupError, TypeError):
            return {}


def licence() -> dict[str, str]:
    """What `prlsrvctl info --license` says, by key; {} where it cannot be asked.

    status: "none" without a licence.
    """
    path = program("prlsrvctl")
    if not path:
        return {}
    try:
        done = subprocess.run(
            [path, "info", "--license"],
            text=True,
            errors="replace",
            capture_output=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    if re.search(r"no licen[cs]es? installed", done.stdout + done.stderr, re.I):
        return {"status": "none"}
    return {k: v.strip() for k, v in re.findall(r'^\s*(\w+)="?([^"\n]*)"?', done.stdout, re.M)}


def licence_grade(status: str) -> bool | None:
    """Whether a machine starts with it; None for a word that nobody has told us."""
    if status.upper() in ("ACTIVE", "VALID"):
        return True
    bad = re.fullmatch(r"none|.*(expired|invalid|inactive|blocked|not ).*", status, re.I)
    return False if bad else None


def check_licence(cpus: int, memory: int) -> None:
    """Raises Unfit when the licence does not allow a machine of so many CPUs and MiB."""
    allowed = licence()
    status = allowed.get("status", "")
    if licence_grade(status) is False:
        what = " has no licence" if status == "none" else f"'s licence is {status}"
        raise Unfit(f"Parallels Desktop{what}: open it and sign in, or activate it")
    for key, wanted, option in (
        ("cpu_total", cpus, "--cpus"),
        ("max_memory", memory, "--memory"),
    ):
        limit = allowed.get(key, "")
        if limit.isdigit() and 0 < int(limit) < wanted:
            raise Unfit(f"this licence of Parallels Desktop allows {option} {limit}, not {wanted}")
