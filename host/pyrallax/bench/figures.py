"""Figures, the goals they are held against, the table, and the JSON document."""

import math
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from .. import ROOT
from .machine import Images, qemu_version

SCHEMA = 1
MIB = 1024 * 1024

# At most; in the unit of the figure.  The reasons are in docs/performance.md.
GOALS = {
    "boot.direct.insns": 10e6,
    "boot.uefi.insns": 43e6,
    "boot.direct.wall_s": 1.0,
    "boot.uefi.wall_s": 3.0,
    "interp.geomean_vs_unix": 0.85,
    "size.loaded_bytes": 1.5 * MIB,
    "discovery.insns": 40e6,
    "mmio.read_vs_len": 1.5,
    "ram.min_mb": 32,
    "reset.soft_ms": 50,
    "ahci.sequential_insns_per_mib": 0.20e6,
    "ahci.random_insns": 20e3,
    "ext2.file_insns_per_mib": 1.24e6,
    "ext2.list_1000_insns": 1000,
    "ext2.list_10000_insns": 1000,
    "ext2.stat_insns": 29.7e3,
    "ext2.small_insns": 55.7e3,
    "ext2.read_alloc_bytes": 0,
    "flash.zeros_16mib_s": 5,
    "flash.random_vs_line": 1.25,
    "ramboot.s": 10,
    "ext2.cache_bytes": 4 * MIB,
    "usb.probe_to_keyboard_s": 0.403,
    "usb.key_latency_ms": 3.1,
    "usb.reports_lost": 0,
}

# At least; how many times better than Linux in the same run.
RATIOS = {
    "ahci.read_us_per_mib": 1.0,
    "ahci.write_us_per_mib": 1.0,
    "usb.probe_insns": 1.0,
    "usb.key_latency_ms": 1.0,
    "usb.key_latency_p99_ms": 1.0,
    "usb.read_us_per_mib": 0.9,
}


@dataclass
class Figure:
    """One figure, measured several times.  beside: the same in wall time, or what to know.

    linux: the same work by Linux.  paired: wall time that both took by turns, run by run.
    """

    key: str
    unit: str
    runs: list[float]
    beside: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    linux: list[float] = field(default_factory=list)
    paired: bool = False

    def _typical(self, runs: list[float]) -> float:
        return median(runs) if self.paired else min(runs)

    @property
    def ours(self) -> float:
        """The least of the runs: what else the machine does only adds.  Of pairs the median."""
        return self._typical(self.runs)

    @property
    def theirs(self) -> float | None:
        """Linux's, by the same rule."""
        return self._typical(self.linux) if self.linux else None

    @property
    def ratios(self) -> list[float]:
        """Of each pair of runs: how many times Linux's cost is ours."""
        return [theirs / ours for ours, theirs in zip(self.runs, self.linux, strict=True)]

    @property
    def ratio(self) -> float | None:
        """How many times Linux's cost is ours.  Of pairs the median, which a busy host sways less
        than the medians of each."""
        if self.theirs is None:
            return None
        return median(self.ratios) if self.paired else self.theirs / self.ours

    @property
    def spread(self) -> float:
        """Largest run less the smallest: 0 for what repeats to the instruction."""
        return max(self.runs) - min(self.runs)

    @property
    def goal(self) -> float | None:
        """The most it may be."""
        return GOALS.get(self.key)

    @property
    def least_ratio(self) -> float | None:
        """The least that `ratio` may be."""
        return RATIOS.get(self.key)

    @property
    def verdict(self) -> str:
        """pass, miss, or nothing where there is no goal."""
        met = []
        if self.goal is not None:
            met.append(self.ours <= self.goal)
        if self.least_ratio is not None and self.ratio is not None:
            met.append(self.ratio >= self.least_ratio)
        return ("pass" if all(met) else "miss") if met else ""


def geomean(ratios: Iterable[float]) -> float:
    """Geometric mean of positive numbers.  Raises ValueError for none, or one that is not."""
    logs = []
    for ratio in ratios:
        if not ratio > 0:
            raise ValueError(f"no geometric mean with {ratio}")
        logs.append(math.log(ratio))
    if not logs:
        raise ValueError("no geometric mean of nothing")
    return math.exp(math.fsum(logs) / len(logs))


def number(value: float | None) -> str:
    """A figure as people read it: 2,987,654 or 0.803."""
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def columns(rows: list[list[str]], left: Iterable[int] = (0,)) -> str:
    """Rows as text, numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


_HEAD = ["figure", "ours", "unit", "spread", "Linux", "ratio", "goal", "", "beside"]


def _rows(figures: list[Figure]) -> list[list[str]]:
    return [
        [
            f.key,
            number(f.ours),
            f.unit,
            number(f.spread),
            number(f.theirs),
            times(f.ratio),
            number(f.goal) or times(f.least_ratio),
            f.verdict,
            f.beside,
        ]
        for f in figures
    ]


def times(ratio: float | None) -> str:
    """A ratio as people read it: 1.25x."""
    return "" if ratio is None else f"{ratio:.2f}x"


def table(figures: list[Figure]) -> str:
    """One line per figure and goal."""
    return columns([_HEAD, *_rows(figures)], (0, 2, 7, 8))


def markdown(figures: list[Figure]) -> str:
    """The same for a page."""
    rows = [_HEAD, ["---"] * len(_HEAD), *_rows(figures)]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def document(figures: list[Figure], details: dict, images: Images) -> dict[str, Any]:
    """What --json writes."""
    entries = {}
    for f in figures:
        entries[f.key] = {"ours": f.ours, "unit": f.unit, "runs": f.runs, **f.more}
        if f.beside:
            entries[f.key]["beside"] = f.beside
        if f.linux:
            entries[f.key] |= {"linux": f.theirs, "linux_runs": f.linux, "ratio": f.ratio}
        if f.goal is not None:
            entries[f.key]["goal"] = f.goal
        if f.least_ratio is not None:
            entries[f.key]["least_ratio"] = f.least_ratio
        if f.verdict:
            entries[f.key]["pass"] = f.verdict == "pass"
    return {
        "schema": SCHEMA,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "type": "virt,gic-version=2",
            "cpu": "cortex-a72",
            "cpus": 1,
            "memory_mb": 512,
            "icount": "shift=0,sleep=off",
            "host": f"{platform.system()} {platform.machine()}",
        },
        "versions": {
            "pyrallax": images.version,
            "micropython": _micropython(),
            "qemu": qemu_version(),
            "python": platform.python_version(),
        },
        "build_id": images.build_id,
        "figures": entries,
        **details,
    }


def _micropython() -> str:
    import tomllib

    return tomllib.loads((ROOT / "deps.toml").read_text())["micropython"]["version"]
