"""Write the stubs of frozen modules: signatures and docstrings of the source, types as known."""

import argparse
import ast
import builtins
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..failure import guarded
from ..vm.config import Unfit
from . import FOLDER, MARK, TYPES
from .attributes import attributes
from .infer import Scope
from .source import (
    Function,
    Module,
    constant,
    key,
    lazy,
    modules,
    namedtuple_fields,
    parts,
    public,
)
from .types import Drift, Members, load

_DECORATORS = ("property", "staticmethod", "classmethod")
_KNOWN = {  # what Python itself wants of these
    "__str__": "str",
    "__repr__": "str",
    "__len__": "int",
    "__hash__": "int",
    "__int__": "int",
    "__bool__": "bool",
    "__contains__": "bool",
    "__exit__": "None",
}
_NOT_STUBBED = ("__del__",)


class Writer:
    """Writes one module.  natives: classes of C modules, by module."""

    def __init__(
        self, module: Module, everything: dict[str, Module], natives: dict[str, set[str]]
    ):
        self.module = module
        self.types = load(TYPES / f"{module.name}.pyi", module)
        self.scope = Scope(module, everything, natives)
        self.lines: list[str] = []

    def text(self) -> str:
        """The stub, not yet formatted."""
        self._functions(self.module.tree.body, self.types, 0)
        body = "\n".join(self.lines)
        return "\n".join([self._head(body), body, ""])

    def _head(self, body: str) -> str:
        lines = [MARK + self.module.source + ": do not edit."]
        described = ast.get_docstring(self.module.tree, clean=False)
        if described:
            lines.append(_quoted(described, 0))
        imports = set(self.types.rest)
        written = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
        for (origin, name), called in self.scope.used.items():
            # Some were only looked at on the way; what is exported comes below.
            if called in written and name not in self.module.exported:
                imports.add(
                    f"from {origin} import {name}" + ("" if called == name else f" as {called}")
                )
        if "Incomplete" in written:
            imports.add("from _typeshed import Incomplete")
        for name in sorted(self.module.exported):
            origin, there = self.module.imported[name]
            imports.add(f"from {origin} import {there} as {name}")
        for name, value in self.module.values.items():
            if lazy(value):
                origin, there = lazy(value)
                imports.add(f"from {origin} import {there} as {name}")
        return "\n".join(lines + sorted(imports))

    def _functions(self, body: list[ast.stmt], types: Members, depth: int) -> None:
        """The names of a module or a class in the source's order."""
        done: set[str] = set()
        for node in body:
            if isinstance(node, ast.ClassDef) and self._wanted(node):
                self._class(node, types.classes.get(node.name, Members()), depth)
            elif isinstance(node, Function):
                self._function(node, types.functions.get(key(node)), depth)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for name, value in parts(target, node.value):
                        if name not in done:
                            done.add(name)
                            self._name(name, value, types, depth)

    def _wanted(self, node: ast.ClassDef) -> bool:
        """Public ones, and what those are made of."""
        bases = {ast.unparse(base) for each in self.module.classes.values() for base in each.bases}
        return public(node.name) or node.name in bases

    def _put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def _name(self, name: str, value: ast.expr, types: Members, depth: int) -> None:
        if not public(name) or lazy(value):
            return
        fields = namedtuple_fields(value)
        if fields is not None:
            base = self.scope.take("typing", "NamedTuple")
            self._put(depth, f"class {name}({base}):")
            given = types.classes.get(name, Members()).attributes
            for each in fields:
                self._put(depth + 1, f"{each}: {given.get(each, 'Incomplete')}")
        elif isinstance(value, ast.Name) and self.scope.class_name(value.id):
            self._put(depth, f"{name} = {self.scope.class_name(value.id)}")
        elif name == "__all__":
            self._put(depth, f"__all__ = {ast.unparse(value)}")
        elif not name.startswith("__"):
            kind = types.attributes.get(name) or self.scope.of(value)
            self._put(
                depth, f"{name}: {'Incomplete | None' if kind == 'None' else kind or 'Incomplete'}"
            )

    def _class(self, node: ast.ClassDef, types: Members, depth: int) -> None:
        bases = [text for text in map(self._base, node.bases) if text]
        self._put(depth, f"class {node.name}" + (f"({', '.join(bases)}):" if bases else ":"))
        described = ast.get_docstring(node, clean=False)
        if described:
            self.lines.append(_quoted(described, depth + 1))
        before = len(self.lines)
        self.scope.owner = node
        own = attributes(node, self.scope)
        if spare := set(types.attributes) - set(own):
            where = f"{self.module.name}.pyi: {node.name}"
            raise Drift(f"{where}: the source has no {', '.join(sorted(spare))}: take it out")
        own.update(types.attributes)
        taken = {n.name for n in node.body if isinstance(n, Function)}
        for name, kind in own.items():
            if public(name) and name not in taken and not name.startswith("__"):
                self._put(depth + 1, f"{name}: {kind}")
        body = [each for each in node.body if not isinstance(each, ast.Assign)]
        self._functions(body, types, depth + 1)
        self.scope.owner = None
        if len(self.lines) == before and not described:
            self._put(depth + 1, "...")

    def _base(self, node: ast.expr) -> str | None:
        text = ast.unparse(node)
        if text in self.module.classes:
            return text
        if isinstance(node, ast.Name):
            if text == "BusError":  # a builtin of the firmware only
                return self.scope.take("machine", text)
            known = self.scope.class_name(text)
            return known or (text if hasattr(builtins, text) else None)
        return self.scope.class_name_of(node)

    def _function(self, node: Function, typed: Function | None, depth: int) -> None:
        if not public(node.name) or node.name in _NOT_STUBBED:
            return
        kinds = [ast.unparse(each) for each in node.decorator_list]
        kinds = [kind for kind in kinds if kind in _DECORATORS or kind.endswith(".setter")]
        for kind in kinds:
            self._put(depth, "@" + kind)
        bound = depth > 0 and "staticmethod" not in kinds
        arguments = self._arguments(node, typed, bound)
        if typed is not None and typed.returns is not None:
            result = ast.unparse(typed.returns)
        elif node.name == "__init__" or any(kind.endswith(".setter") for kind in kinds):
            result = "None"
        else:
            result = _KNOWN.get(node.name) or self.scope.returned(node) or "Incomplete"
        word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        described = ast.get_docstring(node, clean=False)
        end = "" if described else " ..."
        self._put(depth, f"{word} {node.name}({arguments}) -> {result}:{end}")
        if described:
            self.lines.append(_quoted(described, depth + 1))

    def _arguments(self, node: Function, typed: Function | None, bound: bool) -> str:
        """Of the source, with annotations; defaults that are no literals become `...`."""
        names = ast.parse(f"def f({ast.unparse(node.args)}): ...").body[0].args
        hints = {arg.arg: arg.annotation for arg in _every(typed.args)} if typed else {}
        positional = names.posonlyargs + names.args
        defaults: dict[str, ast.expr | None] = dict.fromkeys(arg.arg for arg in _every(names))
        for arg, default in zip(reversed(positional), reversed(names.defaults), strict=False):
            defaults[arg.arg] = default
        for arg, default in zip(names.kwonlyargs, names.kw_defaults, strict=True):
            defaults[arg.arg] = default
        for arg in _every(names):
            if bound and arg is positional[0]:
                continue
            hint = hints.get(arg.arg)
            arg.annotation = hint if hint is not None else self._by_default(defaults[arg.arg])
        names.defaults = [self._default(each) for each in names.defaults]
        names.kw_defaults = [each and self._default(each) for each in names.kw_defaults]
        return ast.unparse(names)

    def _by_default(self, default: ast.expr | None) -> ast.expr:
        kind = self.scope.of(default) if default is not None else None
        if kind == "None":
            kind = "Incomplete | None"
        # An empty tuple or list only says that something can be gone through.
        known = kind is not None and not kind.startswith(("tuple", "list", "dict"))
        return ast.parse(kind if known else "Incomplete", mode="eval").body

    def _default(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            node = constant(self.module.values.get(node.id)) or node
        literal = isinstance(node, (ast.Constant, ast.UnaryOp))
        return node if literal else ast.Constant(...)


def _every(names: ast.arguments) -> list[ast.arg]:
    found = names.posonlyargs + names.args + names.kwonlyargs
    return found + [arg for arg in (names.vararg, names.kwarg) if arg is not None]


def _quoted(text: str, depth: int) -> str:
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "    " * depth + f'"""{safe}"""'


def natives() -> dict[str, set[str]]:
    """Classes of the modules whose stubs are kept by hand."""
    found = {}
    for path in FOLDER.glob("*/__init__.pyi"):
        text = path.read_text()
        if not text.startswith(MARK):
            tree = ast.parse(text)
            found[path.parent.name] = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    return found


def generate() -> dict[str, str]:
    """The stubs of all public frozen modules: path in the folder to text.  Raises Drift."""
    everything, known = modules(), natives()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for module in everything.values():
            words = module.name.split(".")
            nested = len(words) > 1 and not module.package
            path = (
                root.joinpath(*words[:-1], words[-1] + ".pyi")
                if nested
                else (root.joinpath(*words, "__init__.pyi"))
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Writer(module, everything, known).text())
        ruff = str(Path(sys.executable).parent / "ruff")
        format_ = [ruff, "format", "--quiet", "--isolated", "--line-length", "99", folder]
        subprocess.run(format_, check=True)
        return {
            path.relative_to(root).as_posix(): path.read_text()
            for path in sorted(root.rglob("*.pyi"))
        }


def differing(made: dict[str, str]) -> list[str]:
    """Paths of stubs that are missing, not as made, or of modules that are no more."""
    old = {path.relative_to(FOLDER).as_posix(): path.read_text() for path in FOLDER.rglob("*.pyi")}
    gone = [path for path, text in old.items() if text.startswith(MARK) and path not in made]
    return sorted([path for path, text in made.items() if old.get(path) != text] + gone)


def main(argv: Sequence[str] | None = None) -> int:
    """Write what has changed, and say what."""
    parser = argparse.ArgumentParser(prog="pyrallax.stubs.generate", description=__doc__)
    parser.add_argument("--out", type=Path, help="put a copy of all stubs into this folder, too")
    arguments = parser.parse_args(argv)
    try:
        made = generate()
    except Drift as why:
        raise Unfit(f"stubs/types: {why}") from None
    for name in differing(made):
        path = FOLDER / name
        print(name)
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name])
        else:
            path.unlink()
    if arguments.out:
        shutil.copytree(FOLDER, arguments.out, dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
