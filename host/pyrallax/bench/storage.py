"""Disks and ext2: instructions of reads, listings and small files, and what reading allocates."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..vm.qemu import Vm
from . import storage_linux
from . import storage_programs as programs
from .figures import Figure
from .machine import Images, Target
from .peers.packages import NoPeer
from .storage_disks import FILE_MIB, NULL, attached, scratch, volume

_WRITTEN = (
    ("ext2.create_insns", "each on the medium when closed"),
    ("ext2.delete_insns", "on the medium at the end"),
    ("ext2.create_late_insns", "on the medium at the end"),
)


def machine(images: Images, disk: str, icount: str) -> Vm:
    """A machine with one AHCI disk.  disk: QEMU's words for `-blockdev`.

    icount: words for `-icount`.  sleep=on where the host does I/O: else virtual time leaps from
    one timer to the next while it does, and the guest works at each of them.
    """
    return images.machine(icount=False, append="noautomount", **attached(disk, icount))


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Instructions of each, then wall times, both beside Linux where it can be had.

    What the host does for the volume's image takes no instructions.
    """
    ahci, reads, writes, memory = [], [], [], []
    with TemporaryDirectory(prefix="pyrallax-bench-") as name:
        folder = Path(name)
        path = volume(folder)
        for n in range(runs):
            with machine(images, NULL, "shift=0,sleep=off") as vm:
                ahci.append(Target(vm).run(programs.AHCI))
            with scratch(path, str(n)) as disk, machine(images, disk, "shift=0,sleep=on") as vm:
                target = Target(vm)
                reads.append(target.run(programs.READS))
                memory.append(target.run(programs.MEMORY))
                writes.append(target.run(programs.WRITES))
        found = figures(ahci, reads, writes, memory)
        details = {}
        try:
            linux = storage_linux.prepare(folder)
            details["linux"] = {"version": linux.version, "words": linux.words}
            storage_linux.counts(linux, path, found, runs)
            found += storage_linux.walls(linux, images, path, 2 * runs + 1)
        except NoPeer as why:
            print(f"bench: Linux is not or not wholly beside: {why}", file=sys.stderr)
    return found, details


def figures(ahci, reads, writes, memory) -> list[Figure]:
    """What the firmware's programs printed, run by run, as figures."""
    times = list(zip(*(run[0] for run in reads), strict=True))
    per_mib = [[t / FILE_MIB for t in times[i]] for i in (0, 1)]
    cold_bytes, asked = memory[0][0]
    insns = "instructions"
    out = [
        Figure("ahci.sequential_insns_per_mib", insns, [run[0] for run in ahci]),
        Figure("ahci.random_insns", insns, [run[1] for run in ahci]),
        Figure(
            "ahci.random_async_insns",
            insns,
            [run[2] for run in ahci],
            f"32 tasks, {ahci[0][4]} tags",
        ),
        Figure("ahci.random_gather_insns", insns, [run[3] for run in ahci], "gather()"),
        Figure(
            "ext2.file_insns_per_mib",
            insns,
            per_mib[0],
            f"64 KiB a read; {min(per_mib[1]):,.0f} with 1 MiB",
        ),
    ]
    for at, count in ((2, 1000), (4, 10000)):
        beside = f"ilistdir() {min(times[at + 1]):,.0f}"
        out.append(Figure(f"ext2.list_{count}_insns", insns, list(times[at]), beside))
    out += [
        Figure("ext2.stat_insns", insns, list(times[6]), "listing and stat(), a name"),
        Figure("ext2.small_insns", insns, list(times[7]), "listing, open, read, close, a file"),
        Figure(
            "ext2.read_alloc_bytes",
            "bytes",
            [run[1][0] for run in memory],
            f"{asked:,} reads of 64 KiB; {cold_bytes:,} the first time: indirect blocks",
        ),
        Figure("ext2.cache_bytes", "bytes", [run[1] for run in reads], "most that was kept"),
    ]
    for at, (key, what) in enumerate(_WRITTEN):
        beside = f"{what}; {writes[0][1][at]:,} requests for 1,000"
        out.append(Figure(key, insns, [run[0][at] for run in writes], beside))
    return out
