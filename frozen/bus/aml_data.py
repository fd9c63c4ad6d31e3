"""AML bytes: lengths, names, constants, and how long every term is (ACPI 6.5 §20.2).

Whatever the bytes are, reading them ends: every step takes from a budget and depth is bounded.
"""

import struct

from micropython import const

TERMS = 200_000  # steps to get a value
_DEPTH = const(24)  # packages in packages, arguments in arguments
_BUFFER = const(0x10000)  # bytes of one buffer
_PACKAGE = const(4096)  # elements of one package

# What a byte begins, §20.2.2 and §20.2.3: 1 to 9 a constant of that many bytes, else one of these.
_STRING = const(16)
_PACKED = const(17)  # Buffer, Package, VarPackage
_NAME = const(18)
KINDS = (
    b"\1\1"
    + bytes(8)
    + b"\2\3\5\x10\x09\0\0\x11\x11\x11"
    + bytes(26)
    + b"\x12\x12"
    + bytes(17)
    # A to Z, \, ^, _
    + b"\x12" * 26
    + b"\0\x12\0\x12\x12"
    + bytes(159)
    + b"\1"
)

# Arguments of the opcodes that can stand in an expression or in a list of terms, §20.2.5.
# t TermArg, s SuperName, g Target, n NameString, 1 2 4 8 bytes, z string, P package of its own.
_FORMS = (
    " 0:. 1:. A:1 B:2 C:4 D:z E:8 11:P 12:P 13:P FF:. 6:nn 8:nt 10:P 14:P 15:n11 70:ts 71:s "
    "72:ttg 73:ttg 74:ttg 75:s 76:s 77:ttg 78:ttgg 79:ttg 7A:ttg 7B:ttg 7C:ttg 7D:ttg 7E:ttg "
    "7F:ttg 80:tg 81:tg 82:tg 83:t 84:ttg 85:ttg 86:st 87:s 88:ttg 89:t1t1tt 8A:ttn 8B:ttn "
    "8C:ttn 8D:ttn 8E:s 8F:ttn 90:tt 91:tt 92:t 93:tt 94:tt 95:tt 96:tg 97:tg 98:tg 99:tg "
    "9C:ttg 9D:ts 9E:tttg 9F:. A0:P A1:P A2:P A3:. A4:t A5:. CC:. 5B01:n1 5B02:n 5B12:sg "
    "5B13:tttn 5B1F:tttttt 5B20:ns 5B21:t 5B22:t 5B23:s2 5B24:s 5B25:st 5B26:s 5B27:s 5B28:tg "
    "5B29:tg 5B2A:s 5B30:. 5B31:. 5B32:14t 5B33:. 5B80:n1tt 5B81:P 5B82:P 5B83:P 5B84:P 5B85:P "
    "5B86:P 5B87:P 5B88:nttt "
)


_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"


class AmlError(ValueError):
    """Bytes that are no AML, or more of it than the bounds allow."""


class Computed(AmlError):
    """AML that has to be executed to get its value; nothing is wrong with it."""


