"""pyrallax watch: boot a machine and hold what it says against a file of expectations."""

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import BUILD, machine_options, symbolize
from ..buildid import check_image, other_build
from ..failure import FAILED, USAGE, factor, reason
from ..stages import Stages
from ..vm.config import Unfit
from ..vm.machine import Machine
from ..vm.open import BY_UEFI, EMULATED
from ..wire import WireClosed, recorded
from . import junit
from .expectations import BadExpectations, Expectations, load
from .matcher import FAILED as NOT_HELD
from .matcher import PASSED, SKIPPED, Matcher, Result

_LOOK_S = 0.5
_LAST_LINES = 12
_AFTERWARDS_S = 3.0  # what it says after a failure belongs to the evidence, as a panic block does
_QUIET_S = 0.5


def add_to(commands: Any) -> None:
    """Add the subcommand `watch`."""
    parser = commands.add_parser("watch", help="check a boot's log", description=__doc__)
    add = parser.add_argument
    add("--expect", type=Path, required=True, metavar="FILE", help="expectations (TOML)")
    add("--log", type=Path, metavar="FILE", help="a recorded log, in place of a machine")
    add("--junit", type=Path, metavar="FILE", help="write the results here (XML)")
    add("--slower", type=factor, default=1.0, metavar="N", help="multiply all limits of time")
    machine_options.add_to(parser)
    parser.set_defaults(call=_call)


def _call(a: argparse.Namespace) -> int:
    try:
        wanted = load(a.expect)
    except BadExpectations as why:
        print(f"pyrallax: {why}", file=sys.stderr)
        return USAGE
    stages = Stages()
    properties = {"expectations": str(a.expect)}
    try:
        matcher = _replay(a, wanted, stages) if a.log else _watch(a, wanted, stages, properties)
    except Exception as why:
        _write(a, wanted, [], properties, stages, reason(why))
        raise
    _write(a, wanted, matcher.results, properties, stages)
    counts = [
        f"{sum(r.outcome == kind for r in matcher.results)} {kind}"
        for kind in (PASSED, NOT_HELD, SKIPPED)
    ]
    print(f"watch: {wanted.name}: {', '.join(counts)}")
    return FAILED if matcher.failed else 0


def _write(
    a: argparse.Namespace,
    wanted: Expectations,
    results: list[Result],
    properties: dict[str, str],
    stages: Stages,
    error: str = "",
) -> None:
    if a.junit:
        said = "\n".join(stages.last_lines(_LAST_LINES))
        junit.write(a.junit, wanted.name, results, properties, said, error)


def _show(results: Iterable[Result]) -> None:
    for result in results:
        if result.outcome == PASSED:
            print(f"ok   {result.seconds:8.3f} s  {result.name}", flush=True)
        else:
            print(f"FAIL {result.seconds:8.3f} s  {result.name}: {result.why}", flush=True)


def _show_last(stages: Stages) -> None:
    lines = stages.last_lines(_LAST_LINES)
    print(f"pyrallax: {'last came' if lines else 'not one byte came'}", file=sys.stderr)
    for line in lines:
        print(f"  {line}", file=sys.stderr)


def _replay(a: argparse.Namespace, wanted: Expectations, stages: Stages) -> Matcher:
    """A log of ours with its times, or any text without."""
    if machine_options.given(a):
        raise Unfit("a recorded log has no machine: leave out --log, or the machine's options")
    data = a.log.read_bytes()
    chunks = recorded(data.decode("ascii", "replace"))
    matcher = Matcher(wanted, a.slower, timed=bool(chunks))
    if not chunks:
        print(f"pyrallax: {a.log} has no times: no limit is checked", file=sys.stderr)
    now = 0.0
    for now, piece in chunks or [(0.0, data)]:
        stages.feed(piece)
        _show(matcher.feed(piece, now))
    _show(matcher.finish(now, "the log ends before"))
    if matcher.failed:
        _show_last(stages)
    return matcher


def _watch(
    a: argparse.Namespace, wanted: Expectations, stages: Stages, properties: dict[str, str]
) -> Matcher:
    kind = machine_options.kind(a)
    if kind in BY_UEFI:
        check_image(BUILD / "esp.img")
    name = "watch-" + "".join(c if c.isalnum() or c in "-." else "_" for c in a.expect.stem)
    with machine_options.of(a, name) as vm:
        properties |= {"machine": kind, "serial log": str(vm.log_path)}
        matcher = Matcher(wanted, a.slower)
        _follow(vm, matcher, stages)
        if kind not in EMULATED and (warning := other_build(stages.banner)):
            print(f"pyrallax: {warning}", file=sys.stderr)
        if matcher.failed:
            _evidence(vm, stages)
    return matcher


def _follow(vm: Machine, matcher: Matcher, stages: Stages) -> None:
    """Read until all is decided, and after a failure until it is quiet."""
    assert vm.wire
    began = time.monotonic()
    while not matcher.over:
        left = matcher.deadline() - (time.monotonic() - began)
        try:
            data = vm.wire.read(max(0.0, min(left, _LOOK_S)))
        except WireClosed as why:
            _show(matcher.finish(time.monotonic() - began, f"the machine ended: {why}"))
            return
        stages.feed(data)
        _show(matcher.feed(data, time.monotonic() - began))
    deadline = time.monotonic() + _AFTERWARDS_S * matcher.failed
    try:
        while time.monotonic() < deadline and (data := vm.wire.read(_QUIET_S)):
            stages.feed(data)
    except WireClosed:
        pass  # it has been judged


def _evidence(vm: Machine, stages: Stages) -> None:
    """All that is known about a failure, on stderr."""
    if why := vm.evidence():
        print(f"pyrallax: {why}", file=sys.stderr)
    _show_last(stages)
    for block in symbolize.blocks(vm.log_path.read_text()):
        print(symbolize.report(block), file=sys.stderr)
    print(f"pyrallax: all of it is in {vm.log_path}", file=sys.stderr)
