"""Asserts rewritten so that the target tells the values of their expressions.

An assert stays an assert in its line.  Each expression in it that is worth telling is kept in a
local name by `:=`, which evaluates it once, where and when it stood, and allocates nothing; only
a failed one makes text of what was kept:

    assert f(x) == 3, "why"

    _pa0 = _pa1 = _pa_no
    assert (_pa1 := f((_pa0 := x))) == 3, _pa_say(0, "why", (_pa0, _pa1))
    _pa0 = _pa1 = _pa_no

all in the line of the assert.  The names are emptied before, so that none is found unassigned
where `and` stopped, and after it, so that they keep no object alive.
"""

import ast
import re
from typing import NamedTuple

from .explain import LONGEST, Assertion, Part

# On the target.  A _pa_say is what an AssertionError has: text for who prints it there.  What a
# repr does is the affair of the code under test: it never hides the assert.  It is short
# because it stands in every serial log.
TARGET = """\
_pa_no = object()
def _pa_text(value, how=repr):
    try: text = how(value)
    except Exception as e: text = "<repr raised %s>" % type(e).__name__
    if type(value) is float and how is repr and float(text) != value: text = "%.17g" % value
    return text if len(text) <= LONGEST else text[:3000] + "<...>" + text[-1000:]
class _pa_say:
    def __init__(self, number, message, values):
        message = None if message is _pa_no else _pa_text(message, str)
        values = [None if v is _pa_no else _pa_text(v) for v in values]
        self._pyrallax_parts = number, message, values
    def __str__(self): return self._pyrallax_parts[1] or str(self._pyrallax_parts[2])
""".replace("LONGEST", str(LONGEST))

_SIGNS = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not "}
_WORDS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
}


class _Piece(NamedTuple):
    code: str  # what the target runs, in brackets where it needs them
    part: Part


