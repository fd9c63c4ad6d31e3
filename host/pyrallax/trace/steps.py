"""A trace as steps: what a driver did, however often it had to ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .load import Entry


@dataclass
class Step:
    """A write, a mark, or one or more reads of the same register in a row.

    values: (value, times) in order, equal neighbours as one.
    """

    first: Entry
    values: list[tuple[int, int]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What two traces are aligned by: an access that faulted is another one."""
        return self.first.op + ("!" if self.first.fault else ""), self.first.name

    def add(self, value: int, times: int) -> None:
        """One read more, or several with the same result."""
        if self.values and self.values[-1][0] == value:
            times += self.values.pop()[1]
        self.values.append((value, times))

    @property
    def outcome(self) -> int:
        """The last value."""
        return self.values[-1][0] if self.values else 0

    def agrees(self, other: "Step") -> bool:
        """Whether another step with the same key did the same.

        Of a polled register the one that asked earlier sees more of the way to the same end: the
        values of the shorter must be the end of the longer.
        """
        mine, others = ([value for value, _ in step.values] for step in (self, other))
        if len(mine) > len(others):
            mine, others = others, mine
        ends = others[len(others) - len(mine) :] == mine
        return self.first.bits == other.first.bits and ends

    def show(self) -> str:
        """'R edu.STATUS=0x80 x17, 0x0'."""
        if self.first.op == "M":
            return f"M -- {self.first.text}"
        if self.key[0] == "R!":
            times = sum(times for _, times in self.values)
            return f"R {self.first.name}=BusError" + (f" x{times}" if times > 1 else "")
        texts = []
        for value, times in self.values:
            texts.append(self.first.show(value) + (f" x{times}" if times > 1 else ""))
        if len(texts) > 6:
            texts[3:-2] = [f"({len(texts) - 5} more)"]
        fault = " BusError" if self.first.fault else ""
        return f"{self.first.op} {self.first.name}={', '.join(texts)}{fault}"


def steps(entries: Iterable[Entry], ignore: Iterable[str] = ()) -> list[Step]:
    """Entries as steps, those of the registers named in `ignore` left out."""
    left_out = set(ignore)
    found: list[Step] = []
    for entry in entries:
        if entry.name in left_out:
            continue
        last = found[-1] if found else None
        joins = last and entry.op == "R" and last.key == Step(entry).key
        if not joins or last.first.bits != entry.bits:
            found.append(last := Step(entry))
        if entry.op != "M":
            last.add(entry.value, entry.times)
    return found
