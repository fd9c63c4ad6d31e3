"""How set-up talks: one line per step, one line per refusal."""

import subprocess
import sys
from collections.abc import Sequence


class Refused(Exception):
    """A step cannot be done.  str(): one line saying what and how to mend it."""


def step(text: str) -> None:
    """Print a progress line at once."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def last_line(text: str) -> str:
    """The line of an output that names the failure: the last error, else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "ERROR", "error:", "fatal:"))]
    return (errors or lines or ["no output"])[-1]


def run(argv: Sequence[str], mend: str, env: dict[str, str] | None = None, cwd: str | None = None):
    """Run a command, its output captured.  Raises Refused with its own error and `mend`."""
    try:
        done = subprocess.run(
            argv, env=env, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except FileNotFoundError:
        raise Refused(f"{argv[0]} is not installed: {mend}") from None
    if done.returncode:
        raise Refused(f"`{argv[0]}` failed ({last_line(done.stdout)}): {mend}")
    return done.stdout
