"""The unit tests of frozen Python once more, under MicroPython's unix port."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from areas import area

from pyrallax import BUILD, ROOT

FOLDER = Path(__file__).parent / "frozen"
FILES = [
    pytest.param(path, id=path.stem, marks=getattr(pytest.mark, area(path)))
    for path in sorted(FOLDER.glob("test_*.py"))
]
PATHS = (
    "frozen",
    "frozen/system",
    "frozen/bus",
    "frozen/blk",
    "frozen/usb",
    "frozen/fs",
    "tests/sim",
)
TIMEOUT_S = 240


@pytest.mark.parametrize("path", FILES)
def test_unix(path):
    unix = BUILD / "unix" / "micropython"
    assert unix.is_file(), "no unix port: run `make unix`"
    places = ":".join([".frozen", *(str(ROOT / folder) for folder in reversed(PATHS))])
    run = subprocess.run(
        [unix, "-X", "heapsize=64m", FOLDER / "run_unix.py", path],
        env={**os.environ, "MICROPYPATH": places},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    under_cpython = len(re.findall(r"^def test_", path.read_text(), re.M))
    assert int(run.stdout.split()[-4]) == under_cpython, run.stdout
