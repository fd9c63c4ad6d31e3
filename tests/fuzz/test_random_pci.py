"""tests/unit/frozen/test_pci_fuzz.py with more machines, on CPython and the unix port."""

import os
import subprocess
import sys

import pytest

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.probe

_UNIT = ROOT / "tests/unit/frozen"
_PATHS = ("frozen", "frozen/system", "frozen/bus", "tests/sim")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("port", ["cpython", "unix"])
def test_random_machines(port, full):
    count = 200_000 if full else 10_000
    places = [str(ROOT / folder) for folder in reversed(_PATHS)]
    env = {**os.environ, "PYRALLAX_FUZZ": str(count), "PYRALLAX_SEED": "1000"}
    path = _UNIT / "test_pci_fuzz.py"
    if port == "unix":
        unix = BUILD / "unix/micropython"
        assert unix.is_file(), "no unix port: run `make unix`"
        argv = [unix, "-X", "heapsize=64m", _UNIT / "run_unix.py", path]
        env["MICROPYPATH"] = ":".join([".frozen", *places])
    else:
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
        argv.append("--timeout=0")
    run = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout + run.stderr
