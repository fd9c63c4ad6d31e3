"""Many cases of hostile input in one run of MicroPython's unix port or CPython."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from pyrallax import BUILD, ROOT

PORTS = ("cpython", "unix")
_HERE = Path(__file__).parent
_UNIT = ROOT / "tests" / "unit" / "frozen"
_FROZEN = ("", "system", "bus", "blk", "fs", "usb")
_PATHS = [_HERE, ROOT / "tests" / "sim", *(ROOT / "frozen" / name for name in _FROZEN)]
_PLACES = ":".join(map(str, _PATHS))
_START_S = 60
_CASE_S = 0.5  # on a machine that is busy; a run that hangs ends


def _unix(heap: str) -> list:
    unix = BUILD / "unix" / "micropython"
    assert unix.is_file(), "no unix port: run `make unix`"
    return [unix, "-X", f"heapsize={heap}"]


def _run(argv: list, cases: int, **more: str) -> str:
    done = subprocess.run(
        [str(word) for word in argv],
        env=os.environ | more, cwd=ROOT, capture_output=True, text=True,
        timeout=_START_S + cases * _CASE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def damaged(port: str, target: str, corpus: Path, seed: int, cases: int, heap: str = "64m"):
    """A target of this folder with damaged files of a corpus: many are refused, not all."""
    words = [_HERE / target, corpus, seed, cases]
    began = time.monotonic()
    if port == "unix":
        output = _run([*_unix(heap), *words], cases, MICROPYPATH=f".frozen:{_PLACES}")
    else:
        output = _run([sys.executable, *words], cases, PYTHONPATH=_PLACES)
    seconds = time.monotonic() - began
    said = re.search(r"(\d+) cases, (\d+) (?:refused|broken), slowest (\d+) ms", output)
    assert said and int(said[1]) == cases, output[-3000:]
    assert cases // 4 < int(said[2]) < cases, said[0]
    print(f"{said[0]}; {cases / seconds:.0f} cases/s")


def generated(port: str, name: str, cases: int):
    """A file of tests/unit/frozen that makes its own input, with more of it and another seed."""
    more = {"PYRALLAX_FUZZ": str(cases), "PYRALLAX_SEED": "1000"}
    if port == "unix":
        argv = [*_unix("64m"), _UNIT / "run_unix.py", _UNIT / name]
        more["MICROPYPATH"] = f".frozen:{_PLACES}"
    else:
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0"]
        argv.append(_UNIT / name)
    assert re.search(r"[1-9]\d* passed", _run(argv, cases, **more))
