"""Register maps: names, offsets, access classes and fields of a device, declared as text.

One line a register, parsed at the first use:

    OFFSET[+STRIDE*COUNT] NAME[:WIDTH] ACCESS [FIELD…] [§ where the spec has it]

fields.py has the syntax of a field and the classes of access.  WIDTH: 8, 16, 32, 64, or 64/2 for
a 64-bit register that is accessed as two 32-bit halves, the low one first.  '#' begins a comment.
"""

from probe import fields as _fields


class Register:
    """One line of a map.  count: 0 for a single register; halves: one of 64 bits, read as two."""

    def __init__(self, name, offset, stride, count, width, access, text, ref):
        self.name = name
        self.offset = offset
        self.stride = stride
        self.count = count
        self.halves = width == "64/2"
        self.bits = 64 if self.halves else int(width)
        self.access = access
        self.ref = ref
        self.interned = False  # field names: view.py
        self._text = text
        self._fields = None
        if access not in _fields.CLASSES or self.bits not in (8, 16, 32, 64):
            raise ValueError("register %s: access %s, width %s" % (name, access, width))
        if offset < 0 or count < 0 or stride < (1 if count else 0):
            raise ValueError("register %s: offset %d+%d*%d" % (name, offset, stride, count))

    def fields(self):
        """[(name, hi, lo, access, texts), …]"""
        if self._fields is None:
            found = _fields.parse(self._text, self.access)
            for field in found:
                if field[1] >= self.bits:
                    raise ValueError("%s has %u bits: %s" % (self.name, self.bits, field[0]))
            self._fields = found
        return self._fields

    def label(self, index=0):
        """'CTRL', 'PORTSC[1]'."""
        return "%s[%u]" % (self.name, index) if self.count else self.name

    def moved(self, base, stride, count):
        """The same register in each of `count` blocks from `base` on."""
        if self.count:
            raise ValueError("%s is an array already" % self.name)
        width = "64/2" if self.halves else self.bits
        return Register(
            self.name,
            base + self.offset,
            stride,
            count,
            width,
            self.access,
            self._text,
            self.ref,
        )


def _line(line, width):
    """The Register of one line; None of an empty one."""
    line, _, ref = line.partition("§")
    words = line.partition("#")[0].split(None, 3)
    if not words:
        return None
    if len(words) < 3:
        raise ValueError("not OFFSET NAME ACCESS")
    offset, plus, step = words[0].partition("+")
    stride, _, count = step.partition("*")
    if plus and not int(count, 0):
        raise ValueError("an array of 0")
    name, _, own = words[1].partition(":")
    return Register(
        name,
        int(offset, 0),
        int(stride, 0) if step else 0,
        int(count, 0) if step else 0,
        own or width,
        words[2],
        words[3] if len(words) > 3 else "",
        "§" + ref.strip() if ref else "",
    )


class Map:
    """The registers of a kind of device.

    name: of the map; source: the spec; text: the declaration (above); width: of registers that
    name none.  parts: (map, base, stride, count) of blocks that repeat, registers of which become
    arrays.  Parsing, at the first use, raises ValueError.
    """

    def __init__(self, name, source, text, width=32, parts=()):
        self.title = name
        self.source = source
        self.width = width
        self._text = text
        self._parts = parts
        self._list = None
        self._names = None

    def registers(self):
        """[Register, …] in the order of the declaration."""
        if self._list is None:
            found = []
            for line in self._text.split("\n"):
                try:
                    register = _line(line, self.width)
                except ValueError as why:
                    raise ValueError("map %s: %s: %s" % (self.title, line.strip(), why))
                if register:
                    found.append(register)
            for part, base, stride, count in self._parts:
                found += [r.moved(base, stride, count) for r in part.registers()]
            self._names = {}
            for register in found:
                if register.name in self._names:
                    raise ValueError("map %s has %s twice" % (self.title, register.name))
                self._names[register.name] = register
            self._list = found
        return self._list

    def register(self, name):
        """The Register of that name.  Raises AttributeError with the names there are."""
        self.registers()
        try:
            return self._names[name]
        except KeyError:
            pass
        raise AttributeError(
            "%s has no %s: %s" % (self.title, name, " ".join(r.name for r in self._list))
        )

    def has(self, name):
        """Whether there is a register of that name."""
        self.registers()
        return name in self._names

    def at(self, offset):
        """(Register, index, bytes into it) at an offset, None where there is none."""
        for register in self.registers():
            into = offset - register.offset
            index = 0
            if register.count:
                index = into // register.stride
                into -= index * register.stride
                if not 0 <= index < register.count:
                    continue
            if 0 <= into < register.bits // 8:
                return register, index, into
        return None

    def name(self, offset):
        """'PORTSC[1]', 'ERDP+4' for a part of a wider register, None where there is nothing."""
        found = self.at(offset)
        if not found:
            return None
        register, index, into = found
        return register.label(index) + ("+%u" % into if into else "")

    def offset(self, name, index=0):
        """Offset of a register.  Raises AttributeError, IndexError."""
        register = self.register(name)
        if not 0 <= index < (register.count or 1):
            raise IndexError("%s %s[%d] of %u" % (self.title, name, index, register.count))
        return register.offset + index * register.stride

    def fields(self, name):
        """[(field, hi, lo, access, {value: text} or None), …] of a register."""
        return self.register(name).fields()

    def decode(self, offset, value):
        """[(field, value, text or None), …] of what was read or written at an offset."""
        found = self.at(offset)
        if not found:
            return []
        return _fields.decode(found[0].fields(), value << 8 * found[2])

    def text(self, offset, value):
        """'PORTSC[1]=0x203 PED CCS PLS=U0', '+0x44=0x1' where there is no register."""
        found = self.at(offset)
        if not found:
            return "+%#x=%#x" % (offset, value)
        register, index, into = found
        label = register.label(index)
        if into:
            return "%s+%u=%#x" % (label, into, value)
        words = _fields.text(register.fields(), value)
        return "%s=%#x%s" % (label, value, words and " " + words)

    def __repr__(self):
        return "<Map %s (%s)>" % (self.title, self.source)
