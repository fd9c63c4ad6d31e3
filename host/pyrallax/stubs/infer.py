"""Types that the source tells by itself: of literals, calls of known classes, returned values.

What it does not tell is None here and `Incomplete` in a stub.  Nothing is guessed from names.
"""

import ast
from dataclasses import dataclass, field

from .source import Function, Module, constant, namedtuple_fields, public

_BUILTINS = {
    **{name: name for name in ("int", "str", "bytes", "bytearray", "bool", "float", "memoryview")},
    **{name: f"{name}[Incomplete]" for name in ("list", "set")},
    **dict.fromkeys(("len", "ord", "hash", "id"), "int"),
    **dict.fromkeys(("hex", "repr", "chr", "bin", "oct"), "str"),
    **dict.fromkeys(("isinstance", "any", "all", "hasattr", "callable"), "bool"),
    "dict": "dict[Incomplete, Incomplete]",
    "tuple": "tuple[Incomplete, ...]",
    "sorted": "list[Incomplete]",
}
_OF_STR = {"format": "str", "join": "str", "strip": "str", "upper": "str", "lower": "str"}
_MOST = 3  # members of a union that still tells something
_ARITHMETIC = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.FloorDiv,
    ast.Mod,
    ast.BitAnd,
    ast.BitOr,
    ast.BitXor,
)


def union(types: list[str | None]) -> str | None:
    """Of these; None when one is not known, or they are many."""
    if not types or None in types:
        return None
    members = sorted({part for name in types for part in _members(name)})
    members.sort(key=lambda name: name == "None")
    return " | ".join(members) if len(members) <= _MOST else None


def _members(name: str) -> list[str]:
    return [name] if "[" in name else name.split(" | ")


