"""The file of expectations: TOML, checked key by key (docs/watch-a-boot.md has the schema)."""

import re
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..vm.config import Unfit

WITHIN_S = 60.0  # the whole run, where the file does not say
# What no machine of ours says while all is well (docs/log-format.md, docs/boot-shim.md).
_FAILURES = (
    ("no error of the shim", rb"^\[shim\] error "),
    ("no refusal to boot", rb"^pyrallax: cannot boot: "),
    ("no panic", rb"^=== PYRALLAX PANIC "),
)


class BadExpectations(Unfit):
    """str(): file, key and what is wrong with it."""


@dataclass(frozen=True)
class Pattern:
    """text: looked for in a line as its bytes come; regex: in a line that is whole."""

    text: bytes = b""
    regex: re.Pattern[bytes] | None = None

    def find(self, line: bytes, start: int) -> int:
        """Where its first occurrence from `start` on ends, -1 for none."""
        if self.regex:
            found = self.regex.search(line, start)
            return found.end() if found else -1
        at = line.find(self.text, start)
        return at + len(self.text) if at >= 0 else -1

    def __str__(self) -> str:
        shown = self.regex.pattern if self.regex else self.text
        return repr(shown.decode("utf-8", "backslashreplace"))


@dataclass(frozen=True)
class Step:
    """One of an ordered list.  within_s: since the step before, None for no limit of its own."""

    name: str
    pattern: Pattern
    within_s: float | None


@dataclass(frozen=True)
class Forbidden:
    """after, until: numbers of steps between which it is forbidden; None: from begin, to end."""

    name: str
    pattern: Pattern
    after: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Expectations:
    """within_s: until the last step.  linger_s: how long to go on reading after that."""

    name: str
    within_s: float
    linger_s: float
    steps: tuple[Step, ...]
    forbidden: tuple[Forbidden, ...]


class _Table:
    """Takes keys out of a table, and says what is wrong with them, and with what is left."""

    def __init__(self, file: str, where: str, table: Any, known: tuple[str, ...]):
        self._at = f"{file}: {where}, " if where else f"{file}: "
        if not isinstance(table, dict):
            raise BadExpectations(f"{self._at}a table is wanted, not {table!r}")
        self._table = table
        if unknown := [key for key in table if key not in known]:
            raise BadExpectations(
                f"{self._at}{unknown[0]}: no such key; there are {', '.join(known)}"
            )

    def wrong(self, key: str, what: str) -> BadExpectations:
        return BadExpectations(f"{self._at}{key}: {what}")

    def string(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is not None and (not isinstance(value, str) or not value):
            raise self.wrong(key, f"a text is wanted, not {value!r}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"true or false is wanted, not {value!r}")
        return value

    def seconds(self, key: str, default: float | None) -> float | None:
        value = self._table.get(key, default)
        if value is None:
            return None
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not good or not 0 < value < 1e6:
            raise self.wrong(key, f"a number of seconds above 0 is wanted, not {value!r}")
        return float(value)

    def pattern(self) -> Pattern:
        text, regex = self.string("text"), self.string("regex")
        if (text is None) == (regex is None):
            raise self.wrong("text", "one of text and regex is wanted, and not both")
        if regex is None:
            if "\n" in text:
                raise self.wrong("text", "it has a line end; a pattern is looked for in a line")
            return Pattern(text=text.encode())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compiled = re.compile(regex.encode())
        except (re.error, OverflowError, RecursionError, Warning) as why:
            raise self.wrong("regex", f"{why}") from None
        if compiled.match(b""):
            raise self.wrong("regex", "it matches every line, also an empty one")
        return Pattern(regex=compiled)

    def tables(self, key: str) -> list[Any]:
        value = self._table.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, f"write it as [[{key}]], one for each pattern")
        return value


def load(path: Path) -> Expectations:
    """What the file says.  Raises BadExpectations."""
    try:
        text = path.read_text("utf-8")
    except OSError as why:
        raise BadExpectations(f"{path}: {why.strerror}") from None
    except UnicodeDecodeError as why:
        raise BadExpectations(f"{path}: not UTF-8, from byte {why.start} on") from None
    return parse(text, str(path), path.stem)


def parse(text: str, file: str = "expectations", name: str = "watch") -> Expectations:
    """What a text says; file: for error texts.  Raises BadExpectations."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as why:  # also of numbers and nests without end
        raise BadExpectations(f"{file}: no TOML: {why}") from None
    top = _Table(file, "", raw, ("name", "within", "linger", "failures", "expect", "forbid"))
    steps = [_step(file, i, each) for i, each in enumerate(top.tables("expect"), 1)]
    if not steps:
        raise BadExpectations(f"{file}: expect: nothing is expected; add an [[expect]]")
    named = _unique(steps, file)
    forbidden = [
        _forbidden(file, i, each, named) for i, each in enumerate(top.tables("forbid"), 1)
    ]
    if not top.flag("failures", False):
        forbidden += [Forbidden(n, Pattern(regex=re.compile(p))) for n, p in _FAILURES]
    return Expectations(
        top.string("name") or name,
        top.seconds("within", WITHIN_S) or WITHIN_S,
        top.seconds("linger", None) or 0.0,
        tuple(named.values()),
        tuple(forbidden),
    )


def _step(file: str, number: int, raw: Any) -> Step:
    table = _Table(file, f"expect {number}", raw, ("name", "text", "regex", "within"))
    pattern = table.pattern()
    name = table.string("name")
    return Step(name or str(pattern), pattern, table.seconds("within", None))


def _unique(steps: list[Step], file: str) -> dict[str, Step]:
    """Steps by name; a pattern that comes again without a name gets a number."""
    found: dict[str, Step] = {}
    for number, step in enumerate(steps, 1):
        name, count = step.name, 1
        while name in found:
            if step.name != str(step.pattern):
                raise BadExpectations(f"{file}: expect {number}, name: {name!r} is there already")
            count += 1
            name = f"{step.name} #{count}"
        found[name] = Step(name, step.pattern, step.within_s)
    return found


def _forbidden(file: str, number: int, raw: Any, steps: dict[str, Step]) -> Forbidden:
    table = _Table(file, f"forbid {number}", raw, ("name", "text", "regex", "after", "until"))
    pattern = table.pattern()
    order = list(steps)
    places: list[int | None] = []
    for key in ("after", "until"):
        wanted = table.string(key)
        if wanted is not None and wanted not in order:
            raise table.wrong(key, f"no step is named {wanted!r}; there are {', '.join(order)}")
        places.append(None if wanted is None else order.index(wanted))
    after, until = places
    if after is not None and until is not None and until <= after:
        raise table.wrong("until", f"{order[until]!r} does not come after {order[after]!r}")
    return Forbidden(table.string("name") or f"no {pattern}", pattern, after, until)
