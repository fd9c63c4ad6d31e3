"""A device's registers by name: a Map over a window of addresses (mmio.Regs).

Naming a register reads nothing; int(), a field, a comparison or printing it does.  So completion
at the prompt, dir() and hasattr() leave the device alone (prompt.probing).
"""

from prompt import probing

from probe import fields as _fields

_NOT_READ = {
    "WO": "not read (write only)",
    "RC": "not read (reading has effects)",
    "RCW": "not read (reading has effects)",
}


def intern(names):
    """Make names known to completion, which looks through the interned strings."""
    for name in names:
        hasattr(_NOT_READ, name)


class Handle:
    """One register of one device.

    int(h), h(): read it.  h.FIELD: read a field.  h.FIELD = v: write a field (a number or one of
    its texts); fields of the classes RW1C, RW1S and WO beside it are written zero, the rest as it
    was read.  h |= bits, h &= bits: the same for many.  h(v): write the whole register.
    Raises AttributeError for a field that is not there or cannot be read or written, ValueError
    for a value that does not fit, BusError.
    """

    def __init__(self, view, register, offset, index):
        put = object.__setattr__
        put(self, "_regs", view._regs)
        put(self, "_register", register)
        put(self, "_offset", offset)
        put(self, "_label", register.label(index))
        if not register.interned:
            register.interned = True
            intern(f[0] for f in register.fields())

    def _refuse(self, why):
        raise AttributeError("%s %s" % (self._label, why))

    def _read(self):
        register = self._register
        if register.access == "WO":
            self._refuse("is write only")
        if register.halves:
            low = self._regs.read32(self._offset)
            return low | self._regs.read32(self._offset + 4) << 32
        return getattr(self._regs, "read%u" % register.bits)(self._offset)

    def _write(self, value):
        register = self._register
        if register.access in ("RO", "RC"):
            self._refuse("is read-only")
        value = int(value)
        if not 0 <= value < 1 << register.bits:
            raise ValueError("%s has %u bits: %#x" % (self._label, register.bits, value))
        if register.halves:
            self._regs.write32(self._offset, value & 0xFFFFFFFF)
            self._regs.write32(self._offset + 4, value >> 32)
        else:
            getattr(self._regs, "write%u" % register.bits)(self._offset, value)

    def _assign(self, value):
        """Write the whole register; itself, as |= and &= leave it, is written already."""
        own = isinstance(value, Handle) and value._offset == self._offset
        if not own or value._register is not self._register or value._regs is not self._regs:
            self._write(value)

    def _modify(self, clear, bits):
        register = self._register
        mask = 0
        if register.access not in _NOT_READ:
            mask = _fields.kept(register.fields(), register.access, register.bits)
        mask &= ~clear
        self._write((self._read() & mask if mask else 0) | bits)

    def _field(self, name):
        for field in self._register.fields():
            if field[0] == name:
                return field
        names = " ".join(f[0] for f in self._register.fields())
        self._refuse("has no field %s: %s" % (name, names or "it has none"))

    def __getattr__(self, name):
        if probing(self):
            if any(f[0] == name for f in self._register.fields()):
                return None
            raise AttributeError
        field = self._field(name)
        if field[3] == "WO":
            self._refuse("%s is write only" % name)
        return _fields.value_of(field, self._read())

    def __setattr__(self, name, value):
        field = self._field(name)
        if field[3] in ("RO", "RC"):
            self._refuse("%s is read-only" % name)
        bits = _fields.encode(field, value)
        self._modify((1 << field[1] + 1) - (1 << field[2]), bits)

    def __ior__(self, bits):
        self._modify(0, int(bits))
        return self  # to be assigned, which does nothing

    def __iand__(self, bits):
        self._modify(~int(bits), 0)
        return self  # to be assigned, which does nothing

    def __call__(self, *value):
        if value:
            self._write(value[0])
            return None
        return self._read()

    def __int__(self):
        return self._read()

    __index__ = __int__  # hex() and indexing under CPython

    def __bool__(self):
        return self._read() != 0

    def __eq__(self, other):
        return self._read() == int(other)

    def __and__(self, other):
        return self._read() & int(other)

    def __or__(self, other):
        return self._read() | int(other)

    def __xor__(self, other):
        return self._read() ^ int(other)

    def __rshift__(self, bits):
        return self._read() >> bits

    def __repr__(self):
        register = self._register
        if register.access in _NOT_READ:
            return "%s %s" % (self._label, _NOT_READ[register.access])
        value = self._read()
        words = _fields.text(register.fields(), value)
        return "%s=0x%0*x%s" % (self._label, register.bits // 4, value, words and " " + words)


class Array:
    """Registers of one name: len(), a[i], a[i] = v, for h in a.  Raises IndexError."""

    def __init__(self, view, register):
        self._view = view
        self._register = register

    def __len__(self):
        return self._view._count(self._register)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        count = len(self)
        if index < 0:
            index += count
        if not 0 <= index < count:
            raise IndexError("%s[%d] of %u" % (self._register.name, index, count))
        return self._view._handle(self._register, index)

    def __setitem__(self, index, value):
        self[index]._assign(value)

    def __iter__(self):
        for i in range(len(self)):
            yield self[i]

    def __repr__(self):
        return "\n".join(self._view._lines((self._register,)))


class View:
    """map's registers in a window: v.CTRL, v.PORTSC[1], v.CTRL = 5, v.CTRL.EN = 1.

    regs: an mmio.Regs, or anything with its read8…read64, write8…write64, base (None: registers
    without addresses) and size.  Registers that lie outside of the window are not there.
    print(v): all of it, decoded; what must not be read is not read.  shown(register, index): which
    of them print() and items() show, all by default.
    """

    def __init__(self, map, regs, shown=None):
        put = object.__setattr__
        put(self, "_map", map)
        put(self, "_regs", regs)
        put(self, "_shown", shown)
        put(self, "_handles", {})  # of registers that were named
        intern(r.name for r in map.registers())

    def _count(self, register):
        """How many of an array lie in the window."""
        room = self._regs.size - register.offset - register.bits // 8
        return 0 if room < 0 else min(register.count or 1, room // (register.stride or 1) + 1)

    def _handle(self, register, index=0):
        return Handle(self, register, register.offset + index * register.stride, index)

    def __getattr__(self, name):
        asked = probing(self)
        handle = self._handles.get(name)
        if handle is None:
            if asked and not self._map.has(name):
                raise AttributeError
            register = self._map.register(name)
            if not self._count(register):
                raise AttributeError("%s lies outside of the window" % name)
            handle = Array(self, register) if register.count else self._handle(register)
            self._handles[name] = handle
        return handle

    def __setattr__(self, name, value):
        register = getattr(self, name)
        if not isinstance(register, Handle):
            raise AttributeError("%s is an array" % name)
        register._assign(value)

    def items(self):
        """(offset, label, value, text) of each register in the window, as it is read.

        value: None where it was not read or cannot be; text says why, or what the fields hold.
        """
        for offset, register, index, value, text in self._items(self._map.registers()):
            yield offset, register.label(index), value, text

    def _items(self, registers):
        for register, index in self._places(registers):
            if self._shown and not self._shown(register, index):
                continue
            handle = self._handle(register, index)
            value, text = None, _NOT_READ.get(register.access)
            if not text:
                try:
                    value = handle._read()
                    text = _fields.text(register.fields(), value)
                except OSError:
                    text = "unreadable"
            yield handle._offset, register, index, value, text

    def _places(self, registers):
        """(register, index) by offset; arrays that interleave, as of ports, block by block."""
        block = []
        for register in sorted(registers, key=lambda r: r.offset):
            if block and (register.stride, register.count) != (block[0].stride, block[0].count):
                yield from self._blocks(block)
                block = []
            if register.stride > register.bits // 8:
                block.append(register)
            else:
                for index in range(self._count(register)):
                    yield register, index
        yield from self._blocks(block)

    def _blocks(self, block):
        for index in range(max([self._count(register) for register in block] or [0])):
            for register in block:
                if index < self._count(register):
                    yield register, index

    def _lines(self, registers):
        """Lines of a dump; equal neighbours of an array are one."""
        run = None  # of the line before: [register, first, last, offset, value, text]
        for offset, register, index, value, text in self._items(registers):
            if run and run[0] is register and run[2] == index - 1 and run[4:] == [value, text]:
                run[2] = index
                continue
            if run:
                yield _row(*run)
            run = [register, index, index, offset, value, text]
        if run:
            yield _row(*run)

    def __str__(self):
        return "\n".join(self._lines(self._map.registers()))

    def __repr__(self):
        name = getattr(self._regs, "name", "") or "registers"
        base = self._regs.base
        place = "" if base is None else " at %#x" % base
        return "<View %s of %s%s>" % (self._map.title, name, place)


def _row(register, first, last, offset, value, text):
    label = register.label(first)
    if last != first:
        label = "%s[%u..%u]" % (register.name, first, last)
    width = register.bits // 4
    if value is None:
        return "  %05x %-22s %s" % (offset, label, text)
    return "  %05x %-22s %0*x%s%s" % (offset, label, width, value, text and "  ", text)
