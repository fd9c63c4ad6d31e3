"""The part of a host file that a function needs on the target, every line in its place."""

import ast
import functools
import linecache
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """text: a program.  Line 1 of it is line `first_line` of the file.

    names: statements that come before it, for what it uses of the host.  definitions: (first,
    last) line in the file of every function in it, decorators and all, the outer ones first.
    """

    text: str
    filename: str
    first_line: int = 1
    names: tuple[str, ...] = ()
    definitions: Sequence[tuple[int, int]] = field(default=(), compare=False)

    def defined_at(self, line: int) -> int:
        """Where the function that has this line begins; the line itself outside of any."""
        around = [first for first, last in self.definitions if first <= line <= last]
        return around[-1] if around else line


def of_text(text: str, filename: str, first_line: int) -> Source:
    """A program as it is.  Raises SyntaxError."""
    spans = _spans(ast.parse(text), first_line - 1)
    return Source(text, filename, first_line, definitions=spans)


def _spans(tree: ast.AST, shift: int = 0) -> list[tuple[int, int]]:
    found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted((begin(node) + shift, (node.end_lineno or 0) + shift) for node in found)


def begin(node: Definition) -> int:
    """Line of a definition or of its first decorator."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


class File:
    """A file of the host that functions come from."""

    def __init__(self, filename: str):
        self.filename = filename
        self.lines = linecache.getlines(filename)
        self.tree = ast.parse("".join(self.lines))
        self.definitions = [node for node in ast.walk(self.tree) if isinstance(node, Definition)]

    def definition(self, name: str, line: int) -> Definition | None:
        """What defines `name` and begins in that line."""
        for node in self.definitions:
            if node.name == name and begin(node) == line:
                return node
        return None

    def top_level(self, name: str) -> ast.stmt | None:
        """The last statement outside of functions and classes that binds a name, if any."""
        bound = None
        for node in _outermost(self.tree.body):
            if name in _bound(node):
                bound = node
        return bound

    def class_named(self, name: str) -> Definition | None:
        """The only class of that name, wherever it is."""
        found = [n for n in self.definitions if isinstance(n, ast.ClassDef) and n.name == name]
        return found[0] if len(found) == 1 else None

    def cut(self, pieces: Sequence[tuple[ast.stmt, int]], names: Sequence[str]) -> Source:
        """These statements alone, each from a line on.  Raises SyntaxError for what has no sense
        away from what is around it.
        """
        kept: dict[int, str] = {}
        for node, first in sorted(pieces, key=lambda piece: piece[1]):
            indented = self.lines[first - 1][:1].isspace()
            if indented and first - 1 not in kept:
                kept[first - 1] = "if 1:\n"  # its lines stay as they are, multi-line text and all
            for line in range(first, (node.end_lineno or first) + 1):
                kept[line] = self.lines[line - 1]
        first, last = min(kept), max(kept)
        text = "".join(kept.get(line, "\n") for line in range(first, last + 1))
        compile(text, self.filename, "exec", dont_inherit=True)
        return Source(text, self.filename, first, tuple(names), _spans(self.tree))


def _outermost(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements that run when the file is imported, those under `if` and `try` among them."""
    found = []
    for node in body:
        found.append(node)
        if not isinstance(node, Definition):
            for name in ("body", "handlers", "orelse", "finalbody"):
                found += _outermost(getattr(node, name, []))
    return found


def _bound(node: ast.stmt) -> set[str]:
    """Names that a statement itself binds."""
    if isinstance(node, Definition):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {bound_by(alias) for alias in node.names}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()


def bound_by(alias: ast.alias) -> str:
    """The name that one part of an import binds."""
    return alias.asname or alias.name.split(".")[0]


def file_of(filename: str) -> File:
    """The file, parsed once as long as it stays as it is.  Raises OSError, SyntaxError."""
    changed = Path(filename).stat().st_mtime_ns
    return _parsed(filename, changed)


@functools.lru_cache(maxsize=16)
def _parsed(filename: str, changed: int) -> File:
    linecache.checkcache(filename)
    return File(filename)
