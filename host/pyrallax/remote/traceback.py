"""Tracebacks of the target in terms of the host's files, as text and as frames."""

import ast
import linecache
import re
from types import CodeType, TracebackType
from typing import NamedTuple

from .source import Source

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)(?:, in (?P<name>.*))?$')


class Frame(NamedTuple):
    """A line of the sent source that ran, the innermost last.  first_line: of its function."""

    filename: str
    line: int
    name: str
    first_line: int


def mapped(traceback: str, source: Source) -> tuple[str, list[Frame]]:
    """The same with the file's line numbers and lines, less the frames that carried it there."""
    out, frames = [], []
    for text in traceback.splitlines():
        found = _FRAME.match(text)
        if not found:
            out.append(text)
        elif found["file"] == source.filename:
            line = int(found["line"]) + source.first_line - 1
            name = found["name"] or "<module>"
            first = source.defined_at if name == source.name else line
            frames.append(Frame(source.filename, line, name, first))
            out.append(f'  File "{source.filename}", line {line}, in {name}')
            if code := linecache.getline(source.filename, line).strip():
                out.append(f"    {code}")
        elif found["file"] != "<stdin>":
            out.append(text)
    return "\n".join(out) + "\n", frames


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
