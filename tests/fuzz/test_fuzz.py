"""Hostile input for every parser: each fuzz_*.c runs libFuzzer from its committed corpus.

PYRALLAX_FUZZ_S: seconds for each target (5; 600 with --full).  New inputs go to build/fuzz, not to
the corpus; a finding stays in artifacts/ and gets a unit test.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
CC = f"clang{os.environ.get('LLVM_SUFFIX', '-19')}"
FLAGS = [
    "-std=gnu11",
    "-g",
    "-O1",
    "-DPYRALLAX_HOST",
    "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION",
    "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=all",
    "-Wall",
    "-Wextra",
    "-Werror",
]
TARGETS = [
    pytest.param(path, id=path.stem, marks=pytest.mark.boot)
    for path in sorted(HERE.glob("fuzz_*.c"))
]


@pytest.fixture
def seconds(full: bool) -> int:
    return int(os.environ.get("PYRALLAX_FUZZ_S", "600" if full else "5"))


def build(path: Path) -> Path:
    sources = re.search(r"^// sources:(.*)$", path.read_text(), re.M)
    assert sources, f"{path.name} has no `// sources:` line"
    BUILD.mkdir(parents=True, exist_ok=True)
    out = BUILD / path.stem
    new = out.with_suffix(f".{os.getpid()}")
    argv = [CC, *FLAGS, f"-I{ROOT}", "-o", str(new), str(path)]
    argv += [str(ROOT / s) for s in sources[1].split()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    new.replace(out)  # another run may be using the old one
    return out


# The time limit of pytest-timeout would end a long run.
@pytest.mark.timeout(0)
@pytest.mark.parametrize("path", TARGETS)
def test_fuzz(path: Path, seconds: int):
    target = build(path)
    found = BUILD / f"{path.stem}.found"
    found.mkdir(exist_ok=True)
    artifacts = ROOT / "artifacts"
    artifacts.mkdir(exist_ok=True)
    seeds = HERE / "corpus" / path.stem
    assert any(seeds.iterdir()), f"no corpus in {seeds}"
    argv = [str(target), f"-max_total_time={seconds}", "-timeout=5", "-max_len=16384"]
    argv += ["-use_value_profile=1", f"-artifact_prefix={artifacts}/{path.stem}-"]
    argv += [str(found), str(seeds)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds * 2 + 120)
    assert done.returncode == 0, done.stderr[-4000:]
    ran = re.search(r"Done (\d+) runs", done.stderr)
    assert ran and int(ran[1]) > 100, done.stderr[-2000:]
    print(f"{path.stem}: {ran[1]} runs")
