"""Tracebacks of the target in terms of the host's files, as text and as frames."""

import ast
import linecache
import re
from types import CodeType, TracebackType
from typing import NamedTuple

from .source import Source

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)(?:, in (?P<name>.*))?$')
_OF_PANIC = re.compile(r"^py \d+ (?P<file>.*):(?P<line>\d+) (?P<name>.*)$", re.MULTILINE)
_REPEATS = 3  # of one frame, the rest is counted
_OURS = ("<stdin>", "<string>")  # what carried it there


class Frame(NamedTuple):
    """A line of a host file that ran there, the innermost last.  first_line: of its function."""

    filename: str
    line: int
    name: str
    first_line: int


def mapped(
    traceback: str, source: Source, assertion: str = "", line: int | None = None
) -> tuple[str, list[Frame]]:
    """The same with the file's lines, less the frames that carried it there.

    assertion: what to say of an AssertionError; line: where that assert begins.
    """
    found = [(text, _FRAME.match(text)) for text in traceback.rstrip().splitlines()]
    last = max((at for at, (_, frame) in enumerate(found) if frame), default=-1)
    inner = max(
        (at for at, (_, f) in enumerate(found) if f and f["file"] == source.filename), default=-1
    )
    out, frames = [], []
    times = 0
    for at, (text, frame) in enumerate(found):
        times = times + 1 if frame and at and text == found[at - 1][0] else 1
        if times > _REPEATS:
            if [after for after, _ in found[at + 1 : at + 2]] != [text]:
                out.append(f"  [previous line repeated {times - _REPEATS} more times]")
            continue
        if not frame:
            if at > last and assertion:
                out.append(f"AssertionError: {assertion}")
                break
            out.append(text)
        elif frame["file"] == source.filename:
            where = int(frame["line"])
            if at == inner and line:
                where = line  # MicroPython counts lines of an expression, too
            name = frame["name"] or "<module>"
            frames.append(_frame(source, where, name))
            out.append(f'  File "{source.filename}", line {where}, in {name}')
            if code := linecache.getline(source.filename, where).strip():
                out.append(f"    {code}")
        elif frame["file"] not in _OURS:
            out.append(text)
    return "\n".join(out) + "\n", frames


def of_panic(block: str, source: Source) -> list[Frame]:
    """The frames of a panic block that are of this source."""
    found = [m for m in _OF_PANIC.finditer(block) if m["file"] == source.filename]
    return [_frame(source, int(m["line"]), m["name"]) for m in reversed(found)]


def _frame(source: Source, line: int, name: str) -> Frame:
    return Frame(source.filename, line, name, source.defined_at(line))


def as_traceback(error: BaseException, frames: list[Frame]) -> TracebackType | None:
    """Frames of the target as if they had run here: what shows tracebacks shows the lines."""
    made: TracebackType | None = None
    for frame in reversed(frames):
        code = _raise_in_line(frame.line - frame.first_line + 1, frame.filename)
        code = code.replace(co_name=frame.name, co_firstlineno=frame.first_line)
        try:
            exec(code, {"error": error})
        except BaseException as raised:
            here = raised.__traceback__
            assert here and here.tb_next
            at = here.tb_next
            made = TracebackType(made, at.tb_frame, at.tb_lasti, at.tb_lineno)
            error.__traceback__ = None
    return made


def _raise_in_line(line: int, filename: str) -> CodeType:
    """`raise error` in that line, at no column: none is known, and tools would mark it."""
    program = ast.parse("raise error")
    for node in ast.walk(program):
        if isinstance(node, ast.stmt | ast.expr):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = -1
    return compile(program, filename, "exec")
