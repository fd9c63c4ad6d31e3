"""Bit fields, declared as text: 'EN@0 PED@1/RW1C PLS@8:5{0:U0,3:U3,5:RxDetect}'.

One word a field: NAME@HI[:LO][/ACCESS][{value:text,…}].  Without ACCESS, the register's.
Classes of access: RO; RW; WO; RW1C (a one clears); RW1S (a one sets, zeros do nothing);
RC (read-only, and reading changes the device); RCW (as RC, but writable).
"""

CLASSES = ("RO", "RW", "WO", "RW1C", "RW1S", "RC", "RCW")
# What a read-modify-write writes back as it was read: zeros do nothing in the other classes.
_KEPT = ("RO", "RW", "RC", "RCW")


def parse(text, access="RW"):
    """[(name, hi, lo, access, {value: text} or None), …] of a declaration.  Raises ValueError."""
    found = []
    for word in text.split():
        head, brace, tail = word.partition("{")
        texts = None
        if brace:
            if not tail.endswith("}"):
                raise ValueError("field %s: no closing brace" % word)
            pairs = (item.partition(":") for item in tail[:-1].split(","))
            texts = {int(value, 0): name for value, _, name in pairs}
        head, _, own = head.partition("/")
        name, at, bits = head.partition("@")
        if not at or not name or (own and own not in CLASSES):
            raise ValueError("field %s: not NAME@HI[:LO][/ACCESS]" % word)
        hi, _, lo = bits.partition(":")
        hi = int(hi)
        lo = int(lo) if lo else hi
        if not 0 <= lo <= hi < 64:
            raise ValueError("field %s: bits from high to low" % word)
        found.append((name, hi, lo, own or access, texts))
    return found


def value_of(field, value):
    """The field's part of a register's value."""
    return value >> field[2] & (1 << field[1] - field[2] + 1) - 1


def decode(fields, value):
    """[(name, value, text or None), …] of a register's value."""
    out = []
    for field in fields:
        v = value_of(field, value)
        out.append((field[0], v, field[4].get(v) if field[4] else None))
    return out


def text(fields, value):
    """What is set, in one line: 'PED PLS=U0 SPEED=3'.  Zeros without a text are left out."""
    words = []
    for field in fields:
        v = value_of(field, value)
        if field[4] and v in field[4]:
            words.append("%s=%s" % (field[0], field[4][v]))
        elif v and field[1] == field[2]:
            words.append(field[0])
        elif v:
            words.append("%s=%s" % (field[0], v if v < 10 else hex(v)))
    return " ".join(words)


def kept(fields, access, bits):
    """The bits that writing one field of a register must write back as they were read.

    access: of the register, and so of the bits in no field.
    """
    every = (1 << bits) - 1
    mask = every if access in _KEPT else 0
    for _, hi, lo, own, _ in fields:
        part = (1 << hi - lo + 1) - 1 << lo
        mask = mask | part if own in _KEPT else mask & ~part
    return mask & every


def encode(field, value):
    """A field's value, a number or one of its texts, in its place.  Raises ValueError."""
    if isinstance(value, str):
        for number, name in (field[4] or {}).items():
            if name == value:
                value = number
                break
        else:
            raise ValueError("%s: no value %r" % (field[0], value))
    value = int(value)
    if not 0 <= value < 1 << field[1] - field[2] + 1:
        raise ValueError("%s has %u bits: %d" % (field[0], field[1] - field[2] + 1, value))
    return value << field[2]
