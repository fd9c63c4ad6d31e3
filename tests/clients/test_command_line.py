"""`make run` and `inv run` as a user has them: in a pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host

_INV = str(Path(sys.executable).parent / "inv")


@pytest.mark.parametrize(
    "command", [["make", "SETUP=0", "MACHINE=direct", "run"], [_INV, "run"]], ids=["make", "inv"]
)
def test_piped_input_reaches_the_prompt(command):
    env = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    done = subprocess.run(
        command, cwd=ROOT, input=b"print(40 + 2)\n", capture_output=True, timeout=60, env=env
    )
    assert done.returncode == 0, done.stderr
    assert b"print(40 + 2)\r\n42\r\n" in done.stdout
