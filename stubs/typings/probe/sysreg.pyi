# Made by `inv stubs` from frozen/probe/sysreg.py: do not edit.
"""System registers by name: what the module sysreg, in C, asks for.

Value: a register as it was read.  The names and fields are in maps/sysregs.py.
"""

from _typeshed import Incomplete

class Value:
    """A register's value when it was read: int(v), v.FIELD, comparisons, arithmetic.

    repr(): the value in hex and the fields that are not zero.
    """
    def __init__(self, name: Incomplete, value: Incomplete, fields: Incomplete) -> None: ...
    def __getattr__(self, name: Incomplete) -> Incomplete: ...
    def decode(self) -> Incomplete:
        """[(field, value, text or None), …]"""
    def __int__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: Incomplete) -> bool: ...
    def __lt__(self, other: Incomplete) -> bool: ...
    def __le__(self, other: Incomplete) -> bool: ...
    def __gt__(self, other: Incomplete) -> bool: ...
    def __ge__(self, other: Incomplete) -> bool: ...
    def __and__(self, other: Incomplete) -> Incomplete: ...
    def __or__(self, other: Incomplete) -> Incomplete: ...
    def __xor__(self, other: Incomplete) -> Incomplete: ...
    def __invert__(self) -> Incomplete: ...
    def __rshift__(self, bits: Incomplete) -> Incomplete: ...
    def __lshift__(self, bits: Incomplete) -> Incomplete: ...
    def __add__(self, other: Incomplete) -> Incomplete: ...
    def __sub__(self, other: Incomplete) -> Incomplete: ...
    def __rsub__(self, other: Incomplete) -> Incomplete: ...
    def __repr__(self) -> str: ...

def names() -> list[Incomplete]:
    """The names there are, whether or not this CPU has the registers."""

def described(start: Incomplete) -> list[Incomplete]:
    """(name, access, fields as text) of each register whose name begins so."""

def intern() -> None:
    """Make the names known to completion."""

def get(name: Incomplete) -> Incomplete:
    """sysreg.NAME: its Value.

    Raises AttributeError where the CPU does not have it, cannot read it, or reading has effects.
    """

def write(name: Incomplete, value: Incomplete, force: bool = False) -> None:
    """Write a register.  sysreg.NAME = value is the same without force.

    Raises OSError(EPERM) without force for what the machine runs on, AttributeError for a register
    that cannot be written or that the CPU does not have, ValueError for what is not 64 bits.
    """

def dump(match: str = "") -> None:
    """Print what this CPU has and what can be read without effects, with its fields.

    match: only those with this text in their names.
    """

def caches() -> list[Incomplete]:
    """[(level, 'I', 'D' or 'U', bytes, ways, sets, bytes of a line), …] by CLIDR_EL1, CCSIDR_EL1.

    CSSELR_EL1 is as before afterwards.
    """