class _Expression:
    """Rewrites the expression of one assert.  lines: of the text that it is in."""

    def __init__(self, lines: list[str]):
        self.lines = lines
        self.count = 0

    def source(self, node: ast.AST) -> str:
        """The expression as it is written."""
        return cut(self.lines, node)

    def visit(self, node: ast.expr) -> _Piece:
        """An expression that keeps its value."""
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        return method(node) if method else self._leaf(node)

    def _leaf(self, node: ast.expr) -> _Piece:
        """One whose inside is not told: a name, a display, a comprehension, a lambda."""
        source = self.source(node)
        shown = f"({source})" if isinstance(node, ast.Lambda) else source
        bare = isinstance(node, ast.Name | ast.List | ast.Dict | ast.Set)
        return self._kept(source if bare else f"({source})", Part(_one_line(shown)))

    def _kept(self, code: str, part: Part) -> _Piece:
        part.slot = self.count
        self.count += 1
        return _Piece(f"(_pa{part.slot} := {code})", part)

    def _built(self, node: ast.expr, pieces: list[str | _Piece], kept: bool = True) -> _Piece:
        """An expression made of pieces; kept: its value is told, and how it came to be."""
        code = "".join(piece if isinstance(piece, str) else piece.code for piece in pieces)
        inside = [piece if isinstance(piece, str) else piece.part for piece in pieces]
        part = Part(_one_line(self.source(node)), inside, where=kept)
        bare = kept and not isinstance(node, ast.NamedExpr)
        piece = _Piece(code if bare else f"({code})", part)
        return self._kept(*piece) if kept else piece

    def _constant(self, node: ast.expr) -> _Piece:
        source = self.source(node)
        bare = isinstance(node, ast.Constant)  # and no -1, nor 1 before a dot
        return _Piece(source if bare else f"({source})", Part(_one_line(source)))

    def _told(self, node: ast.expr) -> _Piece:
        """An expression that may not be reached: a constant, too, tells whether it was."""
        piece = self.visit(node)
        return self._kept(*piece) if isinstance(node, ast.Constant) else piece

    def _unaryop(self, node: ast.UnaryOp) -> _Piece:
        if isinstance(node.operand, ast.Constant):
            return self._constant(node)
        sign = _SIGNS[type(node.op)]
        return self._built(node, [sign, self.visit(node.operand)], sign != "not ")

    def _binop(self, node: ast.BinOp) -> _Piece:
        word = f" {_WORDS[type(node.op)]} "
        return self._built(node, [self.visit(node.left), word, self.visit(node.right)])

    def _boolop(self, node: ast.BoolOp) -> _Piece:
        word = " and " if isinstance(node.op, ast.And) else " or "
        values = [self._told(value) for value in node.values]
        piece = self._built(node, _between(word, values), False)
        piece.part.kind = "bool"
        return piece

    def _compare(self, node: ast.Compare) -> _Piece:
        pieces: list[str | _Piece] = [self.visit(node.left)]
        for at, (op, value) in enumerate(zip(node.ops, node.comparators, strict=True)):
            pieces += [f" {_WORDS[type(op)]} ", self._told(value) if at else self.visit(value)]
        piece = self._built(node, pieces, False)
        piece.part.kind = "compare"
        return piece

    def _ifexp(self, node: ast.IfExp) -> _Piece:
        # Evaluated out of the order it is written in; so are the slots, which is no matter.
        body, test, other = (self.visit(n) for n in (node.body, node.test, node.orelse))
        return self._built(node, [body, " if ", test, " else ", other])

    def _attribute(self, node: ast.Attribute) -> _Piece:
        return self._built(node, [self._object(node.value), "." + node.attr])

    def _object(self, node: ast.expr) -> _Piece:
        """What stands before a dot.  `super()` is the compiler's, and stays as it is."""
        if isinstance(node, ast.Call) and _name(node.func) == "super":
            return _Piece("super()", Part("super()"))
        piece = self.visit(node)
        return _Piece(f"({piece.code})", piece.part) if isinstance(node, ast.Constant) else piece

    def _subscript(self, node: ast.Subscript) -> _Piece:
        index: str | _Piece = self.source(node.slice)
        if not isinstance(node.slice, ast.Slice | ast.Tuple):
            index = self.visit(node.slice)
        return self._built(node, [self.visit(node.value), "[", index, "]"])

    def _call(self, node: ast.Call, kept: bool = True) -> _Piece:
        if _name(node.func) == "super":
            return self._leaf(node)
        if isinstance(node.func, ast.Name):
            called: list[str | _Piece] = [node.func.id]
        elif isinstance(node.func, ast.Attribute):
            called = [self._object(node.func.value), "." + node.func.attr]
        else:
            called = [self.visit(node.func)]
        # In the order written: `*x` may come behind a keyword.
        given: list[tuple[tuple[int, int], list[str | _Piece]]] = []
        for value in node.args:
            star = "*" if isinstance(value, ast.Starred) else ""
            inner = value.value if isinstance(value, ast.Starred) else value
            given.append((_place(value), [star, self.visit(inner)]))
        for keyword in node.keywords:
            word = "**" if keyword.arg is None else f"{keyword.arg}="
            given.append((_place(keyword), [word, self.visit(keyword.value)]))
        given.sort(key=lambda item: item[0])
        arguments: list[str | _Piece] = []
        for _, pieces in given:
            arguments += [*([", "] if arguments else []), *pieces]
        return self._built(node, [*called, "(", *arguments, ")"], kept)

    def _await(self, node: ast.Await) -> _Piece:
        call = isinstance(node.value, ast.Call)  # the coroutine itself tells nothing
        inner = self._call(node.value, kept=False) if call else self.visit(node.value)
        return self._built(node, ["await ", inner])

    def _namedexpr(self, node: ast.NamedExpr) -> _Piece:
        return self._built(node, [f"{node.target.id} := ", self.visit(node.value)])


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _place(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _between(word: str, pieces: list[_Piece]) -> list[str | _Piece]:
    out: list[str | _Piece] = [pieces[0]]
    for piece in pieces[1:]:
        out += [word, piece]
    return out


def _one_line(source: str) -> str:
    return " ".join(source.split()) if "\n" in source else source


def cut(lines: list[str], node: ast.AST) -> str:
    """The text of a node.  lines: of what was parsed; offsets in them count UTF-8 bytes."""
    first, last = node.lineno - 1, node.end_lineno - 1  # type: ignore[attr-defined]
    if first == last:
        return lines[first].encode()[node.col_offset : node.end_col_offset].decode()  # type: ignore[attr-defined]
    head = lines[first].encode()[node.col_offset :].decode()  # type: ignore[attr-defined]
    tail = lines[last].encode()[: node.end_col_offset].decode()  # type: ignore[attr-defined]
    return "".join([head, *lines[first + 1 : last], tail])


def rewrite(
    text: str, filename: str, first_line: int = 1, number: int = 0
) -> tuple[str, list[Assertion]]:
    """A program whose asserts tell values, and what they are.  Every line stays where it is.

    number: of the first assert, where several programs go to one target.  Raises SyntaxError.
    """
    lines = _lines(text)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert)]
    found.sort(key=_at)
    made = []
    edits = []
    for node in found:
        expression = _Expression(lines)
        piece = expression.visit(node.test)
        code = _statement(lines, node, piece, number + len(made), expression.count)
        edits.append((node, code))
        made.append(
            Assertion(filename, node.lineno + first_line - 1, piece.part, expression.count)
        )
    for node, code in reversed(edits):  # the last first: what stands before it keeps its place
        first, last = node.lineno - 1, node.end_lineno - 1
        head = lines[first].encode()[: node.col_offset].decode()
        tail = lines[last].encode()[node.end_col_offset :].decode()
        lines[first : last + 1] = _lines(head + code + tail)
    return "".join(lines), made


def _lines(text: str) -> list[str]:
    """Lines as the parser counts them: str.splitlines() would end some at a form feed."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _at(node: ast.Assert) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _statement(lines: list[str], node: ast.Assert, piece: _Piece, number: int, count: int) -> str:
    names = [f"_pa{slot}" for slot in range(count)]
    emptied = " = ".join([*names, "_pa_no"]) if names else ""
    said = f"({cut(lines, node.msg)})" if node.msg else "_pa_no"
    kept = "".join(name + ", " for name in names)
    code = f"assert ({piece.code}), _pa_say({number}, {said}, ({kept})"
    padding = "\n" * (node.end_lineno - node.lineno - code.count("\n"))
    code += f"{padding})"
    return f"{emptied}; {code}; {emptied}" if names else code
