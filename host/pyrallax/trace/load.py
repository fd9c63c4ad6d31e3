"""A trace's JSON lines as objects."""

import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import ROOT

VERSION = 1
_REG = re.compile(r"(?P<name>\w+)(\[\d+\])?(\+(?P<into>\d+))?$")


class BadTrace(Exception):
    """Not a trace.  str(): the line and where it departs from the schema."""


@cache
def _fields() -> ModuleType:
    """frozen/probe/fields.py, which knows the syntax of fields; it needs nothing of a target."""
    path = ROOT / "frozen" / "probe" / "fields.py"
    spec = importlib.util.spec_from_file_location("pyrallax_probe_fields", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Window:
    """A register window.  registers: declarations of the fields of those that appear."""

    name: str
    base: int
    size: int
    width: int
    map: str | None
    source: str | None
    registers: dict[str, str]
    label: str = ""  # how it is shown
    _parsed: dict[str, list] = field(default_factory=dict, repr=False)

    def fields(self, register: str) -> list:
        """Fields of a register without its index; none of one that the map does not know."""
        if register not in self._parsed:
            declared = self.registers.get(register, "")
            self._parsed[register] = _fields().parse(declared)
        return self._parsed[register]


@dataclass(frozen=True)
class Entry:
    """One access, or a mark (op "M").  number: its line in the file."""

    number: int
    us: float
    op: str
    window: Window | None = None
    offset: int = 0
    bits: int = 0
    reg: str | None = None
    value: int = 0
    times: int = 1
    text: str = ""
    where: str = ""
    fault: bool = False

    @property
    def name(self) -> str:
        """'edu.STATUS', 'edu+0x44' where the map has nothing."""
        if self.window is None:
            return self.text
        label = self.window.label
        return f"{label}.{self.reg}" if self.reg else f"{label}+{self.offset:#x}"

    def decode(self, value: int) -> list[tuple[str, int, str | None]]:
        """(field, value, text) of the register for some value."""
        found = _REG.match(self.reg or "")
        if not found or self.window is None:
            return []
        shift = 8 * int(found["into"] or 0)
        return _fields().decode(self.window.fields(found["name"]), value << shift)

    def show(self, value: int) -> str:
        """'0x203 PED PLS=U0'."""
        words = []
        for name, v, text in self.decode(value):
            if text or v:
                words.append(name if v == 1 and not text else f"{name}={text or hex(v)}")
        return " ".join([f"{value:#x}", *words])


@dataclass
class Trace:
    """A whole trace.  source: the file it came from."""

    source: str
    machine: str
    build: str
    dropped: int
    windows: list[Window]
    entries: list[Entry]


@cache
def _judges() -> dict[str, Callable]:
    import fastjsonschema

    schema = json.loads((ROOT / "docs" / "schema" / f"trace-{VERSION}.json").read_text("utf-8"))
    return {
        kind: fastjsonschema.compile({**schema, "$ref": f"#/definitions/{kind}"})
        for kind in ("header", "mark", "access")
    }


def _judge(number: int, kind: str, line: Any) -> None:
    import fastjsonschema

    try:
        _judges()[kind](line)
    except fastjsonschema.JsonSchemaValueException as why:
        raise BadTrace(f"line {number}: {why.message}") from None


def _json(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as why:
        raise BadTrace(f"line {number}: not JSON: {why}") from None


def _entry(number: int, line: Any, windows: list[Window], hz: int) -> Entry:
    mark = isinstance(line, dict) and line.get("op") == "M"
    _judge(number, "mark" if mark else "access", line)
    us = line["t"] * 1e6 / hz
    if mark:
        return Entry(number, us, "M", text=line["text"])
    if line["w"] >= len(windows):
        raise BadTrace(f"line {number}: window {line['w']} of {len(windows)}")
    where = f"{line['file']}:{line['line']} {line['function']}" if line["file"] else ""
    return Entry(
        number,
        us,
        line["op"],
        windows[line["w"]],
        line["off"],
        line["bits"],
        line["reg"],
        line["v"],
        line["n"],
        where=where,
        fault=line.get("fault", False),
    )


def parse(text: str, source: str = "trace") -> Trace:
    """A trace from its text.  Raises BadTrace."""
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        raise BadTrace("it is empty")
    head = _json(*lines[0])
    if not isinstance(head, dict) or head.get("schema") != "pyrallax-trace":
        raise BadTrace('no trace: "schema" is not "pyrallax-trace"')
    if head.get("version") != VERSION:
        raise BadTrace(f"version {head.get('version')!r}: this program knows {VERSION}")
    _judge(1, "header", head)
    names = ("name", "base", "size", "width", "map", "source", "registers")
    windows = [Window(*(row[name] for name in names)) for row in head["windows"]]
    for window in windows:
        # On another machine the same device has another address, and so often another name.
        alike = [other for other in windows if other.map == window.map]
        window.label = window.map if window.map and len(alike) == 1 else window.name
        for register in window.registers:
            try:
                window.fields(register)
            except ValueError as why:
                raise BadTrace(f"{window.name}.{register}: {why}") from None
    entries = [_entry(i, _json(i, line), windows, head["frequency"]) for i, line in lines[1:]]
    return Trace(source, head["machine"], head["build"], head["dropped"], windows, entries)


def load(path: Path) -> Trace:
    """A trace from a file.  Raises BadTrace, OSError."""
    try:
        return parse(path.read_text("utf-8"), str(path))
    except UnicodeDecodeError as why:
        raise BadTrace(f"not text: {why}") from None
