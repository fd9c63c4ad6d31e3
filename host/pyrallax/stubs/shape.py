"""What a stub says, as the firmware can be asked for it: names, arguments, kinds of values."""

import ast
from dataclasses import dataclass, field

from . import FOLDER, MARK
from .source import Function, public

_ANY = {"Any", "Incomplete", "object", "Self"}
_CALLABLE = {"function", "closure", "bound_method", "generator"}


@dataclass
class Class:
    """A class of a stub.  methods: arguments, see arity(); attributes: annotations; bases: texts.
    offered: whether the module has it by name.  fixed: attributes that cannot be set."""

    methods: dict[str, tuple[int, int, bool]] = field(default_factory=dict)
    attributes: dict[str, ast.expr] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)
    offered: bool = True
    fixed: set[str] = field(default_factory=set)


@dataclass
class Stub:
    """A module's stub.  names: all that the module has, private ones left out."""

    names: set[str] = field(default_factory=set)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)  # module of an imported name
    called: dict[str, str] = field(default_factory=dict)  # what that one calls it
    made: bool = False  # by the generator


def load() -> dict[str, Stub]:
    """All stubs by the names of their modules."""
    found = {}
    for path in sorted(FOLDER.rglob("*.pyi")):
        words = path.relative_to(FOLDER).with_suffix("").parts
        name = ".".join(words[:-1] if words[-1] == "__init__" else words)
        if name != "__builtins__":
            found[name] = _stub(path.read_text())
    return found


def _stub(text: str) -> Stub:
    stub = Stub(made=text.startswith(MARK))
    for node in ast.parse(text).body:
        if isinstance(node, Function):
            stub.functions[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            stub.values[node.target.id] = node.annotation
        elif isinstance(node, ast.ClassDef):
            stub.classes[node.name] = _class(node)
        elif isinstance(node, ast.Assign):  # a class by another name
            stub.names |= {target.id for target in node.targets}
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                stub.origins[alias.asname or alias.name] = node.module
                stub.called[alias.asname or alias.name] = alias.name
                if alias.asname == alias.name:
                    stub.names.add(alias.name)
    offered = [name for name, each in stub.classes.items() if each.offered]
    stub.names |= {*stub.functions, *stub.values, *offered}
    stub.names = {name for name in stub.names if public(name)}
    return stub


def _class(node: ast.ClassDef) -> Class:
    found = Class(bases=[ast.unparse(base) for base in node.bases])
    found.offered = "type_check_only" not in map(ast.unparse, node.decorator_list)
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            said = each.annotation
            if isinstance(said, ast.Subscript) and ast.unparse(said.value) == "ClassVar":
                said = said.slice
                found.fixed.add(each.target.id)
            found.attributes[each.target.id] = said
        elif isinstance(each, Function):
            kinds = list(map(ast.unparse, each.decorator_list))
            if "property" in kinds:
                found.attributes[each.name] = each.returns
                found.fixed.add(each.name)
            elif any(kind.endswith(".setter") for kind in kinds):
                found.fixed.discard(each.name)
            else:
                found.methods[each.name] = arity(each)
    return found


def arity(function: ast.FunctionDef) -> tuple[int, int, bool]:
    """(fewest, most, whether keywords are taken) of the positional arguments; most -1: any."""
    names = function.args
    positional = len(names.posonlyargs) + len(names.args)
    keywords = bool(names.kwonlyargs or names.kwarg)
    keywords |= any(arg.arg != "self" for arg in names.args)
    return positional - len(names.defaults), -1 if names.vararg else positional, keywords


def members(stubs: dict[str, Stub], module: str, name: str) -> tuple[set[str], dict]:
    """(methods, attributes) of a class, with those it inherits."""
    stub = stubs[module]
    if name not in stub.classes:
        origin = stub.origins.get(name, "")
        theirs = stub.called.get(name, name)
        return members(stubs, origin, theirs) if origin in stubs else (set(), {})
    found = stub.classes[name]
    methods, attributes = set(found.methods), dict(found.attributes)
    for base in found.bases:
        more, values = members(stubs, module, base)
        methods |= more
        attributes = values | attributes
    return methods, attributes


def fits(stubs: dict[str, Stub], module: str, said: ast.expr | None, found) -> bool:
    """Whether a value may be what an annotation says.

    found: a type's name, or [name, [what is inside…]] of a tuple, list or dict ([key, value]…).
    """
    name, inside = (found, []) if isinstance(found, str) else found
    match said:
        case ast.Constant(value=None):
            return name == "NoneType"
        case ast.BinOp():
            return any(fits(stubs, module, part, found) for part in (said.left, said.right))
        case ast.Subscript(value=ast.Name(id="Literal")):
            parts = said.slice.elts if isinstance(said.slice, ast.Tuple) else [said.slice]
            return name in {type(part.value).__name__ for part in parts}
        case ast.Subscript(value=ast.Name(id="Iterator")):
            return name == "generator"
        case ast.Subscript(value=ast.Name(id="Callable")):
            return name in _CALLABLE
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            if isinstance(parts[-1], ast.Constant) and parts[-1].value is ...:
                parts = [parts[0]] * len(inside)
            pairs = zip(parts, inside, strict=False)
            same = name == "tuple" and len(parts) == len(inside)
            return same and all(fits(stubs, module, a, b) for a, b in pairs)
        case ast.Subscript(value=ast.Name(id="list"), slice=part):
            return name == "list" and all(fits(stubs, module, part, each) for each in inside)
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, part])):
            values = [value for _, value in inside]
            return name == "dict" and all(fits(stubs, module, part, each) for each in values)
        case ast.Name(id=word):
            return word in _ANY or _named(stubs, module, word, name, inside)
    return False


def _named(stubs: dict[str, Stub], module: str, word: str, name: str, inside: list) -> bool:
    known = stubs[module].classes.get(word)
    if known is None or not {"NamedTuple", "TypedDict"} & set(known.bases):
        word = stubs[module].called.get(word, word)
        kinds = [stub.classes[name].bases for stub in stubs.values() if name in stub.classes]
        return name == word or any(word in bases for bases in kinds)
    fields = known.attributes
    if "TypedDict" in known.bases:
        values = dict(inside)
        same = name == "dict" and set(values) == set(fields)
        return same and all(fits(stubs, module, fields[key], values[key]) for key in fields)
    if name != "tuple" or len(inside) != len(fields):
        return False
    pairs = zip(fields.values(), inside, strict=True)
    return all(fits(stubs, module, said, value) for said, value in pairs)
