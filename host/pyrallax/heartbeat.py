"""Heartbeat lines in what a machine sent (docs/log-format.md, Heartbeat)."""

import itertools
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

VERSION = 1
_LINE = re.compile(r"(@@ heartbeat (\d+)((?: [a-z0-9_.]+=-?\d+)*)) \*([0-9a-f]{8})")


class Beat(NamedTuple):
    """One line: values by key, and interrupts taken by INTID."""

    values: dict[str, int]
    interrupts: dict[int, int]


def parse(line: str) -> Beat | None:
    """The beat in a line of text, which may begin with something else.

    None for no beat, a newer version, or one that was damaged on the way (its CRC tells).
    """
    found = _LINE.search(line)
    if not found or int(found[2]) != VERSION or zlib.crc32(found[1].encode()) != int(found[4], 16):
        return None
    pairs = [pair.split("=") for pair in found[3].split()]
    values = {key: int(value) for key, value in pairs}
    interrupts = {
        int(key[4:]): count
        for key, count in values.items()
        if key.startswith("irq.") and key[4:].isdigit()
    }
    return Beat(values, interrupts)


def beats(text: str) -> Iterator[Beat]:
    """All sound beats of a text, in its order."""
    return (beat for beat in map(parse, text.splitlines()) if beat)


def troubles(found: list[Beat]) -> list[str]:
    """What a run of beats says is wrong, one sentence each: broken DMA guards, beats that are
    missing, a machine that restarted, time or interrupts that stand still."""
    said = []
    for before, after in itertools.pairwise(found):
        n, up = after.values["n"], after.values["up_ms"]
        if n <= before.values["n"]:
            said.append(f"beat {n}: the machine started again")
            continue
        lost = n - before.values["n"] - 1
        lost -= after.values.get("dropped", 0) - before.values.get("dropped", 0)
        if lost > 0:
            said.append(f"beat {n}: {lost} before it are missing")
        if up <= before.values["up_ms"]:
            said.append(f"beat {n}: the clock stands still")
        if after.values["irq"] <= before.values["irq"]:
            said.append(f"beat {n}: no interrupt since the one before")
    for beat in found:
        if beat.values.get("dma_broken"):
            said.append(f"beat {beat.values['n']}: {beat.values['dma_broken']} DMA guards broken")
            break
    return said
