"""pyrallax doctor: is this Mac ready for `--machine parallels`?  What is not, how to mend it."""

import argparse
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import BUILD
from .setup import packages
from .setup.say import Refused
from .vm.config import Unfit
from .vm.prl import mac
from .vm.prl.ctl import Prlctl, licence, licence_grade, program
from .vm.prl.record import Record, state_folder
from .vm.prl.usage import Usage

OK, NOTE, BAD = "ok", "note", "BAD"
_ROOM = 2 << 30  # bytes: the disk twice while it is made, and the machine's own files


@dataclass
class Finding:
    """grade: OK, NOTE (works, but know this) or BAD.  mend: what to do, "" when nothing."""

    grade: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.grade:5} {self.what}" + (f"\n      -> {self.mend}" if self.mend else "")


def add_to(commands: Any) -> None:
    """Add the subcommand `doctor`."""
    parser = commands.add_parser("doctor", help="is this Mac ready?", description=__doc__)
    parser.set_defaults(call=_call)


def _call(a: argparse.Namespace) -> int:
    bad = 0
    for finding in findings():
        print(finding, flush=True)
        bad += finding.grade == BAD
    print("ready: inv run --machine parallels" if not bad else f"{bad} to mend")
    return 1 if bad else 0


def findings() -> Iterator[Finding]:
    """All of them, one after the other; a question that needs an earlier answer is left out."""
    for check in (_mac, _python, _tools, _image, _room, _awake):
        yield from check()
    yield from _screen()
    try:
        prlctl = Prlctl()
    except Unfit as why:
        yield Finding(BAD, "Parallels Desktop is not installed", str(why))
        return
    yield from _parallels(prlctl)


def _mac() -> Iterator[Finding]:
    system, machine = platform.system(), platform.machine()
    if system != "Darwin":
        yield Finding(BAD, f"this is {system}, no Mac", "use --machine uefi here: QEMU")
    elif machine != "arm64":
        yield Finding(
            BAD,
            f"this Mac is {machine}",
            "the image is for Apple silicon (under Rosetta, use a native python3)",
        )
    else:
        yield Finding(OK, f"macOS {platform.mac_ver()[0]} on Apple silicon")


def _python() -> Iterator[Finding]:
    text = f"Python {platform.python_version()}"
    if sys.version_info < (3, 11):  # noqa: UP036 (macOS' own python3 is older)
        yield Finding(BAD, text, "brew install python")
    else:
        yield Finding(OK, text)


def _tools() -> Iterator[Finding]:
    if packages.system() != "brew":
        return
    try:
        missing = packages.missing("brew", packages.wanted("brew", False))
    except Refused as why:
        yield Finding(BAD, "Homebrew", str(why))
        return
    if missing:
        yield Finding(BAD, "Homebrew formulae are missing", f"brew install {' '.join(missing)}")
    else:
        yield Finding(OK, "Homebrew formulae")


def _image() -> Iterator[Finding]:
    image = BUILD / "esp.img"
    if image.is_file():
        yield Finding(OK, "the image is built")
    else:
        yield Finding(NOTE, "the image is not built yet", "make setup; make run builds it as well")


def _room() -> Iterator[Finding]:
    folder = state_folder()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free >> 30} GiB free for machines"
    yield Finding(OK, text) if free >= _ROOM else Finding(BAD, text, "free 2 GiB")


def _programs(_: Prlctl) -> Iterator[Finding]:
    for name, why in (
        ("prl_disk_tool", "it makes the disk"),
        ("prlsrvctl", "it tells of the licence"),
    ):
        if not program(name):
            yield Finding(BAD, f"{name} is missing ({why})", "install Parallels Desktop again")


def _awake() -> Iterator[Finding]:
    if shutil.which("caffeinate"):
        yield Finding(OK, "caffeinate")
    else:
        yield Finding(NOTE, "no caffeinate", "keep the Mac awake yourself")


def _screen() -> Iterator[Finding]:
    locked = mac.screen_locked()
    if locked:
        yield Finding(BAD, "the screen is locked", mac.LOCKED)
    elif locked is None:
        yield Finding(NOTE, "whether the screen is locked is not known", "keep it unlocked")
    else:
        yield Finding(OK, "the screen is unlocked")


def _parallels(prlctl: Prlctl) -> Iterator[Finding]:
    asked: tuple[Callable[[Prlctl], Iterator[Finding]], ...] = (
        _version,
        _programs,
        _licence,
        _abilities,
        _machines,
    )
    for check in asked:
        try:
            yield from check(prlctl)
        except Unfit as why:
            yield Finding(BAD, "Parallels Desktop does not answer", str(why))
            return


def _version(prlctl: Prlctl) -> Iterator[Finding]:
    yield Finding(OK, f"Parallels Desktop {prlctl.version()}")


def _licence(prlctl: Prlctl) -> Iterator[Finding]:
    said = licence()
    status = said.get("status", "")
    edition = said.get("edition", "?")
    good = licence_grade(status)
    limits = f"up to {said.get('cpu_total', '?')} CPUs, {said.get('max_memory', '?')} MiB"
    if good:
        yield Finding(OK, f"licence {status.lower()}, edition {edition}, {limits}")
    elif not status:
        yield Finding(NOTE, "the licence cannot be asked", "a start will tell")
    elif good is None:
        yield Finding(NOTE, f"licence {status}", "a start will tell")
    else:
        what = "no licence" if status == "none" else f"licence {status}"
        yield Finding(BAD, what, "open Parallels Desktop; sign in or activate it")
    if edition.lower() not in ("?", "pro", "business", "enterprise"):
        yield Finding(
            NOTE,
            f"edition {edition}: Parallels promises a command line for Pro and Business only",
            "a start will tell",
        )


def _abilities(prlctl: Prlctl) -> Iterator[Finding]:
    usage = Usage(prlctl)
    if socket := usage.socket:
        yield Finding(OK, f"serial by socket: {' '.join(socket.words('PATH'))}")
    else:
        yield Finding(
            NOTE,
            "this prlctl knows no serial socket: the line is a file, output only",
            "type in the machine's window, or with pyrallax parallels type",
        )
    for action, without in (
        ("send-key-event", "type in the machine's window"),
        ("capture", "no pictures: look at the machine's window"),
    ):
        yield (
            Finding(OK, f"prlctl {action}")
            if usage.has(action)
            else Finding(NOTE, f"this prlctl has no {action}", without)
        )


def _machines(prlctl: Prlctl) -> Iterator[Finding]:
    ours = {entry.uuid for entry in Record().entries()}
    others = [m for m in prlctl.machines() if m.status == "running" and m.uuid not in ours]
    if others:
        names = ", ".join(m.name for m in others)
        yield Finding(
            NOTE,
            f"other machines run ({names}); they are left alone",
            "a busy Mac makes timeouts: suspend what you do not need",
        )
    if left := Record().left_over():
        yield Finding(
            NOTE,
            f"{len(left)} machines of runs that died are left",
            "the next run deletes them, or: pyrallax parallels clean",
        )
