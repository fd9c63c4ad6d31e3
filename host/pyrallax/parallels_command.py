"""pyrallax parallels: look at machines that we made in Parallels Desktop, and end them."""

import argparse
import sys
from pathlib import Path
from typing import Any

from . import run
from .vm.attached import Attached
from .vm.config import Unfit
from .vm.parallels import ParallelsVm
from .vm.prl.ctl import Prlctl
from .vm.prl.end import clean_left_over, delete
from .vm.prl.record import Entry, Record


def add_to(commands: Any) -> None:
    """Add the subcommand `parallels` and what it does."""
    parser = commands.add_parser(
        "parallels", help="machines that we made in Parallels", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="our machines").set_defaults(call=_list)
    clean = actions.add_parser("clean", help="delete what runs that died have left")
    clean.add_argument("--kept", action="store_true", help="also what --keep has left")
    clean.set_defaults(call=_clean)
    attach = actions.add_parser("attach", help="the prompt of a machine that was kept")
    attach.add_argument("name")
    attach.add_argument("--pty", action="store_true", help="print the path of a PTY")
    attach.set_defaults(call=_attach)
    shot = actions.add_parser("shot", help="a picture of a machine's screen")
    shot.add_argument("name")
    shot.add_argument("file", type=Path)
    shot.set_defaults(call=_shot)
    keys = actions.add_parser("type", help="type on a machine's keyboard")
    keys.add_argument("name")
    keys.add_argument("text", nargs="?", default="", help="ended by Enter")
    keys.add_argument("--press", action="append", default=[], metavar="KEYS", help="ctrl-c, f1")
    keys.set_defaults(call=_type)
    log = actions.add_parser("log", help="the end of Parallels' own log of a machine")
    log.add_argument("name")
    log.set_defaults(call=_log)


def _say(text: str) -> None:
    print(f"pyrallax: {text}", file=sys.stderr)


def _entry(name: str) -> Entry:
    found = [entry for entry in Record().entries() if entry.name == name and entry.uuid]
    if not found:
        raise Unfit(f"{name} is no machine of ours: pyrallax parallels list names them")
    return found[0]


def _list(a: argparse.Namespace) -> int:
    prlctl = Prlctl()
    status = {machine.uuid: machine.status for machine in prlctl.machines()}
    for entry in Record().entries():
        how = "kept" if entry.kept else f"of process {entry.pid}"
        print(f"{entry.name}  {status.get(entry.uuid, 'gone')}  {how}")
    return 0


def _clean(a: argparse.Namespace) -> int:
    prlctl, record = Prlctl(), Record()
    clean_left_over(prlctl, record, _say)
    kept = [entry for entry in record.entries() if entry.kept] if a.kept else []
    failed = [entry for entry in kept if not delete(prlctl, record, entry, _say)]
    return 1 if failed or record.left_over() else 0


def _attach(a: argparse.Namespace) -> int:
    entry = _entry(a.name)
    if not entry.socket:
        raise Unfit(f"the serial line of {a.name} is a file: type with pyrallax parallels type")
    if not entry.kept:
        raise Unfit(f"process {entry.pid} has the serial line of {a.name}")
    if why := ParallelsVm.of(entry).evidence():
        raise Unfit(f"{why}: pyrallax parallels clean --kept deletes it")
    with Attached(entry.socket, f"{a.name}-attached", "parallels") as machine:
        if not a.pty:
            machine.wire.write(b"\r")  # its prompt has gone by
        return run.serve(machine) if a.pty else run.console(machine)


def _shot(a: argparse.Namespace) -> int:
    print(ParallelsVm.of(_entry(a.name)).screenshot(a.file))
    return 0


def _type(a: argparse.Namespace) -> int:
    keyboard = ParallelsVm.of(_entry(a.name)).keyboard
    try:
        for keys in a.press:
            keyboard.press(keys)
        if a.text:
            keyboard.type(a.text + "\n")
    except ValueError as why:
        raise Unfit(str(why)) from None
    return 0


def _log(a: argparse.Namespace) -> int:
    print(ParallelsVm.of(_entry(a.name)).host_log())
    return 0
