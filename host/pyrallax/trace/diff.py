"""Where two traces part: aligned by direction and register, compared by value."""

from dataclasses import dataclass

from .align import pairs
from .steps import Step


@dataclass(frozen=True)
class Difference:
    """A step that one side has, or that both have with other values.  at_a, at_b: indices."""

    a: Step | None
    b: Step | None
    at_a: int
    at_b: int


def compare(a: list[Step], b: list[Step]) -> list[Difference]:
    """All differences, in order."""
    found = []
    at_a = at_b = 0
    ends = [(len(a), len(b))]
    for x, y in pairs([step.key for step in a], [step.key for step in b]) + ends:
        found += [Difference(a[i], None, i, at_b) for i in range(at_a, x)]
        found += [Difference(None, b[i], x, i) for i in range(at_b, y)]
        if (x, y) != ends[0] and not a[x].agrees(b[y]):
            found.append(Difference(a[x], b[y], x, y))
        at_a, at_b = x + 1, y + 1
    return found


def fields(difference: Difference) -> list[str]:
    """'DET 3 -> 0' for each field that differs in the outcome; bits that are in no field."""
    a, b = difference.a, difference.b
    if not a or not b or a.first.op == "M":
        return []
    if a.first.bits != b.first.bits:
        return [f"width {a.first.bits} -> {b.first.bits}"]
    left, right = a.first.decode(a.outcome), b.first.decode(b.outcome)
    changed = []
    for (name, old, old_text), (_, new, new_text) in zip(left, right, strict=False):
        if old != new:
            changed.append(f"{name} {old_text or hex(old)} -> {new_text or hex(new)}")
    if not changed and a.outcome != b.outcome:
        changed.append(f"bits {a.outcome ^ b.outcome:#x}")
    return changed


def _line(side: str, step: Step) -> str:
    return f"{side} {step.first.us:11.1f} {step.show():<60} {step.first.where}".rstrip()


def _show(difference: Difference) -> list[str]:
    lines = []
    for side, step in (("a", difference.a), ("b", difference.b)):
        if step:
            lines.append(_line(side, step))
    changed = fields(difference)
    return lines + (["  " + " " * 11 + " " + ", ".join(changed)] if changed else [])


def render(a: list[Step], b: list[Step], found: list[Difference], context: int, every: bool):
    """Lines: where they part, with `context` steps around, then what else differs."""
    if not found:
        yield f"no difference: {len(a)} steps"
        return
    first = found[0]
    yield f"they part at step {first.at_a + 1} of {len(a)} in a, {first.at_b + 1} of {len(b)} in b"
    for step in a[max(0, first.at_a - context) : first.at_a]:
        yield _line(" ", step)
    yield from _show(first)
    if not every:
        for side, steps, at, step in (
            ("a", a, first.at_a, first.a),
            ("b", b, first.at_b, first.b),
        ):
            follows = at + (step is not None)
            if steps[follows : follows + context]:
                yield f"then {side}:"
            for step in steps[follows : follows + context]:
                yield _line(side, step)
    else:
        for difference in found[1:]:
            yield from _show(difference)
    values = sum(1 for d in found if d.a and d.b)
    only = [sum(1 for d in found if d.b is None), sum(1 for d in found if d.a is None)]
    yield (
        f"{len(found)} difference{'s' if len(found) > 1 else ''}: {values} in values, "
        f"{only[0]} steps only in a, {only[1]} only in b"
    )