class Ref:
    """A name where a value could be: `GSI0` in a package.  .name is as written, e.g. '^FOO'."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return "Ref(%s)" % self.name

    def __eq__(self, other):
        return isinstance(other, Ref) and other.name == self.name

    def __hash__(self):
        return hash(self.name)


class Code:
    """The AML of one definition block.  data: the whole table, so that offsets are its own.

    left: [steps that may still be taken], shared by all tables of a namespace.
    arity: name -> number of arguments if it is a method, for invocations in expressions.
    """

    def __init__(self, data, left, arity=None):
        self.data = data
        self.ones = 0xFFFFFFFF if data[8] < 2 else 0xFFFFFFFFFFFFFFFF  # §5.2.11.1
        self.left = left
        self.arity = arity
        self.segments = {}  # bytes -> text, of those that were names
        self._forms = {}

    def spend(self, terms=1):
        """Take steps from the budget.  Raises AmlError when it is used up."""
        self.left[0] -= terms
        if self.left[0] < 0:
            raise AmlError("too much AML")

    def package(self, at, end):
        """PkgLength at `at` (§20.2.4) -> (offset after it, end of the package)."""
        data = self.data
        lead = data[at]
        if lead < 0x40:
            stop = at + lead
            at += 1
        else:
            more = lead >> 6
            length = lead & 15
            for i in range(more):
                length |= data[at + 1 + i] << 4 + 8 * i
            stop = at + length
            at += 1 + more
        if not at <= stop <= end:
            raise AmlError("package at 0x%x of a wrong length" % at)
        return at, stop

    def segment(self, at):
        """Name of four characters."""
        raw = bytes(self.data[at : at + 4])
        name = self.segments.get(raw)
        if name is None:
            if len(raw) < 4 or raw.strip(_LETTERS) or raw[0] < 0x41:
                raise AmlError("no name at 0x%x" % at)
            name = self.segments[raw] = str(raw, "ascii")
        return name

    def name(self, at, end):
        """NameString (§20.2.2) -> ('\\\\_SB_.PCI0', '^ABCD', '' …, offset after it)."""
        data = self.data
        if at + 4 <= end:
            name = self.segments.get(data[at : at + 4])
            if name is not None:
                return name, at + 4
        start = at
        if data[at] == 0x5C:
            at += 1
        else:
            while data[at] == 0x5E:
                at += 1
        prefix = "^" * (at - start) if data[start] != 0x5C else "\\"
        if at - start > _DEPTH:
            raise AmlError("name at 0x%x goes up too far" % start)
        op = data[at]
        if op == 0:
            return prefix, at + 1
        count = 1
        if op == 0x2E:
            count = 2
            at += 1
        elif op == 0x2F:
            count = data[at + 1]
            at += 2
        if count == 0 or at + 4 * count > end:
            raise AmlError("no name at 0x%x" % start)
        if count == 1:
            return prefix + self.segment(at), at + 4
        self.spend(count)
        segments = [self.segment(i) for i in range(at, at + 4 * count, 4)]
        return prefix + ".".join(segments), at + 4 * count

    def _string_end(self, at, end):
        stop = self.data.find(b"\0", at, end)
        if stop < 0:
            raise AmlError("string at 0x%x without end" % at)
        return stop

    def after_constant(self, at, end):
        """Offset after the constant at `at`; at itself where there is none."""
        kind = KINDS[self.data[at]]
        if kind < _STRING:
            return at + kind
        if kind == _STRING:
            return self._string_end(at + 1, end) + 1
        return self.package(at + 1, end)[1] if kind == _PACKED else at

    def skip(self, at, end, depth=0):
        """Offset after the term at `at`: data, expression, statement or declaration."""
        self.spend()
        if depth > _DEPTH or at >= end:
            raise AmlError("term at 0x%x too deep or cut off" % at)
        data = self.data
        op = data[at]
        if 0x60 <= op <= 0x6E:
            return at + 1
        if KINDS[op] == _NAME:
            name, at = self.name(at, end)
            for _ in range(self.arity(name) if self.arity else 0):
                at = self.skip(at, end, depth + 1)
            return at
        stop = self.after_constant(at, end)
        if stop == at:
            stop = at + 1
            if op == 0x5B:
                op = 0x5B00 | data[stop]
                stop += 1
            for form in self._form(op):
                stop = self._argument(form, stop, end, depth)
        if stop > end:
            raise AmlError("term at 0x%x cut off" % at)
        return stop

    def _form(self, op):
        form = self._forms.get(op)
        if form is None:
            start = _FORMS.find(" %X:" % op)
            if start < 0:
                raise AmlError("opcode 0x%x is unknown" % op)
            form = _FORMS[_FORMS.find(":", start) + 1 : _FORMS.find(" ", start + 1)]
            form = self._forms[op] = "" if form == "." else form
        return form

    def _argument(self, form, at, end, depth):
        if at >= end:
            raise AmlError("arguments at 0x%x cut off" % at)
        if form == "t":
            return self.skip(at, end, depth + 1)
        if form == "P":
            return self.package(at, end)[1]
        if form == "n":
            return self.name(at, end)[1]
        if form == "z":
            return self._string_end(at, end) + 1
        if form in "sg":
            if form == "g" and self.data[at] == 0:
                return at + 1
            named = KINDS[self.data[at]] == _NAME
            return self.name(at, end)[1] if named else self.skip(at, end, depth + 1)
        return at + int(form)

    def value(self, at, end, depth=0):
        """Constant at `at` -> (int, str, bytes, list or Ref, offset after it).

        Elements that a package leaves out are None.  Raises Computed for an expression, AmlError.
        """
        left = self.left
        left[0] -= 1
        if left[0] < 0 or depth > _DEPTH or at >= end:
            raise AmlError("data at 0x%x too much, too deep or cut off" % at)
        data = self.data
        op = data[at]
        if op <= 1:
            return op, at + 1
        kind = KINDS[op]
        if kind == _NAME:
            name, at = self.name(at, end)
            return Ref(name), at
        if kind == _PACKED:
            start, stop = self.package(at + 1, end)
            if op == 0x11:
                return self._buffer(start, stop, depth), stop
            return self._package(op, start, stop, depth), stop
        stop = self.after_constant(at, end)
        if stop > end:
            raise AmlError("constant at 0x%x cut off" % at)
        if op == 0xFF:
            return self.ones, stop
        if kind == _STRING:
            return self._text(at + 1, stop - 1), stop
        if kind:
            return int.from_bytes(data[at + 1 : stop], "little"), stop
        if op == 0x5B:
            op = 0x5B00 | data[at + 1]
        if op == 0x5B30:
            return 2, at + 2  # Revision, §19.6.121
        self._form(op)
        raise Computed("0x%x at 0x%x is computed" % (op, at))

    def _text(self, at, stop):
        self.spend(1 + (stop - at) // 16)
        try:
            return str(bytes(self.data[at:stop]), "ascii")
        except ValueError:
            raise AmlError("string at 0x%x is not ASCII" % at)

    def _count(self, at, stop, depth, most):
        value, at = self.value(at, stop, depth + 1)
        if not isinstance(value, int):
            raise Computed("size at 0x%x is computed" % at)
        if value > most:
            raise AmlError("size at 0x%x is %d, at most %d" % (at, value, most))
        return value, at

    def _buffer(self, at, stop, depth):
        size, at = self._count(at, stop, depth, _BUFFER)
        self.spend(1 + size // 16)
        given = bytes(self.data[at:stop])
        return given + bytes(size - len(given)) if size > len(given) else given

    def _package(self, op, at, stop, depth):
        if op == 0x12:
            if at >= stop:
                raise AmlError("package at 0x%x is empty" % at)
            count = self.data[at]
            at += 1
        else:
            count, at = self._count(at, stop, depth, _PACKAGE)
        data = self.data
        items = []
        while at < stop and len(items) <= count:
            item = data[at]
            if item <= 1:
                at += 1
            elif item == 0x0A and at + 1 < stop:  # with 0 and 1 most of any package
                item = data[at + 1]
                at += 2
            else:
                item, at = self.value(at, stop, depth + 1)
            items.append(item)
        if len(items) > count:
            raise AmlError("package at 0x%x has more than %d elements" % (at, count))
        self.spend(count)
        return items + [None] * (count - len(items))


def eisa_id(number):
    """_HID or _CID as integer -> 'PNP0A08' (§19.3.4; ISA PnP 1.0a §B)."""
    big = struct.unpack(">I", struct.pack("<I", number & 0xFFFFFFFF))[0]
    letters = "".join(chr(0x40 + (big >> shift & 31)) for shift in (26, 21, 16))
    return "%s%04X" % (letters, big & 0xFFFF)
