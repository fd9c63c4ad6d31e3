"""How far a boot has come, read from what the machine says on its serial line.

Grammar: docs/log-format.md, docs/boot-shim.md.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import TextIO

from .wire import Wire

PROMPT = b">>> "
# In order.  Each pattern is at the begin of a line; a line may come late or be lost.
_STAGES: tuple[tuple[str, bytes], ...] = (
    ("UEFI runs our shim", rb"\[shim\] start "),
    ("tables read", rb"\[shim\] uart"),
    ("firmware loaded", rb"\[shim\] firmware "),
    ("UEFI left", rb"\[shim\] exit "),
    ("firmware entered", rb"\[shim\] jump |<\d>\[ *\d+\.\d{6}\] "),
    ("console up", rb"Pyrallax \S+ \(build "),
    ("prompt", rb">>> "),
)
_FAILURES = re.compile(
    rb"^(\[shim\] error .*|pyrallax: cannot boot: .*|=== PYRALLAX PANIC .*)\n", re.M
)
_BANNER = re.compile(rb"^Pyrallax \S+ \(build ", re.M)
_WHOLE_BANNER = re.compile(rb"^Pyrallax \S+ \(build .*\n", re.M)
_KEPT = 65536
_LONGEST = 4096  # bytes of a line in which something is looked for
_SHOWN = 200
_MAIN_S = 10.0  # from the banner to the prompt, unless a main.py runs


def printable(text: str) -> str:
    """A text that a terminal and XML can carry: its control characters are escaped."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


class Stages:
    """reached: (stage, seconds since it was made).  failure: the line that says it went wrong.

    banner: the last line of that kind, which names the build.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._start = clock()
        self._text = b""
        self._line = b""  # from the end of the last whole line on
        self.reached: list[tuple[str, float]] = []
        self.failure = ""
        self.banner = b""

    def feed(self, data: bytes) -> list[str]:
        """Take in what the machine said; the stages that it reached by this."""
        if not data:
            return []
        names = [] if self.reached else ["first byte"]
        self._text = (self._text + data)[-_KEPT:]
        fresh = self._line + data
        at = max(fresh.rfind(b"\n"), 0)
        self._line = fresh[at : at + _LONGEST]
        done = {name for name, _ in self.reached}
        first = max((i for i, (name, _) in enumerate(_STAGES) if name in done), default=-1)
        for name, pattern in _STAGES[first + 1 :]:
            if re.search(rb"(?:^|[\r\n])(?:" + pattern + rb")", fresh):
                names.append(name)
        self.reached += [(name, self._clock() - self._start) for name in names]
        found = _FAILURES.search(fresh)
        if found and not self.failure:
            self.failure = found[1].decode("ascii", "backslashreplace").rstrip()
        for banner in _WHOLE_BANNER.findall(fresh):
            self.banner = banner
        return names

    @property
    def at_prompt(self) -> bool:
        return bool(self.reached) and self.reached[-1][0] == "prompt"

    @property
    def console_up(self) -> bool:
        """Whether Python runs: at the prompt, or in boot.py or main.py."""
        return any(name in ("console up", "prompt") for name, _ in self.reached)

    @property
    def panicked(self) -> bool:
        return self.failure.startswith("=== PYRALLAX PANIC")

    def line(self) -> str:
        """All stages in one line."""
        return " · ".join(f"{name} {seconds:.1f} s" for name, seconds in self.reached)

    def last_lines(self, count: int = 5) -> list[str]:
        """The end of what the machine said, printable."""
        lines = [
            printable(line.decode("utf-8", "backslashreplace"))
            for line in re.split(rb"[\r\n]+", self._text)
            if line.strip()
        ]
        return [f"{s[:_SHOWN]}…" if len(s) > _SHOWN else s for s in lines[-count:]]

    def rest(self) -> bytes:
        """What is for who reads next: from the banner to the prompt, or the panic."""
        if self.panicked:
            return self._text[self._text.find(b"\r\n=== PYRALLAX PANIC") :]
        found = list(_BANNER.finditer(self._text))
        return self._text[found[-1].start() :] if found else PROMPT


class Progress:
    """Shows stages: one line that grows on a terminal, else a line for each."""

    def __init__(self, out: TextIO | None = None):
        self._out = out or sys.stderr
        self._live = self._out.isatty()
        self._open = False

    def show(self, stages: Stages, names: list[str]) -> None:
        """names: stages that were reached since the last call."""
        if self._live:
            self._out.write(f"\r\033[Kpyrallax: {stages.line()}")
            self._open = True
        else:
            times = dict(stages.reached)
            for name in names:
                self._out.write(f"pyrallax: {times[name]:.1f} s {name}\n")
        self._out.flush()

    def end(self) -> None:
        """Close the line."""
        if self._open:
            self._out.write("\n")
            self._out.flush()
            self._open = False


def follow(wire: Wire, timeout: float, progress: Progress | None = None) -> Stages:
    """Read until the prompt, a failure, or the timeout.  Raises WireClosed.

    A main.py may run for ever after the banner, so the prompt is soon no longer waited for.
    From the banner on, or a panic, all is put back for who reads next.
    """
    stages = Stages()
    deadline = time.monotonic() + timeout
    try:
        while not stages.at_prompt and not stages.failure and time.monotonic() < deadline:
            names = stages.feed(wire.read(min(0.2, timeout)))
            if "console up" in names:
                deadline = min(deadline, time.monotonic() + _MAIN_S)
            if progress and names:
                progress.show(stages, names)
    finally:
        if progress:
            progress.end()
    if stages.console_up or stages.panicked:
        wire.unread(stages.rest())
    return stages
