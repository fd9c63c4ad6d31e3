"""Holds a stream of bytes against expectations.  No clock and no files: the caller has them.

How the stream is cut into pieces makes no difference.  A text is seen with its last byte, a regex
with the end of its line; what is seen first counts first.
"""

import re
from dataclasses import dataclass

from .expectations import Expectations, Forbidden, Pattern

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_LONGEST = 65536  # bytes without a line end that are one line
_SHOWN = 200


@dataclass
class Result:
    """Of a step, or of a forbidden pattern.  seconds: when it was decided; why: it failed."""

    name: str
    outcome: str = SKIPPED
    seconds: float = 0.0
    took_s: float = 0.0
    why: str = ""


class Matcher:
    """over: nothing that comes can change the results, which are those of the steps in order and
    then those of the forbidden patterns.  Times are seconds since the start of the machine.
    """

    def __init__(self, expectations: Expectations, slower: float = 1.0, timed: bool = True):
        """slower: what all limits are multiplied by.  timed: False for a log without times."""
        self._wanted = expectations
        self._slower = slower
        self._timed = timed
        self._line = b""
        self._searched = 0  # of the line, for the step that is waited for
        self._step = 0
        self._begun: dict[int, int] = {}  # where in this line a forbidden pattern became so
        self._step_s = 0.0  # when the last step was found
        self._done_s: float | None = None
        self.over = False
        self.steps = [Result(step.name) for step in expectations.steps]
        self.forbidden = [Result(each.name) for each in expectations.forbidden]

    @property
    def results(self) -> list[Result]:
        return self.steps + self.forbidden

    @property
    def failed(self) -> bool:
        return any(result.outcome == FAILED for result in self.results)

    def deadline(self) -> float:
        """When tick() has something to decide even if nothing comes."""
        if self._done_s is not None:
            return self._done_s + self._wanted.linger_s
        total = self._wanted.within_s * self._slower
        within = self._wanted.steps[self._step].within_s
        return total if within is None else min(total, self._step_s + within * self._slower)

    def feed(self, data: bytes, now: float) -> list[Result]:
        """Take in what came at this time; what it decided."""
        decided = self.tick(now)
        for piece in re.findall(rb"[^\n]*\n|[^\n]+", data):
            for at in range(0, len(piece), _LONGEST):
                decided += self._take(piece[at : at + _LONGEST], now)
        return decided

    def _take(self, piece: bytes, now: float) -> list[Result]:
        """Part of a line, or its end."""
        decided: list[Result] = []
        while piece and not self.over:
            room = _LONGEST - len(self._line)
            self._line, piece = self._line + piece[:room], piece[room:]
            whole = self._line.endswith(b"\n")
            if whole:
                self._line = self._line[:-1]
            decided += self._scan(now, False)
            if whole or len(self._line) == _LONGEST:
                self._line = self._line.removesuffix(b"\r")
                decided += self._scan(now, True)
                self._line, self._searched, self._begun = b"", 0, {}
        return decided

    def tick(self, now: float) -> list[Result]:
        """Decide what time alone decides."""
        if self.over or not self._timed or now < self.deadline():
            return []
        decided = self._scan(now, True)  # what waits for its line's end
        if self.over or now < self.deadline():
            return decided
        if self._done_s is not None:
            return decided + self._end(now)
        return decided + self._give_up(now, self._late())

    def finish(self, now: float, why: str) -> list[Result]:
        """The stream has ended; why: how a step that is still waited for fails."""
        decided = self._scan(now, True) if not self.over else []
        if self.over:
            return decided
        if self._done_s is not None:
            return decided + self._end(now)
        return decided + self._give_up(now, why)

    def _late(self) -> str:
        total = self._wanted.within_s * self._slower
        if self.deadline() >= total:
            return f"not in the {total:g} s of the whole run"
        limit = self._wanted.steps[self._step].within_s * self._slower
        before = self._wanted.steps[self._step - 1].name if self._step else "the start"
        return f"not in {limit:g} s after {before}"

    def _scan(self, now: float, whole: bool) -> list[Result]:
        """Everything that this line decides so far, in the order in which it is seen."""
        decided: list[Result] = []
        while not self.over:
            step = self._find_step(whole)
            bad = self._find_forbidden(whole)
            if bad and (step < 0 or bad[0] <= step):
                decided += self._forbid(*bad, now)
            elif step >= 0:
                decided += self._found(step, now)
            else:
                break
        return decided

    def _find_step(self, whole: bool) -> int:
        if self._done_s is not None:
            return -1
        return self._find(self._wanted.steps[self._step].pattern, self._searched, whole)

    def _find(self, pattern: Pattern, start: int, whole: bool) -> int:
        return pattern.find(self._line, start) if whole or not pattern.regex else -1

    def _find_forbidden(self, whole: bool) -> tuple[int, int] | None:
        """(where it ends, which) of the first in the line."""
        found = []
        for number, each in enumerate(self._wanted.forbidden):
            if self._is_forbidden(each):
                end = self._find(each.pattern, self._begun.get(number, 0), whole)
                if end >= 0:
                    found.append((end, number))
        return min(found, default=None)

    def _is_forbidden(self, each: Forbidden) -> bool:
        begun = each.after is None or self._step > each.after
        return begun and (each.until is None or self._step <= each.until)

    def _found(self, end: int, now: float) -> list[Result]:
        result = self.steps[self._step]
        result.outcome, result.seconds, result.took_s = PASSED, now, now - self._step_s
        for number, each in enumerate(self._wanted.forbidden):
            if each.after == self._step:
                self._begun[number] = end
        self._step_s, self._searched = now, end
        self._step += 1
        if self._step == len(self.steps):
            self._done_s = now
            if not self._wanted.linger_s:
                return [result, *self._end(now)]
        return [result]

    def _forbid(self, end: int, number: int, now: float) -> list[Result]:
        if self._wanted.forbidden[number].pattern.regex:
            end = len(self._line)
        line = self._line[max(0, end - _SHOWN) : end].decode("utf-8", "backslashreplace")
        result = self.forbidden[number]
        result.outcome, result.seconds = FAILED, now
        result.why = f"it said: {line.strip()}"
        self._end(now)
        return [result]

    def _give_up(self, now: float, why: str) -> list[Result]:
        result = self.steps[self._step]
        result.outcome, result.seconds, result.took_s = FAILED, now, now - self._step_s
        result.why = why
        self._end(now)
        return [result]

    def _end(self, now: float) -> list[Result]:
        """What was not said until now was rightly not said."""
        self.over = True
        for each, result in zip(self._wanted.forbidden, self.forbidden, strict=True):
            if result.outcome != FAILED and (each.after is None or self._step > each.after):
                result.outcome, result.seconds = PASSED, now
        return []
