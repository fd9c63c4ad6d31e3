"""The devices in ASL that iasl -d wrote, as a judge of the target's own reading of the AML.

Not a compiler: what is understood is what iasl prints of declarations and constants.
"""

import re
import struct
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[\\^]*[A-Za-z_][A-Za-z0-9_.]*|[\\^]+|0x[0-9A-Fa-f]+|[0-9]+|[(){},]|[^\s]'
)
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/|//[^\n]*', re.S)
_NUMBER = re.compile(r"(?:0x[0-9A-Fa-f]+|[0-9]+)$")
_WORDS = {"Zero": 0, "One": 1, "Ones": 0xFFFFFFFFFFFFFFFF, "Revision": 2}


@dataclass
class Call:
    """`Device (FOO) { … }`.  An argument left out is None.  tokens: a method's body, unparsed."""

    name: str
    args: list = field(default_factory=list)
    body: list = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Name:
    """A name where a value could be, without the underscores that fill it up."""

    path: str


def trimmed(path: str) -> str:
    """'\\\\_SB_.FOO_' -> '\\\\_SB.FOO'."""
    return re.sub(r"_+(?=\.|$)", "", path) or path


class _Parser:
    def __init__(self, text: str):
        self.tokens = _TOKEN.findall(_COMMENT.sub(lambda m: m[1] or " ", text))
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, want: str = "") -> str:
        token = self.peek()
        assert token and (not want or token == want), f"{token!r} where {want!r} should be"
        self.at += 1
        return token

    def item(self):
        """A literal, a name, or a call with what belongs to it."""
        token = self.take()
        if token[0] == '"':
            return re.sub(r"\\(.)", r"\1", token[1:-1])
        if _NUMBER.match(token):
            return int(token, 0)
        if self.peek() != "(":
            return _WORDS[token] if token in _WORDS else Name(trimmed(token))
        call = Call(token, self.arguments(token))
        if self.peek() == "{":
            if token in ("Method", "If", "Else", "While"):
                call.tokens = self.balanced()
            else:
                call.body = self.block()
        return call

    def arguments(self, name: str) -> list:
        """Of a predicate, which is an expression, the tokens."""
        if name in ("If", "While"):
            return self.balanced("(", ")")
        self.take("(")
        found: list = []
        last = ","
        while (token := self.peek()) != ")":
            if token == ",":
                if last == ",":
                    found.append(None)
                self.take()
            else:
                found.append(self.item())
            last = token if token == "," else "item"
        self.take(")")
        return found

    def block(self) -> list:
        self.take("{")
        found = []
        while self.peek() != "}":
            if self.peek() == ",":
                self.take()
            else:
                found.append(self.item())
        self.take("}")
        return found

    def balanced(self, opening: str = "{", closing: str = "}") -> list[str]:
        start = self.at + 1
        depth = 0
        while True:
            token = self.take()
            depth += (token == opening) - (token == closing)
            if depth == 0:
                return self.tokens[start : self.at - 1]


@dataclass
class Device:
    """A Device: its path, its Names and constant methods by name, its other methods."""

    path: str
    values: dict = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)


def devices(text: str) -> list[Device]:
    """Every Device of a disassembly, in order."""
    parser = _Parser(text)
    parser.take("DefinitionBlock")
    parser.arguments("DefinitionBlock")
    found: dict[str, Device] = {}
    _collect(parser.block(), "\\", found)
    return [d for d in found.values() if d.path]


def _join(scope: str, name: str) -> str:
    if name.startswith("\\"):
        return name
    while name.startswith("^"):
        name, scope = name[1:], scope.rpartition(".")[0] or "\\"
    return scope + ("" if scope.endswith("\\") else ".") + name


def _collect(items: list, scope: str, found: dict[str, Device]) -> None:
    for item in items:
        if not isinstance(item, Call):
            continue
        path = _join(scope, item.args[0].path) if item.args and _named(item) else scope
        if item.name == "Device":
            found[path] = Device(path)
        if item.name in ("Device", "Scope", "PowerResource", "ThermalZone", "Processor"):
            _collect(item.body, path, found)
        owner = found.get(scope)
        if owner is None:
            continue
        if item.name == "Name":
            owner.values[item.args[0].path] = value(item.args[1])
        elif item.name == "Method":
            constant = _constant(item.tokens) if item.args[1] in (0, None) else None
            if constant is None:
                owner.programs.append(item.args[0].path)
            else:
                owner.values[item.args[0].path] = constant[0]


def _named(item: Call) -> bool:
    return isinstance(item.args[0], Name)


def _constant(tokens: list[str]) -> tuple | None:
    """What a method returns that is nothing but Return (constant)."""
    if tokens[:2] != ["Return", "("] or tokens[-1] != ")":
        return None
    parser = _Parser("")
    parser.tokens = tokens[2:-1]
    try:
        found = value(parser.item())
    except (AssertionError, KeyError):
        return None
    if parser.at < len(parser.tokens) or isinstance(found, Name):
        return None
    return (found,)


def value(item):
    """int, str, bytes, list, Name, or the Call of a ResourceTemplate."""
    if not isinstance(item, Call):
        return item
    if item.name == "Package":
        items = [value(i) for i in item.body]
        size = item.args[0] if item.args else len(items)
        return items + [None] * (size - len(items))
    if item.name == "Buffer":
        body = (
            item.body[0].encode() + b"\0"
            if item.body[:1] and isinstance(item.body[0], str)
            else bytes(item.body)
        )
        return body.ljust(
            item.args[0] if item.args and isinstance(item.args[0], int) else 0, b"\0"
        )
    if item.name in ("EisaId", "EISAID"):
        text = item.args[0]
        high = 0
        for letter in text[:3]:
            high = high << 5 | ord(letter) - 0x40
        return struct.unpack("<I", struct.pack(">I", high << 16 | int(text[3:], 16)))[0]
    if item.name == "Unicode":
        return item.args[0].encode("utf-16-le") + b"\0\0"
    if item.name == "ToUUID":
        part = item.args[0].split("-")
        fields = struct.pack("<IHH", *(int(p, 16) for p in part[:3]))
        return fields + bytes.fromhex(part[3] + part[4])
    if item.name == "ResourceTemplate":
        return item
    raise KeyError(f"{item.name} is no constant")
