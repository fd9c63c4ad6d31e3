"""Files of build/ by the Makefile, the only place that calls compilers."""

import os
import subprocess
from pathlib import Path

from . import BUILD, ROOT

_TIMEOUT_S = 120


class BuildError(Exception):
    """str(): what make and the compiler said."""


def make(name: str) -> Path:
    """Bring build/NAME up to date; its path.  Raises BuildError."""
    path = BUILD / name
    # Within `make test`: not the job server of that make, whose descriptors are not ours.
    env = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS")}
    argv = ["make", "--no-print-directory", "SETUP=0", str(path.relative_to(ROOT))]
    done = subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=_TIMEOUT_S
    )
    if done.returncode:
        raise BuildError(done.stdout + done.stderr)
    return path
