"""pyrallax hwreport: make a hardware report, check it, show it."""

import argparse
import sys
from pathlib import Path
from typing import Any

from .. import ARTIFACTS, report
from ..line import open_line
from ..repl import Repl, ReplError, TargetError
from ..vm.config import Config, Unfit
from ..vm.qemu import Vm
from ..wire import Log, WireClosed
from . import page, text


def add_to(commands: Any) -> None:
    """Add the subcommand `hwreport`."""
    parser = commands.add_parser("hwreport", help="describe a machine", description=__doc__)
    add = parser.add_argument
    add("report", nargs="?", type=Path, help="a report to show, in place of making one")
    add("--serial", type=Path, metavar="PATH", help="a running target's tty, PTY or socket")
    add("--machine", choices=["direct", "uefi"], default="uefi", help="or boot QEMU")
    add("--gic", type=int, choices=[2, 3], default=2)
    add("--cpus", type=int, default=1)
    add("--device", action="append", default=[], help="one more device of QEMU")
    add("--out", type=Path, metavar="FILE", help="write the report (JSON) here")
    add("--html", type=Path, metavar="FILE", help="write a self-contained page here")
    add("--enable", action="store_true", help="switch controllers on while they are read")
    add("--dumps", action="store_true", help="show raw tables and configuration spaces, too")
    parser.set_defaults(call=_call)


def _made(a: argparse.Namespace) -> str:
    if a.serial:
        wire = open_line(a.serial, Log(ARTIFACTS / "hwreport.serial.log"))
        try:
            repl = Repl(wire)
            made = report.fetch(repl, a.enable)
            repl.exit_raw()
            return made
        finally:
            wire.close()
    config = Config(machine=a.machine, gic=a.gic, cpus=a.cpus, device=a.device)
    with Vm(config, name="hwreport") as vm:
        return report.fetch(vm.repl(), a.enable)


def _call(a: argparse.Namespace) -> int:
    try:
        source = a.report.read_text("utf-8") if a.report else _made(a)
        if a.out:
            a.out.write_text(source, "utf-8")  # also one that fails the check: it is evidence
        parsed = report.parse(source)
        if a.html:
            a.html.write_text(page.render(parsed), "utf-8")
    except (report.BadReport, OSError, UnicodeDecodeError) as why:
        print(f"pyrallax: hwreport: {why}", file=sys.stderr)
        return 1
    except (ReplError, TargetError, WireClosed, Unfit) as why:
        print(f"pyrallax: no report from the target: {why}", file=sys.stderr)
        return 1
    print(text.render(parsed, a.dumps), end="")
    return 0
