"""C that also compiles for the host: each TEST(name) of test_*.c is a case, under ASan and UBSan.

A test file's line `// sources: a.c b.c` names what it is linked with, from the repository's root.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CC = f"clang{os.environ.get('LLVM_SUFFIX', '-19')}"
FLAGS = [
    "-std=gnu11",
    "-g",
    "-O1",
    "-DPYRALLAX_HOST",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
    "-Wall",
    "-Wextra",
    "-Werror",
    f"-I{ROOT}",
]


def cases():
    """(test file, name) of each TEST."""
    for path in sorted(HERE.glob("test_*.c")):
        for name in re.findall(r"^TEST\((\w+)\)", path.read_text(), re.M):
            yield pytest.param(path, name, id=f"{path.stem}-{name}", marks=pytest.mark.boot)


@cache
def build(path: Path) -> Path:
    """The test program of one file; fails the test with the compiler's words."""
    sources = re.search(r"^// sources:(.*)$", path.read_text(), re.M)
    assert sources, f"{path.name} has no `// sources:` line"
    out = ROOT / "build" / "native" / path.stem
    out.parent.mkdir(parents=True, exist_ok=True)
    new = out.with_suffix(f".{os.getpid()}")
    argv = [CC, *FLAGS, "-o", str(new), str(path)]
    argv += [str(ROOT / s) for s in sources[1].split()]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    new.replace(out)  # another run may be using the old one
    return out


@pytest.mark.parametrize(("path", "name"), list(cases()))
def test_c(path: Path, name: str):
    done = subprocess.run([build(path), name], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-4000:]
