"""Attributes of a class: what it and its methods assign, and of which types that is."""

import ast

from .infer import Scope, union
from .source import Function


def attributes(node: ast.ClassDef, scope: Scope) -> dict[str, str]:
    """What the class and its methods assign to `self`, in the order of the source."""
    found: dict[str, list[str | None]] = {}
    for each in node.body:
        if isinstance(each, ast.Assign):
            for target in each.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(scope.of(each.value))
        elif isinstance(each, Function) and each.args.args and not _static(each):
            scope.known = scope.parameters(each)
            me = each.args.args[0].arg
            for inner in ast.walk(each):
                for name, value in _assigned(inner, me):
                    found.setdefault(name, []).append(scope.of(value))
            scope.known = {}
    types = {}
    for name, kinds in found.items():
        kind = union(kinds)
        types[name] = "Incomplete" if kind is None else kind
        if kind == "None" or (kind is None and "None" in kinds):
            types[name] = "Incomplete | None"
    return types


def _static(node: Function) -> bool:
    return any(ast.unparse(each) == "staticmethod" for each in node.decorator_list)


def _assigned(node: ast.AST, me: str):
    """(attribute, value) of assignments to the object; value is None where it is not plain."""
    targets: list[tuple[ast.expr, ast.expr | None]] = []
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple):
                targets += [(part, None) for part in target.elts]
            else:
                targets.append((target, node.value))
    elif isinstance(node, (ast.For, ast.comprehension)):
        targets.append((node.target, None))
    for target, value in targets:
        own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        if own and target.value.id == me:
            yield target.attr, value
