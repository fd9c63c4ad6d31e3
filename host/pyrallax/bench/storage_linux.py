"""Linux beside the firmware: the same disks, the same work, by the program in peers/."""

from collections.abc import Mapping
from pathlib import Path

from . import storage_programs as programs
from .figures import Figure
from .machine import Images, Target
from .peers.linux import Linux
from .peers.packages import NoPeer
from .storage_disks import FILE_MIB, NULL, VOLUME_MIB, ZONE_MIB, attached, scratch

_MODULES = ("ahci", "sd_mod", "crc32c_generic", "ext4")  # Debian's ext2 is the driver of ext4

# Figure: what Linux is asked, and by what the answer is divided.
_ON_NULL = {
    "ahci.sequential_insns_per_mib": ("read 0 64", 64),
    "ahci.random_insns": ("random 512", 512),
    "ahci.random_gather_insns": ("random 512 32", 512),
}
_ON_VOLUME = {
    "ext2.file_insns_per_mib": ("file /b/big.bin 65536", 64),
    "ext2.list_1000_insns": ("list /b/d1000", 1000),
    "ext2.list_10000_insns": ("list /b/d10000", 10000),
    "ext2.stat_insns": ("stat /b/small", 1000),
    "ext2.small_insns": ("small /b/small", 1000),
    "ext2.create_insns": ("create /b/many 1000 1", 1000),
    "ext2.delete_insns": ("delete /b/many 1000", 1000),
    "ext2.create_late_insns": ("create /b/more 1000 0", 1000),
}
_WARM = ("file /b/big.bin 1048576", "list /b/d10", "create /b/few 2 1", "delete /b/few 2")

# The same in wall time: figure, the firmware's expression, Linux's words, divisor.  No figure:
# what makes room for the next.
_ZONE = f"{VOLUME_MIB} {ZONE_MIB}"
_WALLS = (
    ("ahci.read_us_per_mib", "sequential(disk.readblocks, big, *zone)", f"read {_ZONE}", ZONE_MIB),
    (
        "ahci.write_us_per_mib",
        "sequential(disk.writeblocks, big, *zone)",
        f"write {_ZONE}",
        ZONE_MIB,
    ),
    ("ahci.random_us", "random(places(512), few)", "random 512", 512),
    ("ahci.random_gather_us", "gathered(places(512), many)", "random 512 32", 512),
    ("ext2.file_us_per_mib", "cold(whole, '/b/big.bin', page)", "file /b/big.bin 65536", FILE_MIB),
    ("ext2.list_us", "cold(names, '/b/d10000')", "list /b/d10000", 10000),
    ("ext2.stat_us", "cold(stats, '/b/small')", "stat /b/small", 1000),
    ("ext2.small_us", "cold(contents, '/b/small')", "small /b/small", 1000),
    (
        "ext2.create_late_us",
        "cold(create, '/b/new', 1000, each=False)",
        "create /b/new 1000 0",
        1000,
    ),
    ("", "cold(delete, '/b/new', 1000)", "delete /b/new 1000", 1000),
    ("ext2.create_us", "cold(create, '/b/new', 1000)", "create /b/new 1000 1", 1000),
    ("ext2.delete_us", "cold(delete, '/b/new', 1000)", "delete /b/new 1000", 1000),
)


def prepare(folder: Path) -> Linux:
    """The kernel and what it boots into, made in a folder.  Raises NoPeer."""
    return Linux(_MODULES, folder)


def counts(linux: Linux, path: Path, figures: list[Figure], runs: int) -> None:
    """Add Linux's instructions to the figures that have their like there.  Raises NoPeer."""
    found = {figure.key: figure for figure in figures}
    for n in range(runs):
        with linux.machine(**attached(NULL, "shift=0,sleep=off")) as vm:
            vm.ask("read 0 2")
            _ask(vm, _ON_NULL, found)
        with (
            scratch(path, f"linux{n}") as disk,
            linux.machine(**attached(disk, "shift=0,sleep=on")) as vm,
        ):
            for words in _WARM:
                vm.ask(words)
            _ask(vm, _ON_VOLUME, found)


def _ask(vm, what: Mapping[str, tuple[str, int]], found: dict[str, Figure]) -> None:
    for key, (words, divisor) in what.items():
        insns, _ = vm.ask(words)
        if not insns:
            raise NoPeer("Linux sees no counter of instructions")
        found[key].linux.append(insns / divisor)


def walls(linux: Linux, images: Images, path: Path, rounds: int) -> list[Figure]:
    """Both machines at once, one of them idle: by turns each does the same.  Raises NoPeer."""
    figures = {key: Figure(key, "us", [], paired=True) for key, *_ in _WALLS if key}
    with (
        scratch(path, "ours") as ours,
        scratch(path, "linux") as theirs,
        images.machine(icount=False, append="noautomount", **attached(ours)) as vm,
        linux.machine(**attached(theirs)) as peer,
    ):
        target = Target(vm)
        target.repl.exec(f"{programs.WALLS}\nzone = {VOLUME_MIB}, {ZONE_MIB}\n")
        for n in range(rounds + 1):
            for key, expression, words, divisor in _WALLS:
                us = target.value(expression) * target.ns_per_tick / 1000
                _, ns = peer.ask(words)
                if key and n:  # the first round warms QEMU's translations and the host's cache
                    figures[key].runs.append(us / divisor)
                    figures[key].linux.append(ns / 1000 / divisor)
    for figure in figures.values():
        figure.beside = speeds(figure)
    return list(figures.values())


def speeds(figure: Figure) -> str:
    """How far the pairs of runs part, and what a figure means per second."""
    said = f"ratios {min(figure.ratios):.2f} to {max(figure.ratios):.2f}"
    if figure.key.endswith("_per_mib") and figure.theirs:
        said += f"; {1e6 / figure.ours:,.0f} MiB/s, Linux {1e6 / figure.theirs:,.0f}"
    return said
