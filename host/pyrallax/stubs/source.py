"""Frozen modules as syntax trees: their names, and what each name is."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from .. import ROOT

FROZEN = ROOT / "frozen"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """name: dotted.  classes, functions: of the module's level, by name.  values: what names are
    assigned there.  imported: local name to (module, name in it, or "" for the module itself);
    exported: those that others shall import from here."""

    name: str
    path: Path
    tree: ast.Module
    package: bool = False
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    exported: set[str] = field(default_factory=set)

    @property
    def source(self) -> str:
        """The file's name as a user knows it."""
        return self.path.relative_to(ROOT).as_posix()


def public(name: str) -> bool:
    """Whether stubs have a name: not what begins with one underscore."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def modules() -> dict[str, Module]:
    """All public modules of ours that frozen/manifest.py names."""
    found = {}
    for node in ast.walk(ast.parse((FROZEN / "manifest.py").read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.args[0], ast.Constant):
            continue
        words = {each.arg: ast.literal_eval(each.value) for each in node.keywords}
        first, *only = (ast.literal_eval(each) for each in node.args)
        folder = FROZEN / words.get("base_path", "") / first
        only = words.get("files") or only
        if node.func.id == "package":
            for path in sorted(folder.rglob("*.py")):
                parts = [folder.name, *path.relative_to(folder).with_suffix("").parts]
                if only and path.relative_to(folder).as_posix() not in only:
                    continue
                package = parts[-1] == "__init__"
                name = ".".join(parts[:-1] if package else parts)
                found[name] = _read(name, path, package)
        elif node.func.id == "freeze" and ".." not in folder.parts:
            for path in sorted(folder.glob("*.py")):
                if public(path.stem) and (not only or path.name in only):
                    found[path.stem] = _read(path.stem, path, False)
    return found


def _read(name: str, path: Path, package: bool) -> Module:
    text = path.read_text()
    module = Module(name, path, ast.parse(text, str(path)), package)
    lines = text.splitlines()
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            module.classes[node.name] = node
        elif isinstance(node, Function):
            module.functions[node.name] = node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in parts(target, node.value):
                    module.values.setdefault(name, value)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                module.imported[alias.asname or alias.name.split(".")[0]] = (alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            # What ruff would call unused is there for others.
            offered = "F401" in lines[node.lineno - 1]
            for alias in node.names:
                local = alias.asname or alias.name
                module.imported[local] = (origin, alias.name)
                if offered and public(local):
                    module.exported.add(local)
    listed = module.values.get("__all__")
    if listed is not None:
        module.exported |= set(ast.literal_eval(listed)) & set(module.imported)
    return module


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    words = module.name.split(".")
    base = words[: len(words) - node.level + module.package]
    return ".".join(base + ([node.module] if node.module else []))


def key(node: Function) -> str:
    """What tells the functions of a class apart: a property's setter has the property's name."""
    setter = any(ast.unparse(each).endswith(".setter") for each in node.decorator_list)
    return f"{node.name}.setter" if setter else node.name


def parts(target: ast.expr, value: ast.expr):
    """(name, expression) of what an assignment binds; `a, b = 1, 2` is two."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [ast.Constant(...)] * 99
        for each, part in zip(target.elts, values, strict=False):
            yield from parts(each, part)


def constant(node: ast.expr | None) -> ast.expr | None:
    """What is inside of const(…), else the node itself."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "const":
        return node.args[0]
    return node


def namedtuple_fields(node: ast.expr | None) -> list[str] | None:
    """The fields of `namedtuple(name, fields)`; None for another expression."""
    if not isinstance(node, ast.Call) or len(node.args) != 2:
        return None
    if ast.unparse(node.func) not in ("namedtuple", "collections.namedtuple"):
        return None
    try:
        fields = ast.literal_eval(node.args[1])
    except ValueError:
        return None
    return fields.replace(",", " ").split() if isinstance(fields, str) else list(fields)


def lazy(node: ast.expr | None) -> tuple[str, str] | None:
    """(module, name) of what frozen/probe/__init__.py makes by `_lazy(module, name)`."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "_lazy"
        and all(isinstance(word, ast.Constant) for word in node.args)
    ):
        module, name = (word.value for word in node.args)
        return "probe." + module, name
    return None
