"""The random tables of tests/unit/frozen/test_gpt.py and test_mbr.py, many more of them."""

import os
import subprocess
import sys

import pytest

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.storage

_UNIT = ROOT / "tests/unit/frozen"
_PATHS = ("frozen", "frozen/system", "frozen/blk", "tests/sim")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("port", ["cpython", "unix"])
@pytest.mark.parametrize("table", ["gpt", "mbr"])
def test_random_tables(table, port, full):
    count = 100_000 if full else 20_000
    places = [str(ROOT / folder) for folder in reversed(_PATHS)]
    env = {**os.environ, "PYRALLAX_FUZZ": str(count), "PYRALLAX_SEED": "1000"}
    path = _UNIT / f"test_{table}.py"
    if port == "unix":
        unix = BUILD / "unix/micropython"
        assert unix.is_file(), "no unix port: run `make unix`"
        argv = [unix, "-X", "heapsize=64m", _UNIT / "run_unix.py", path]
        env["MICROPYPATH"] = ":".join([".frozen", *places])
    else:
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
    run = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and " passed" in run.stdout, run.stdout + run.stderr