@dataclass
class Scope:
    """Where an expression stands.  known: types of names in a function; used: (module, name) of
    what the types found need to import, with what the stub calls it."""

    module: Module
    modules: dict[str, Module]
    natives: dict[str, set[str]]  # classes of C modules, by module
    owner: ast.ClassDef | None = None
    known: dict[str, str] = field(default_factory=dict)
    used: dict[tuple[str, str], str] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)  # functions being looked at

    def of(self, node: ast.expr | None) -> str | None:
        """The type of an expression."""
        node = constant(node)
        match node:
            case ast.Constant(value=None):
                return "None"
            case ast.Constant(value=value) if value is not Ellipsis:
                return type(value).__name__
            case ast.JoinedStr():
                return "str"
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return "bool"
            case ast.UnaryOp():
                return "int" if self.of(node.operand) in ("int", "bool") else None
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp():
                kinds = {self.of(value) for value in node.values}
                return kinds.pop() if len(kinds) == 1 else None
            case ast.IfExp():
                return union([self.of(node.body), self.of(node.orelse)])
            case ast.List() | ast.ListComp():
                return f"list[{self._element(node)}]"
            case ast.Set() | ast.SetComp():
                return "set[Incomplete]"
            case ast.Dict() | ast.DictComp():
                return "dict[Incomplete, Incomplete]"
            case ast.Tuple():
                if not node.elts or any(isinstance(each, ast.Starred) for each in node.elts):
                    return "tuple[Incomplete, ...]"
                return f"tuple[{', '.join(self.of(e) or 'Incomplete' for e in node.elts)}]"
            case ast.Name(id=name):
                return self.known.get(name) or self._value(name)
            case ast.Call():
                return self._call(node)
        return None

    def _element(self, node: ast.List | ast.ListComp) -> str:
        found = [node.elt] if isinstance(node, ast.ListComp) else node.elts
        return union([self.of(each) for each in found]) or "Incomplete"

    def _value(self, name: str) -> str | None:
        value = constant(self.module.values.get(name))
        return (
            self.of(value) if isinstance(value, ast.Constant) and value.value is not None else None
        )

    def _binary(self, node: ast.BinOp) -> str | None:
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(node.op, ast.Mod) and left in ("str", "bytes"):
            return left
        if isinstance(node.op, ast.Div):
            return "float" if left in ("int", "float") and right in ("int", "float") else None
        if left == right and left in ("int", "str", "bytes"):
            return left
        if isinstance(node.op, (*_ARITHMETIC, ast.LShift, ast.RShift)) and {left, right} <= {
            "int",
            "bool",
        }:
            return "int"
        return None

    def _call(self, node: ast.Call) -> str | None:
        called = node.func
        if isinstance(called, ast.Name):
            name = called.id
            if name in self.module.functions:
                return self.returned(self.module.functions[name])
            return self.class_name(name) or (
                None if name in self.module.imported else _BUILTINS.get(name)
            )
        if isinstance(called, ast.Attribute):
            if isinstance(called.value, ast.Constant) and isinstance(called.value.value, str):
                return _OF_STR.get(called.attr)
            if isinstance(called.value, ast.Name):
                if called.value.id == "self" and self.owner is not None:
                    for each in self.owner.body:
                        if isinstance(each, Function) and each.name == called.attr:
                            return None if each.decorator_list else self.returned(each)
                return self._foreign(called.value.id, called.attr)
        return None

    def class_name(self, name: str) -> str | None:
        """How a stub of this module writes a class that the source calls `name`."""
        if name in self.module.classes:
            return name if public(name) else None  # what is private has no stub
        if namedtuple_fields(self.module.values.get(name)) is not None:
            return name
        origin, there = self.module.imported.get(name, ("", ""))
        return self._in(origin, there) if there else None

    def class_name_of(self, node: ast.expr) -> str | None:
        """The same of `module.Class`."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return self._foreign(node.value.id, node.attr)
        return None

    def _foreign(self, local: str, name: str) -> str | None:
        origin, there = self.module.imported.get(local, ("", ""))
        if there:  # from package import module
            origin = f"{origin}.{there}"
        return self._in(origin, name)

    def _in(self, origin: str, name: str) -> str | None:
        other = self.modules.get(origin)
        here = other is not None and (
            name in other.classes or namedtuple_fields(other.values.get(name)) is not None
        )
        if not here and name not in self.natives.get(origin, ()):
            return None
        if name.startswith("_"):
            return None
        return self.take(origin, name)

    def take(self, origin: str, name: str) -> str:
        """Import a name; what the stub calls it."""
        if origin == self.module.name:
            return name
        if (origin, name) not in self.used:
            own = {*self.module.classes, *self.module.functions, *self.module.values}
            called = f"_{name}" if name in own else name
            if called in self.used.values():
                called = f"_{origin.replace('.', '_')}_{name}"
            self.used[origin, name] = called
        return self.used[origin, name]

    def returned(self, function: Function) -> str | None:
        """What a call of the function gives."""
        own = list(_own(function))
        key = f"{self.owner.name if self.owner else ''}.{function.name}"
        if key in self.busy or isinstance(function, ast.AsyncFunctionDef):
            return None
        if any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in own):
            return f"{self.take('collections.abc', 'Iterator')}[Incomplete]"
        values = [node.value for node in own if isinstance(node, ast.Return)]
        if all(value is None for value in values):
            return "None"
        inner = Scope(self.module, self.modules, self.natives, self.owner, used=self.used)
        inner.busy = self.busy | {key}
        inner.known = inner.parameters(function)
        if self.owner is not None and function.args.args[:1] and not function.decorator_list:
            inner.known[function.args.args[0].arg] = self.take("typing", "Self")
        inner.known |= _assigned_once(own, inner)
        types = ["None" if value is None else inner.of(value) for value in values]
        return union(types + (["None"] if falls_through(function.body) else []))

    def parameters(self, function: Function) -> dict[str, str]:
        """Types of arguments that are never assigned, by their defaults."""
        names = function.args
        pairs = list(zip(reversed(names.args), reversed(names.defaults), strict=False))
        pairs += [
            pair for pair in zip(names.kwonlyargs, names.kw_defaults, strict=True) if pair[1]
        ]
        stored = {n.id for n in _own(function) if isinstance(n, ast.Name) and _stores(n)}
        types = {arg.arg: self.of(default) for arg, default in pairs if arg.arg not in stored}
        return {name: kind for name, kind in types.items() if kind and kind != "None"}


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _own(function: Function):
    """The nodes of a function without those of functions inside of it."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*Function.__args__, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _assigned_once(own: list[ast.AST], scope: Scope) -> dict[str, str]:
    """Types of local names that only one plain assignment binds."""
    stores: dict[str, int] = {}
    for node in own:
        if isinstance(node, ast.Name) and _stores(node):
            stores[node.id] = stores.get(node.id, 0) + 1
    found = {}
    for node in sorted((n for n in own if isinstance(n, ast.Assign)), key=lambda n: n.lineno):
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name) and stores[target.id] == 1:
            kind = scope.of(node.value)
            if kind and kind != "None":
                found[target.id] = scope.known[target.id] = kind
    return found


def falls_through(body: list[ast.stmt]) -> bool:
    """Whether the end of a function's body can be reached."""
    last = body[-1]
    match last:
        case ast.Return() | ast.Raise():
            return False
        case ast.If():
            return not last.orelse or falls_through(last.body) or falls_through(last.orelse)
        case ast.While(test=ast.Constant(value=True)):
            return any(isinstance(node, ast.Break) for node in ast.walk(last))
        case ast.With():
            return falls_through(last.body)
        case ast.Try():
            if last.finalbody and not falls_through(last.finalbody):
                return False
            tried = falls_through(last.orelse or last.body)
            return tried or any(falls_through(handler.body) for handler in last.handlers)
    return True
