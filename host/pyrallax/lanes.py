"""The test suites: what each is, running them, and the lines that say how it went."""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from . import ARTIFACTS, ROOT, lint

# In the order they run: the quick and the telling ones first.
SUITES = {
    "lint": "style and names of Python and C",
    "unit": "host code, and frozen Python on CPython and MicroPython's unix port",
    "native": "our C compiled for this machine under sanitizers",
    "qemu": "the firmware in QEMU, without UEFI",
    "uefi": "the shim and the firmware by UEFI",
    "clients": "what serial clients expect; mpremote",
    "labs": "labgrid: its drivers and ours, a whole lab, in an environment of their own",
    "upstream": "MicroPython's own tests on the firmware",
    "fuzz": "hostile input, a short run",
}
_PARALLEL = {"unit", "native", "labs", "fuzz"}  # two workers: they judge no speed
_PYTHONS = {"labs": ROOT / ".venv-labs/bin/python"}  # where it is not the one that runs this
_NO_TESTS = 5  # pytest's status


@dataclass
class Outcome:
    """Counts of one suite.  skips: names of tests by reason.

    notes: failures, and what passed only when run again, one line each.
    """

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    skips: dict[str, list[str]] = field(default_factory=dict)

    def line(self) -> str:
        """The plain line that CI reads."""
        return f"{self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def names(suite: Iterable[str]) -> list[str]:
    """Suites from repeated options and comma lists; all of them from none.  Raises ValueError."""
    wanted = [name for words in suite for name in words.split(",") if name]
    unknown = [name for name in wanted if name not in SUITES]
    if unknown:
        raise ValueError(f"no such suite: {', '.join(unknown)}; there are {', '.join(SUITES)}")
    return [name for name in SUITES if name in wanted] if wanted else list(SUITES)


def read_junit(path: Path, outcome: Outcome) -> None:
    """Add the counts of pytest's XML report to an outcome."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        where = f"{case.get('classname', '')}::{case.get('name', '')}"
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        skip = case.find("skipped")
        if bad is not None:
            outcome.failed += 1
            outcome.notes.append(f"failed  {where}: {_one_line(bad.get('message'))}")
        elif skip is not None:
            outcome.skipped += 1
            outcome.skips.setdefault(_one_line(skip.get("message")), []).append(where)
        else:
            outcome.passed += 1
            tries = case.find("properties/property[@name='tries']")
            if tries is not None:
                outcome.notes.append(f"again   {where}: passed at try {tries.get('value')}")


def _one_line(text: str | None) -> str:
    return (text or "no reason given").strip().splitlines()[0][:200]


def _pytest(name: str, mark: str, full: bool, extra: list[str]) -> Outcome:
    outcome = Outcome(name)
    folder = ROOT / "tests" / name
    if not any(folder.rglob("test_*.py")):
        outcome.notes.append(f"empty   tests/{name} holds no test yet")
        return outcome
    python = _PYTHONS.get(name, Path(sys.executable))
    if not python.exists():
        outcome.failed += 1
        outcome.notes.append(f"failed  there is no {python}: run `make setup-test`")
        return outcome
    report = ARTIFACTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    jobs = os.environ.get("PYRALLAX_JOBS", "2" if name in _PARALLEL else "0")
    argv = [str(python), "-m", "pytest", str(folder), "-q", f"--junitxml={report}", "-n", jobs]
    argv += ["--dist", "loadfile"]
    argv += (["-m", mark] if mark else []) + (["--full"] if full else []) + extra
    status = subprocess.run(argv, cwd=ROOT).returncode
    if report.is_file():
        read_junit(report, outcome)
    if status == _NO_TESTS:
        outcome.notes.append("empty   no test chosen")
    elif status and not outcome.failed:
        outcome.failed += 1
        outcome.notes.append(f"failed  pytest itself ended with status {status}")
    return outcome


def _lint() -> Outcome:
    outcome = Outcome("lint")
    for check in lint.checks():
        problem = check.run()
        outcome.passed += problem is None
        if problem is not None:
            outcome.failed += 1
            outcome.notes.append(f"failed  {check.name}: {_one_line(problem)}")
            print(f"--- {check.name}\n{problem}")
    return outcome


def run(suites: list[str], mark: str = "", full: bool = False, extra: Iterable[str] = ()) -> int:
    """Run suites, print their lines and the summary; 0 when something ran and nothing failed."""
    ARTIFACTS.mkdir(exist_ok=True)
    outcomes = []
    for name in suites:
        if name == "lint" and mark:
            continue  # lint has no areas
        print(f"== {name}: {SUITES[name]}", flush=True)
        start = time.monotonic()
        outcome = _lint() if name == "lint" else _pytest(name, mark, full, list(extra))
        outcome.seconds = time.monotonic() - start
        outcomes.append(outcome)
        print(outcome.line(), flush=True)
    _summary(outcomes)
    total = Outcome("total")
    for outcome in outcomes:
        total.passed += outcome.passed
        total.failed += outcome.failed
        total.skipped += outcome.skipped
    if not total.passed and not total.failed:
        print("nothing ran: choose other suites or another area")
    print(total.line(), flush=True)
    return 1 if total.failed or not total.passed else 0


def _summary(outcomes: list[Outcome]) -> None:
    print(f"\n{'suite':10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for o in outcomes:
        print(f"{o.name:10}{o.passed:8}{o.failed:8}{o.skipped:9}{o.seconds:9.1f}")
    for outcome in outcomes:
        for note in outcome.notes:
            print(f"  {outcome.name}: {note}")
        for reason, tests in outcome.skips.items():
            names = tests[0] + (", …" if tests[1:] else "")
            print(f"  {outcome.name}: skipped {len(tests)}: {reason} ({names})")
    print()
