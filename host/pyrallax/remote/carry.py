"""What a function uses of the file around it: what of that goes along to the target, and how.

Plain values go as they are now, functions and classes of the same file as text, imports as imports
of the target.  Anything else is refused with its name.
"""

import ast
import inspect
import symtable
from collections.abc import Callable
from typing import Any

from .literal import NotPlain, literal
from .source import Definition, File, Source, begin, bound_by, file_of

_HOST_ONLY = {"pytest", "_pytest", "pyrallax"}


def of_function(function: Callable) -> tuple[Source, str]:
    """A function's definition less its decorators, with what it uses; and its name.

    Raises ValueError for what cannot be sent.
    """
    function = inspect.unwrap(function)
    name = getattr(function, "__name__", repr(function))
    if not inspect.isfunction(function) or name == "<lambda>":
        raise ValueError(f"{name} has no definition to send: give a function made with def")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise ValueError(f"{name} is a generator: give a function that runs to its end")
    return _Carrier(function).source(), name


class _Carrier:
    def __init__(self, function: Callable):
        self.who = function.__name__
        filename = inspect.getsourcefile(function)
        try:
            if not filename:
                raise FileNotFoundError
            self.file: File = file_of(filename)
        except OSError:
            raise ValueError(f"{self.who} has no source to send: it is not from a file") from None
        self.pieces: dict[int, tuple[ast.stmt, int]] = {}  # by line
        self.names: list[str] = []
        self.known: dict[str, Any] = {}  # by name, to tell two of one name
        self._function(function)

    def source(self) -> Source:
        """Everything found, as one program."""
        try:
            return self.file.cut(list(self.pieces.values()), self.names)
        except SyntaxError as why:
            raise ValueError(
                f"{self.who} cannot be cut from its file: {why.msg} (line {why.lineno})"
            ) from None

    def _function(self, function: Any, decorated: bool = False) -> None:
        code = function.__code__
        node = self.file.definition(function.__name__, code.co_firstlineno)
        if node is None:
            raise ValueError(
                f"{self.who} has no source to send: {self.file.filename} has no "
                f"{function.__name__} in line {code.co_firstlineno}"
            )
        around = dict(function.__globals__)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
            try:
                around[name] = cell.cell_contents
            except ValueError:
                raise ValueError(f"{self.who} uses {name}, which has no value yet") from None
        self._take(node, begin(node) if decorated else node.lineno, around)

    def _take(self, node: ast.stmt, first: int, around: dict[str, Any]) -> None:
        if first in self.pieces:
            return
        self.pieces[first] = (node, first)
        bare = isinstance(node, Definition) and first == node.lineno
        try:
            used = _used(node, bare)
        except SyntaxError as why:
            raise ValueError(
                f"{self.who} cannot be sent: {why.msg} (it changes what is around it)"
            ) from None
        for name in sorted(used):
            if name in around:
                self._name(name, around[name], around)

    def _name(self, name: str, value: Any, around: dict[str, Any]) -> None:
        if name in self.known:
            if self.known[name] is not value:
                raise ValueError(f"{self.who} uses two that are called {name}: rename one")
            return
        self.known[name] = value
        statement = self.file.top_level(name)
        if isinstance(statement, ast.Import | ast.ImportFrom) and around.get(name) is value:
            self._import(name, statement)
        elif inspect.ismodule(value):  # imported in a function around it
            self._import(name, ast.Import([ast.alias(value.__name__, name)]))
        elif inspect.isfunction(value) and self._here(value) and value.__name__ == name:
            self._function(value, decorated=True)
        elif isinstance(value, type) and (node := self.file.class_named(name)):
            self._take(node, begin(node), around)
        elif isinstance(statement, ast.Assign) and (
            inspect.isfunction(value) or isinstance(value, type)
        ):
            self._take(statement, statement.lineno, around)  # a lambda, a namedtuple
        elif inspect.isfunction(value):
            raise ValueError(
                f"{self.who} uses {name}, a function of {value.__module__} line"
                f" {value.__code__.co_firstlineno}: only those of its own file, as they are"
                " defined there, go along"
            )
        else:
            try:
                self.names.append(f"{name} = {literal(value)}")
            except NotPlain as why:
                raise ValueError(f"{self.who} uses {name}, which cannot be sent: {why}") from None

    def _here(self, function: Any) -> bool:
        return inspect.getsourcefile(function) == self.file.filename

    def _import(self, name: str, statement: ast.Import | ast.ImportFrom) -> None:
        alias = next(alias for alias in statement.names if bound_by(alias) == name)
        module = alias.name if isinstance(statement, ast.Import) else statement.module or ""
        if module.split(".")[0] in _HOST_ONLY:
            raise ValueError(f"{self.who} uses {name} (of {module}), which only the host has")
        text = ast.unparse(
            ast.Import([alias])
            if isinstance(statement, ast.Import)
            else ast.ImportFrom(statement.module, [alias], statement.level)
        )
        why = f"{self.who} uses {name}: the target has no {module or name}"
        self.names.append(
            f"try:\n {text}\nexcept ImportError as e:\n raise ImportError({why!r} + ' (%s)' % e)"
        )


class _Bare(ast.NodeTransformer):
    """Takes away annotations, which the target never evaluates."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return ast.Pass()
        return ast.Assign([node.target], self.visit(node.value), lineno=1)

    def visit_FunctionDef(self, node: Any) -> Any:
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef


def _used(node: ast.stmt, without_decorators: bool) -> set[str]:
    """Names that a statement takes from around it.  Raises SyntaxError."""
    copy: Any = ast.parse(ast.unparse(node)).body[0]
    if without_decorators:
        copy.decorator_list = []
    table = symtable.symtable(ast.unparse(_Bare().visit(copy)), "<names>", "exec")
    own = copy.name if isinstance(copy, Definition) else None
    used: set[str] = set()
    tables = [table]
    while tables:
        scope = tables.pop()
        tables += scope.get_children()
        used |= {s.get_name() for s in scope.get_symbols() if s.is_global() and s.is_referenced()}
        if scope is table:
            used |= {s.get_name() for s in scope.get_symbols() if s.is_referenced()}
    return used - {own}
