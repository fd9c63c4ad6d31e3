"""perf_bench of MicroPython: instructions of each program against the unix port under Linux."""

import os
import re
from pathlib import Path
from typing import Any

from .. import ROOT
from ..vm.config import Unfit
from .figures import Figure, columns, geomean
from .machine import Images, Target

N, M = 1000, 1000

# The unix port (1.26.1, static, -O2) in Linux 6.1 on the same emulated CPU, million instructions.
UNIX = """
chaos 252.0 · fannkuch 575.3 · fft 400.2 · float 251.8 · hexiom 148.9 · nqueens 176.3 ·
pidigits 159.4 · wordcount 952.6 · import_mpy_multi 52.4 · locals 1341.6 · qstr 16.1 ·
str 170.5 · yield_from 86.8 · aes 239.4 · mandel 190.0 · pystone 143.4 · raytrace 152.4
"""

# As run-perfbench.py and its benchrun.py: parameters by (N, M), set up, then count the run alone.
RUN = """
def _bench(n, m):
    import boot, time
    best, param = (0, 0), None
    for nm, p in bm_params.items():
        if 10 * nm[0] <= 12 * n and nm[1] <= m and nm > best:
            best, param = nm, p
    run, result = bm_setup(param)
    retired = boot.instructions
    ticks = time.ticks_cpu
    counted = retired() is not None
    us = time.ticks_us()
    i = retired()
    t = ticks()
    run()
    t = ticks() - t
    i = (retired() - i) & 0xffffffff if counted else None
    us = time.ticks_us() - us
    norm = result()[0]
    print((t, i, us))
"""
_CALL = "_bench({n}, {m})\n"


def parse(text: str) -> dict[str, float]:
    """Program and number, from `name number · name number`.  Raises ValueError."""
    found = {}
    for entry in text.split("·"):
        match = re.fullmatch(r"\s*(\w+) (\d+(?:\.\d+)?)\.?\s*", entry)
        if not match:
            raise ValueError(f"no program and number: {entry.strip()!r}")
        if match[1] in found:
            raise ValueError(f"twice in the table: {match[1]}")
        found[match[1]] = float(match[2])
    return found


def programs() -> dict[str, Path]:
    """The programs of the table, in its order.  Raises Unfit."""
    given = os.environ.get("MICROPYTHON_DIR")
    caches = sorted((ROOT / ".cache").glob("micropython-*"))
    source = Path(given) if given else (caches[-1] if caches else ROOT / ".cache")
    found = {}
    for name in parse(UNIX):
        paths = list((source / "tests" / "perf_bench").glob(f"*_{name}.py"))
        if len(paths) != 1:
            raise Unfit(f"no perf_bench program {name} in {source}: run `make setup`")
        found[name] = paths[0]
    return found


def smallest(name: str) -> tuple[str, str]:
    """A program with its runner, and the call that runs it with its smallest parameters."""
    source = programs()[name].read_text()
    keys = [(int(n), int(m)) for n, m in re.findall(r"^ +\((\d+), (\d+)\):", source, re.M)]
    n, m = min(keys)
    return source + RUN, _CALL.format(n=n, m=m)


def _once(images: Images, icount: bool) -> dict[str, tuple]:
    """(cycles, retired, µs) of every program."""
    with images.machine(icount=icount) as vm:
        target = Target(vm)
        return {
            name: target.run(path.read_text() + RUN + _CALL.format(n=N, m=M))
            for name, path in programs().items()
        }


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """The geometric mean; `perf_bench` in the details has each program."""
    unix = parse(UNIX)
    counts = [_once(images, True) for _ in range(runs)]
    walls = _once(images, False)
    details: dict[str, dict[str, Any]] = {}
    for name, reference in unix.items():
        insns = [count[name][0] for count in counts]
        details[name] = {
            "insns": min(insns),
            "spread": max(insns) - min(insns),
            "retired": min(count[name][1] for count in counts),
            "unix_insns": round(reference * 1e6),
            "ratio": min(insns) / (reference * 1e6),
            "wall_s": walls[name][2] / 1e6,
        }
    means = [geomean(count[name][0] / (unix[name] * 1e6) for name in unix) for count in counts]
    wall = sum(entry["wall_s"] for entry in details.values())
    figure = Figure("interp.geomean_vs_unix", "ratio", means, f"{wall:.1f} s wall, all programs")
    return [figure], {"perf_bench": details}


def table(details: dict[str, dict[str, Any]]) -> str:
    """One line per program."""
    rows = [["program", "ours M", "unix M", "ratio", "spread", "wall s"]]
    for name, entry in details.items():
        rows.append(
            [
                name,
                f"{entry['insns'] / 1e6:.1f}",
                f"{entry['unix_insns'] / 1e6:.1f}",
                f"{entry['ratio']:.3f}",
                f"{entry['spread']:,}",
                f"{entry['wall_s']:.2f}",
            ]
        )
    return columns(rows)
