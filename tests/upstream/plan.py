"""What of the release's tests runs, in which groups, and what skip.toml says about the rest."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pyrallax import ROOT

FOLDERS = ("basics", "micropython", "misc", "extmod", "float", "stress", "unicode", "io", "import")
_CHUNK = 130  # tests per machine: evens out the lanes
# What tests of a folder open or import there.
_NEEDS = {"io": "io/data", "unicode": "unicode/data", "import": "import"}


@dataclass
class Group:
    """Tests (paths below the tests folder) that run with `folder` as the target's current one.

    files: what the tests open or import there, each copied to /ram/tests/.
    """

    folder: str
    tests: list[str]
    files: list[str]


@dataclass
class Skip:
    """run: the test runs, finds the feature missing and says so; else it is not run at all."""

    reason: str
    run: bool


def source() -> Path:
    """MicroPython's sources.  Raises FileNotFoundError."""
    pins = tomllib.loads((ROOT / "deps.toml").read_text())
    cache = Path(os.environ.get("PYRALLAX_CACHE") or ROOT / ".cache")
    given = os.environ.get("MICROPYTHON_DIR")
    home = Path(given) if given else cache / f"micropython-{pins['micropython']['version']}"
    if not (home / "tests/run-tests.py").is_file():
        raise FileNotFoundError(f"there is no {home}/tests: run `make setup`")
    return home


def tests(folder: str) -> list[str]:
    """The tests of a folder, as run-tests.py names them."""
    home = source() / "tests"
    return sorted(path.relative_to(home).as_posix() for path in home.glob(f"{folder}/*.py"))


def skips() -> dict[str, Skip]:
    """skip.toml by test.  Raises ValueError for a test without reason, listed twice or unknown."""
    listed: dict[str, Skip] = {}
    home = source() / "tests"
    for entry in tomllib.loads(Path(__file__).with_name("skip.toml").read_text())["skip"]:
        for name in entry["tests"]:
            if name in listed or not (home / name).is_file():
                raise ValueError(f"skip.toml: {name} is listed twice or is no test")
            if not entry["reason"].strip():
                raise ValueError(f"skip.toml: {name} has no reason")
            listed[name] = Skip(entry["reason"], entry["run"])
    return listed


def groups(wanted: set[str]) -> list[Group]:
    """The wanted tests in groups, each for one machine; the long ones first."""
    made = []
    home = source() / "tests"
    for folder in FOLDERS:
        chosen = [name for name in tests(folder) if name in wanted]
        files = []
        if folder in _NEEDS:
            found = (home / _NEEDS[folder]).rglob("*")
            files = [p.relative_to(home).as_posix() for p in found if p.is_file()]
        for at in range(0, len(chosen), _CHUNK):
            made.append(Group(folder, chosen[at : at + _CHUNK], sorted(files)))
    return sorted(made, key=lambda group: group.folder != "extmod")
