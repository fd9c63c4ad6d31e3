"""What a failed assert says: its expression with the values that the target had."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

UNSET = None  # in the list of reprs: that expression was not evaluated

LONGEST = 4000  # of a repr that the target gives whole
_WIDEST = 240  # of a value in an explanation, as pytest has it
_HALF = 118

# Reprs that say less than the name that stood there.
_OPAQUE = (
    "<function",
    "<class",
    "<module",
    "<closure",
    "<generator",
    "<bound_method",
    "<built-in",
)


@dataclass
class Part:
    """An expression.  pieces: its text, with parts in it.  slot: where its value is kept.

    where: the value stands in the line, and how it came to be in a line of its own.
    kind: "compare" and "bool" leave out what was not evaluated.
    """

    source: str
    pieces: list["str | Part"] = field(default_factory=list)
    slot: int | None = None
    where: bool = False
    kind: str = ""

    def evaluated(self, values: Sequence[str | None]) -> bool:
        """Whether it has a value, as far as anybody knows."""
        first = self._first_slot()
        return first is None or values[first] is not UNSET

    def _first_slot(self) -> int | None:
        if self.slot is not None:
            return self.slot
        parts = (piece._first_slot() for piece in self.pieces if isinstance(piece, Part))
        return next((slot for slot in parts if slot is not None), None)


@dataclass
class Assertion:
    """One assert of a file.  count: of its slots."""

    filename: str
    line: int
    test: Part
    count: int


def explain(assertion: Assertion, values: Sequence[str | None], message: str | None) -> str:
    """The text for people, as pytest words it; values: one repr per slot."""
    notes: list[str] = []
    shown = _text(assertion.test, values, notes, 1)
    lines = [f"assert {shown}", *notes, *_difference(assertion.test, values)]
    return "\n".join(([message] if message is not None else []) + lines)


def _text(part: Part, values: Sequence[str | None], notes: list[str], depth: int) -> str:
    if part.slot is not None and (value := values[part.slot]) is not UNSET:
        if not part.pieces:
            return part.source if value.startswith(_OPAQUE) else _short(value)
        if part.where:
            below: list[str] = []
            how = _joined(part.pieces, values, below, depth + 1)
            indent = f" +{'  ' * depth}"
            word = "and  " if any(n.startswith(f"{indent}where ") for n in notes) else "where"
            notes += [f"{indent}{word} {_short(value)} = {how}", *below]
            return _short(value)
    elif part.slot is not None:
        return part.source
    if part.kind:
        return _chain(part, values, notes, depth)
    return _joined(part.pieces, values, notes, depth) if part.pieces else part.source


def _short(value: str) -> str:
    if "\\" in value:  # MicroPython escapes what CPython shows
        try:
            value = repr(ast.literal_eval(value))
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            pass
    return value if len(value) <= _WIDEST else f"{value[:_HALF]}...{value[-_HALF:]}"


def _joined(
    pieces: list[str | Part], values: Sequence[str | None], notes: list[str], depth: int
) -> str:
    return "".join(
        piece if isinstance(piece, str) else _text(piece, values, notes, depth) for piece in pieces
    )


def _chain(part: Part, values: Sequence[str | None], notes: list[str], depth: int) -> str:
    """`a < b < c` or `a and b`: operands and what stands between them, one after the other."""
    done = 0
    while done < len(part.pieces) and part.pieces[done].evaluated(values):  # type: ignore[union-attr]
        done += 2
    done = min(done - 1, len(part.pieces))
    begin = max(done - 3, 0) if part.kind == "compare" else 0
    text = _joined(part.pieces[begin : max(done, 1)], values, notes, depth)
    return f"({text})" if part.kind == "bool" else text


def _difference(part: Part, values: Sequence[str | None]) -> list[str]:
    """Where two literals differ, as far as pytest has words for it."""
    if part.kind != "compare" or len(part.pieces) != 3 or part.pieces[1] != " == ":
        return []
    sides = []
    for piece in (part.pieces[0], part.pieces[2]):
        assert isinstance(piece, Part)
        text = (values[piece.slot] if piece.slot is not None else piece.source) or ""
        if len(text) > LONGEST:
            return []  # the target left something out
        try:
            sides.append(ast.literal_eval(text))
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            return []
    return _compared(*sides)


def _compared(left: object, right: object) -> list[str]:
    if type(left) is not type(right):
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        keys = [key for key in left if key not in right or left[key] != right[key]]
        keys += [key for key in right if key not in left]
        return [
            f"  at {key!r}: {_at(left, key)} != {_at(right, key)}" for key in keys[:_MOST]
        ] + _more(len(keys))
    if isinstance(left, set | frozenset) and isinstance(right, set | frozenset):
        return [
            f"  only {side}: {sorted(more, key=repr)!r}"
            for side, more in (("left", left - right), ("right", right - left))
            if more
        ]
    if isinstance(left, str) and isinstance(right, str) and ("\n" in left or "\n" in right):
        import difflib

        lines = difflib.ndiff(right.splitlines(), left.splitlines())
        return ["  " + line.rstrip("\n") for line in lines if not line.startswith("?")]
    if isinstance(left, str | bytes | list | tuple) and isinstance(
        right, str | bytes | list | tuple
    ):
        for at, (one, other) in enumerate(zip(left, right, strict=False)):
            if one != other:
                return [f"  at index {at}: {one!r} != {other!r}"]
        if len(left) != len(right):
            return [f"  lengths: {len(left)} != {len(right)}"]
    return []


_MOST = 8  # keys of a dict that differ


def _at(mapping: dict, key: object) -> str:
    return repr(mapping[key]) if key in mapping else "nothing"


def _more(count: int) -> list[str]:
    return [f"  and {count - _MOST} more"] if count > _MOST else []
