"""C that also compiles for the host: each TEST(name) of test_*.c is a case, under ASan and UBSan.

A test file's line `// sources: a.c b.c` names what it is linked with, from the repository's root;
the Makefile does that.  A line `// area: probe` gives pytest's marker; boot without one.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from pyrallax.make import make

HERE = Path(__file__).parent


def cases():
    """(test file, name) of each TEST."""
    for path in sorted(HERE.glob("test_*.c")):
        text = path.read_text()
        area = re.search(r"^// area: (\w+)$", text, re.M)
        mark = getattr(pytest.mark, area[1] if area else "boot")
        for name in re.findall(r"^TEST\((\w+)\)", text, re.M):
            yield pytest.param(path, name, id=f"{path.stem}-{name}", marks=mark)


@cache
def build(path: Path) -> Path:
    """The test program of one file.  Raises BuildError."""
    return make(f"native/{path.stem}")


@pytest.mark.parametrize(("path", "name"), list(cases()))
def test_c(path: Path, name: str):
    done = subprocess.run([build(path), name], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-4000:]
