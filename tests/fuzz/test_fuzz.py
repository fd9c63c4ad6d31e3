"""Hostile input for every parser: each fuzz_*.c runs libFuzzer from its committed corpus.

PYRALLAX_FUZZ_S: seconds for each target (5; 600 with --full).  New inputs go to build/fuzz, not to
the corpus; a finding stays in artifacts/ and gets a unit test.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pyrallax import ARTIFACTS, BUILD
from pyrallax.make import make

HERE = Path(__file__).parent


def area(path: Path):
    """The marker of a target's line `// area: usb`; boot without one."""
    named = re.search(r"^// area: (\w+)$", path.read_text(), re.M)
    return getattr(pytest.mark, named[1] if named else "boot")


TARGETS = [
    pytest.param(path, id=path.stem, marks=area(path)) for path in sorted(HERE.glob("fuzz_*.c"))
]


@pytest.fixture
def seconds(full: bool) -> int:
    return int(os.environ.get("PYRALLAX_FUZZ_S", "600" if full else "5"))


# The time limit of pytest-timeout would end a long run.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("path", TARGETS)
def test_fuzz(path: Path, seconds: int):
    target = make(f"fuzz/{path.stem}")
    found = BUILD / f"fuzz/{path.stem}.found"
    found.mkdir(exist_ok=True)
    ARTIFACTS.mkdir(exist_ok=True)
    seeds = HERE / "corpus" / path.stem
    assert any(seeds.iterdir()), f"no corpus in {seeds}"
    argv = [str(target), f"-max_total_time={seconds}", "-timeout=5", "-max_len=16384"]
    argv += ["-use_value_profile=1", f"-artifact_prefix={ARTIFACTS}/{path.stem}-"]
    argv += [str(found), str(seeds)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds * 2 + 120)
    assert done.returncode == 0, done.stderr[-4000:]
    ran = re.search(r"Done (\d+) runs", done.stderr)
    assert ran and int(ran[1]) > 100, done.stderr[-2000:]
    print(f"{path.stem}: {ran[1]} runs")
