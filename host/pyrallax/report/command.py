"""pyrallax hwreport: make a hardware report, check it, show it."""

import argparse
from pathlib import Path
from typing import Any

from .. import machine_options, report
from ..prompt import prompt
from ..repl import ReplError, TargetError
from ..vm.config import Unfit
from ..wire import WireClosed
from . import page, text


def add_to(commands: Any) -> None:
    """Add the subcommand `hwreport`."""
    parser = commands.add_parser("hwreport", help="describe a machine", description=__doc__)
    add = parser.add_argument
    add("report", nargs="?", type=Path, help="a report to show, in place of making one")
    machine_options.add_to(parser, "uefi")
    add("--out", type=Path, metavar="FILE", help="write the report (JSON) here")
    add("--html", type=Path, metavar="FILE", help="write a self-contained page here")
    add("--enable", action="store_true", help="switch controllers on while they are read")
    add("--dumps", action="store_true", help="show raw tables and configuration spaces, too")
    parser.set_defaults(call=_call)


def _made(a: argparse.Namespace) -> str:
    with machine_options.of(a, "hwreport") as vm:
        if vm.kind == "parallels":
            from ..parallels_run import wait_for_prompt

            wait_for_prompt(vm, False)
        return report.fetch(prompt(vm), a.enable)


def _call(a: argparse.Namespace) -> int:
    try:
        source = a.report.read_text("utf-8") if a.report else _made(a)
        if a.out:
            a.out.write_text(source, "utf-8")  # also one that fails the check: it is evidence
        parsed = report.parse(source)
    except (report.BadReport, UnicodeDecodeError) as why:
        raise Unfit(f"hwreport: {a.report or 'the target'}: {why}") from why
    except (ReplError, TargetError, WireClosed) as why:
        raise Unfit(f"no report from the target: {why}") from why
    if a.html:
        a.html.write_text(page.render(parsed), "utf-8")
    print(text.render(parsed, a.dumps), end="")
    return 0
