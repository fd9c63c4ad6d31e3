"""System registers by name: what the module sysreg, in C, asks for.

Value: a register as it was read.  The names and fields are in maps/sysregs.py.
"""

import errno

import sysreg
from prompt import probing

from probe import fields as _fields
from probe.maps import sysregs as _sysregs
from probe.view import intern as _intern

_FUNCTIONS = ("dump", "write", "caches", "names")

_registers = []  # (code, name, access, text of fields), at the first use


class Value:
    """A register's value when it was read: int(v), v.FIELD, comparisons, arithmetic.

    repr(): the value in hex and the fields that are not zero.
    """

    def __init__(self, name, value, fields):
        self._name = name
        self._value = value
        self._fields = fields

    def __getattr__(self, name):
        for field in self._fields:
            if field[0] == name:
                return _fields.value_of(field, self._value)
        raise AttributeError(
            "%s has no field %s: %s" % (self._name, name, " ".join(f[0] for f in self._fields))
        )

    def decode(self):
        """[(field, value, text or None), …]"""
        return _fields.decode(self._fields, self._value)

    def __int__(self):
        return self._value

    __index__ = __int__

    def __hash__(self):
        return hash(self._value)

    def __bool__(self):
        return self._value != 0

    def __eq__(self, other):
        return self._value == int(other)

    def __lt__(self, other):
        return self._value < int(other)

    def __le__(self, other):
        return self._value <= int(other)

    def __gt__(self, other):
        return self._value > int(other)

    def __ge__(self, other):
        return self._value >= int(other)

    def __and__(self, other):
        return self._value & int(other)

    def __or__(self, other):
        return self._value | int(other)

    def __xor__(self, other):
        return self._value ^ int(other)

    __rand__ = __and__
    __ror__ = __or__
    __rxor__ = __xor__

    def __invert__(self):
        return ~self._value

    def __rshift__(self, bits):
        return self._value >> bits

    def __lshift__(self, bits):
        return self._value << bits

    def __add__(self, other):
        return self._value + int(other)

    __radd__ = __add__

    def __sub__(self, other):
        return self._value - int(other)

    def __rsub__(self, other):
        return int(other) - self._value

    def __repr__(self):
        words = _fields.text(self._fields, self._value)
        return "%s=0x%016x%s" % (self._name, self._value, words and " " + words)


def _all():
    if not _registers:
        for line in _sysregs.TEXT.split("\n"):
            words = line.split(None, 3)
            if words:
                code, _, count = words[0].partition("*")
                code = tuple(int(n) for n in code.split("."))
                text = words[3] if len(words) > 3 else ""
                for i in range(int(count or 1)):
                    name = words[1]
                    if count:
                        at = name.index("n_")
                        name = name[:at] + str(i) + name[at + 1 :]
                    _registers.append((code[:4] + (code[4] + i,), name, words[2], text))
    return _registers


def _find(name):
    for register in _all():
        if register[1] == name:
            return register
    raise AttributeError("no system register %s: sysreg.names() lists them" % name)


def names():
    """The names there are, whether or not this CPU has the registers."""
    return [register[1] for register in _all()]


def described(start):
    """(name, access, fields as text) of each register whose name begins so."""
    return [register[1:] for register in _all() if register[1].startswith(start)]


def intern():
    """Make the names known to completion."""
    _intern(names())
    _intern(_FUNCTIONS)


def _read(register):
    code, name, access, text = register
    try:
        value = sysreg.read(*code)
    except AttributeError:
        raise AttributeError("%s is undefined on this CPU at EL1" % name) from None
    return Value(name, value, _fields.parse(text, access))


def get(name):
    """sysreg.NAME: its Value.

    Raises AttributeError where the CPU does not have it, cannot read it, or reading has effects.
    """
    if name in _FUNCTIONS:
        return globals()[name]
    register = _find(name)
    if probing(sysreg):
        return None
    if register[2] == "WO":
        raise AttributeError("%s is write only" % name)
    if register[2] == "RC":
        raise AttributeError("reading %s has effects: sysreg.read%r does it" % (name, register[0]))
    return _read(register)


def write(name, value, force=False):
    """Write a register.  sysreg.NAME = value is the same without force.

    Raises OSError(EPERM) without force for what the machine runs on, AttributeError for a register
    that cannot be written or that the CPU does not have, ValueError for what is not 64 bits.
    """
    code, _, access, _ = _find(name)
    value = int(value)
    if access in ("RO", "RC"):
        raise AttributeError("%s is read-only" % name)
    if not 0 <= value < 1 << 64:
        raise ValueError("%s has 64 bits: %#x" % (name, value))
    safe = name in _sysregs.SAFE.split() or name.startswith(_sysregs.SAFE_PREFIXES)
    if not safe and not force:
        raise OSError(errno.EPERM, "the machine runs on %s: write(name, value, force=True)" % name)
    try:
        sysreg.poke(*(code + (value,)))
    except AttributeError:
        raise AttributeError("%s is undefined on this CPU at EL1" % name) from None


def dump(match=""):
    """Print what this CPU has and what can be read without effects, with its fields.

    match: only those with this text in their names.
    """
    for register in _all():
        if match in register[1] and register[2] not in ("WO", "RC"):
            try:
                print(_read(register))
            except AttributeError:
                pass


def caches():
    """[(level, 'I', 'D' or 'U', bytes, ways, sets, bytes of a line), …] by CLIDR_EL1, CCSIDR_EL1.

    CSSELR_EL1 is as before afterwards.
    """
    wide = int(get("ID_AA64MMFR2_EL1").CCIDX) == 1  # D23.2.24: another layout of CCSIDR_EL1
    clidr = int(get("CLIDR_EL1"))
    before = get("CSSELR_EL1")
    found = []
    try:
        for level in range(1, 8):
            kind = clidr >> 3 * (level - 1) & 7
            if kind == 0:
                break
            for instruction in (1, 0) if kind == 3 else (1,) if kind == 1 else (0,):
                write("CSSELR_EL1", level - 1 << 1 | instruction)
                value = int(get("CCSIDR_EL1"))
                line = 16 << (value & 7)
                ways = (value >> 3 & (0x1FFFFF if wide else 0x3FF)) + 1
                sets = (value >> 32 & 0xFFFFFF if wide else value >> 13 & 0x7FFF) + 1
                name = "I" if instruction else "U" if kind == 4 else "D"
                found.append((level, name, line * ways * sets, ways, sets, line))
    finally:
        write("CSSELR_EL1", before)
    return found
