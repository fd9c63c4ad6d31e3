# Made by `inv stubs` from frozen/probe/fields.py: do not edit.
"""Bit fields, declared as text: 'EN@0 PED@1/RW1C PLS@8:5{0:U0,3:U3,5:RxDetect}'.

One word a field: NAME@HI[:LO][/ACCESS][{value:text,…}].  Without ACCESS, the register's.
Classes of access: RO; RW; WO; RW1C (a one clears); RW1S (a one sets, zeros do nothing);
RC (read-only, and reading changes the device); RCW (as RC, but writable).
"""

from _typeshed import Incomplete

CLASSES: tuple[str, str, str, str, str, str, str]

def parse(text: Incomplete, access: str = "RW") -> list[Incomplete]:
    """[(name, hi, lo, access, {value: text} or None), …] of a declaration.  Raises ValueError."""

def value_of(field: Incomplete, value: Incomplete) -> Incomplete:
    """The field's part of a register's value."""

def decode(fields: Incomplete, value: Incomplete) -> list[Incomplete]:
    """[(name, value, text or None), …] of a register's value."""

def text(fields: Incomplete, value: Incomplete) -> str:
    """What is set, in one line: 'PED PLS=U0 SPEED=3'.  Zeros without a text are left out."""

def kept(fields: Incomplete, access: Incomplete, bits: Incomplete) -> Incomplete:
    """The bits that writing one field of a register must write back as they were read.

    access: of the register, and so of the bits in no field.
    """

def encode(field: Incomplete, value: Incomplete) -> Incomplete:
    """A field's value, a number or one of its texts, in its place.  Raises ValueError."""
