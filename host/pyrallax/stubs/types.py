"""Types kept by hand for frozen modules, stubs/types/NAME.pyi: laid over what the source tells.

A signature there has the arguments of the source, else Drift is raised: it cannot fall behind.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from .source import Function, Module, key


class Drift(Exception):
    """The types kept by hand do not fit the source; the text says where, and what to do."""


@dataclass
class Members:
    """Annotated names and functions of a class, or of a module, and its classes."""

    attributes: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, "Members"] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)  # imports; classes with a _, which are for types


def load(path: Path, module: Module) -> Members:
    """What the file says of a module; nothing when it does not exist.  Raises Drift."""
    if not path.is_file():
        return Members()
    members = _members(ast.parse(path.read_text(), str(path)).body, path)
    _compare(path.name, members, module.functions, set(module.values) | set(module.classes))
    for name, inside in members.classes.items():
        if name not in module.classes:
            raise Drift(f"{path.name}: {module.source} has no class {name}: take it out")
        body = module.classes[name].body
        functions = {key(node): node for node in body if isinstance(node, Function)}
        _compare(f"{path.name}: {name}", inside, functions, None)
    return members


def _members(body: list[ast.stmt], path: Path) -> Members:
    found = Members()
    for node in body:
        match node:
            case ast.ImportFrom() | ast.Import():
                found.rest.append(ast.unparse(node))
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.attributes[name] = ast.unparse(node.annotation)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.functions[key(node)] = node
            case ast.ClassDef() if node.name.startswith("_"):
                found.rest.append(ast.unparse(node))
            case ast.ClassDef():
                found.classes[node.name] = _members(node.body, path)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise Drift(f"{path.name}:{node.lineno}: only imports, names, functions, classes")
    return found


def shape(function: Function) -> list[str]:
    """Names of the arguments with what else a caller sees: kind, whether there is a default."""
    names = function.args
    positional = names.posonlyargs + names.args
    first = len(positional) - len(names.defaults)
    found = [arg.arg + ("=" if i >= first else "") for i, arg in enumerate(positional)]
    found += [f"*{names.vararg.arg}"] if names.vararg else []
    for arg, default in zip(names.kwonlyargs, names.kw_defaults, strict=True):
        found.append("*, " + arg.arg + ("=" if default else ""))
    return found + ([f"**{names.kwarg.arg}"] if names.kwarg else [])


def _compare(
    where: str, members: Members, functions: dict[str, Function], names: set[str] | None
) -> None:
    for name, typed in members.functions.items():
        if name not in functions:
            raise Drift(f"{where}: the source has no function {name}: take it out")
        said, true = shape(typed), shape(functions[name])
        if said != true:
            raise Drift(f"{where}: {name}({', '.join(said)}) is ({', '.join(true)}) in the source")
    for name in members.attributes if names is not None else ():
        if name not in names:
            raise Drift(f"{where}: the source has no {name}: take it out")
