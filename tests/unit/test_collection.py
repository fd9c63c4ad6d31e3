"""pytest over all of tests/ at once, which `make test` never does: a bare `pytest` must work."""

import subprocess
import sys

import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.host


def test_all_suites_together():
    argv = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"]
    done = subprocess.run([*argv, "tests"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
