"""pyrallax trace: show traces of register accesses, find where two of them part."""

import argparse
import sys
from pathlib import Path
from typing import Any

from ..failure import whole
from . import BadTrace, Trace, diff, load
from .steps import steps


def add_to(commands: Any) -> None:
    """Add the subcommand `trace`."""
    parser = commands.add_parser("trace", help="show or compare traces", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print a trace")
    show.add_argument("trace", type=Path)
    show.set_defaults(call=_show)
    compare = actions.add_parser(
        "diff", help="where two traces part; status 0: nowhere, 1: somewhere, 2: no traces"
    )
    add = compare.add_argument
    add("a", type=Path)
    add("b", type=Path)
    add("--ignore", action="append", default=[], metavar="NAME", help="a register, as it is shown")
    add("--context", type=whole, default=5, metavar="N", help="steps around the first difference")
    add("--all", action="store_true", help="every difference, not only the first")
    compare.set_defaults(call=_diff)


def _load(*paths: Path) -> list[Trace] | None:
    found = []
    for path in paths:
        try:
            found.append(load(path))
        except (BadTrace, OSError) as why:
            said = getattr(why, "strerror", None) or why
            print(f"pyrallax: {path}: {said}", file=sys.stderr)
            return None
    return found


def _about(name: str, trace: Trace, count: int) -> str:
    lost = f", {trace.dropped} earlier ones lost" if trace.dropped else ""
    return (
        f"{name}: {trace.machine or 'unknown machine'}, build {trace.build[:8]}, "
        f"{len(trace.entries)} entries{lost}, {count} steps"
    )


def _show(a: argparse.Namespace) -> int:
    traces = _load(a.trace)
    if traces is None:
        return 2
    found = steps(traces[0].entries)
    print(_about(str(a.trace), traces[0], len(found)))
    for step in found:
        print(f"{step.first.us:11.1f} {step.show():<60} {step.first.where}".rstrip())
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    traces = _load(arguments.a, arguments.b)
    if traces is None:
        return 2
    a, b = (steps(trace.entries, arguments.ignore) for trace in traces)
    print(_about("a", traces[0], len(a)))
    print(_about("b", traces[1], len(b)))
    found = diff.compare(a, b)
    for line in diff.render(a, b, found, arguments.context, arguments.all):
        print(line)
    return 1 if found else 0
