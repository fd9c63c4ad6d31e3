"""python -m pyrallax.bench.profile: which functions of the firmware run how many instructions.

Every instruction is a translation block of its own (-singlestep) and a line of QEMU's execution
log: exact, and about 1 µs an instruction.  Give it short work.
"""

import argparse
import bisect
import os
import re
import sys
import threading
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from ..failure import guarded
from ..image.size import _tool
from ..repl import Repl
from . import interp
from .figures import columns
from .machine import Images, Target

_PC = re.compile(rb"\[[0-9a-f]+/([0-9a-f]+)/")
_CHUNK = 1 << 22


class Symbols:
    """Functions of an ELF by address, virtual or physical (before the MMU is on)."""

    def __init__(self, listing: str, segments: str = ""):
        """listing: what `nm -n` prints; segments: what `readelf -lW` prints."""
        loads = re.findall(r"LOAD +\w+ 0x(\w+) 0x(\w+) \w+ 0x(\w+)", segments)
        self._loads = [tuple(int(number, 16) for number in load) for load in loads]
        rows = [line.split() for line in listing.splitlines()]
        found = [(int(row[0], 16), row[2]) for row in rows if len(row) == 3 and row[1] in "tTwW"]
        found = [(address, name) for address, name in found if not name.startswith("$")]
        self._starts = [address for address, _ in found]
        self._names = [name for _, name in found]

    def name(self, address: int) -> str:
        """The function that holds an address."""
        for virtual, physical, size in self._loads:
            if physical <= address < physical + size:
                address += virtual - physical
                break
        at = bisect.bisect_right(self._starts, address) - 1
        return self._names[at] if at >= 0 else "(elsewhere)"


def count(log: Path, into: Counter) -> None:
    """Count the program counters in an execution log (a file or a FIFO) until it ends."""
    rest = b""
    with log.open("rb", buffering=0) as stream:
        while data := stream.read(_CHUNK):
            data = rest + data
            end = data.rfind(b"\n") + 1
            rest = data[end:]
            into.update(_PC.findall(data, 0, end))


def by_function(counts: Counter, symbols: Symbols) -> Counter:
    """Instructions by function, from instructions by address in hexadecimal."""
    total: Counter = Counter()
    for address, times in counts.items():
        total[symbols.name(int(address, 16))] += times
    return total


def table(total: Counter, lines: int) -> str:
    """The functions that run most."""
    whole = max(1, sum(total.values()))
    rows = [["instructions", "share", "function"]]
    for name, times in total.most_common(lines):
        rows.append([f"{times:,}", f"{100 * times / whole:.1f} %", name])
    rows.append([f"{whole:,}", "", "all"])
    return columns(rows, (2,))


def profile(images: Images, setup: str, code: str | None) -> Counter:
    """Count the boot, or code at the prompt after its setup, by address."""
    counts: Counter = Counter()
    log = images.firmware.parent / "exec.log"
    os.mkfifo(log)
    reader = threading.Thread(target=count, args=(log, counts), daemon=True)
    reader.start()
    extra = ["-singlestep", "-D", str(log)]
    if code is None:
        extra += ["-d", "exec,nochain"]
    with images.machine(icount=False, extra=extra) as vm:
        if code is None:
            Repl(vm.wire).wait_prompt(60)
        else:
            target = Target(vm)
            target.repl.exec(setup, 600)
            vm.qmp("human-monitor-command", **{"command-line": "log exec,nochain"})
            print(target.repl.exec(code, 600), end="")
            vm.qmp("human-monitor-command", **{"command-line": "log none"})
    if reader.is_alive():
        with log.open("wb"):
            pass  # a log that was never written
    reader.join(60)
    return counts


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--exec", metavar="CODE", help="code to profile; the boot when left out")
    what.add_argument("--program", metavar="NAME", help="a program of perf_bench, at its smallest")
    parser.add_argument(
        "--setup", default="", metavar="CODE", help="runs before --exec, uncounted"
    )
    parser.add_argument("--lines", type=int, default=25)
    options = parser.parse_args()
    setup, code = options.setup, options.exec
    if options.program:
        setup, code = interp.smallest(options.program)
    with TemporaryDirectory(prefix="pyrallax-bench-") as folder:
        images = Images.copy(Path(folder))
        elf = str(images.firmware)
        symbols = Symbols(_tool("llvm-nm", "-n", elf), _tool("llvm-readelf", "-lW", elf))
        counts = profile(images, setup, code)
        print(table(by_function(counts, symbols), options.lines))
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, "profile"))
