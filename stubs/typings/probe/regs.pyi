# Made by `inv stubs` from frozen/probe/regs.py: do not edit.
"""Register maps: names, offsets, access classes and fields of a device, declared as text.

One line a register, parsed at the first use:

    OFFSET[+STRIDE*COUNT] NAME[:WIDTH] ACCESS [FIELD…] [§ where the spec has it]

fields.py has the syntax of a field and the classes of access.  WIDTH: 8, 16, 32, 64, or 64/2 for
a 64-bit register that is accessed as two 32-bit halves, the low one first.  '#' begins a comment.
"""

from _typeshed import Incomplete

class Register:
    """One line of a map.  count: 0 for a single register; halves: one of 64 bits, read as two."""

    name: Incomplete
    offset: Incomplete
    stride: Incomplete
    count: Incomplete
    halves: bool
    bits: int
    access: Incomplete
    ref: Incomplete
    interned: bool
    def __init__(
        self,
        name: Incomplete,
        offset: Incomplete,
        stride: Incomplete,
        count: Incomplete,
        width: Incomplete,
        access: Incomplete,
        text: Incomplete,
        ref: Incomplete,
    ) -> None: ...
    def fields(self) -> Incomplete:
        """[(name, hi, lo, access, texts), …]"""
    def label(self, index: int = 0) -> Incomplete:
        """'CTRL', 'PORTSC[1]'."""
    def moved(self, base: Incomplete, stride: Incomplete, count: Incomplete) -> Register:
        """The same register in each of `count` blocks from `base` on."""

class Map:
    """The registers of a kind of device.

    name: of the map; source: the spec; text: the declaration (above); width: of registers that
    name none.  parts: (map, base, stride, count) of blocks that repeat, registers of which become
    arrays.  Parsing, at the first use, raises ValueError.
    """

    title: Incomplete
    source: str
    width: int
    def __init__(
        self, name: str, source: str, text: str, width: int = 32, parts: tuple[object, ...] = ...
    ) -> None: ...
    def registers(self) -> list[Register]:
        """[Register, …] in the order of the declaration."""
    def register(self, name: str) -> Register:
        """The Register of that name.  Raises AttributeError with the names there are."""
    def has(self, name: str) -> bool:
        """Whether there is a register of that name."""
    def at(self, offset: int) -> tuple[Register, int, int] | None:
        """(Register, index, bytes into it) at an offset, None where there is none."""
    def name(self, offset: int) -> str | None:
        """'PORTSC[1]', 'ERDP+4' for a part of a wider register, None where there is nothing."""
    def offset(self, name: str, index: int = 0) -> int:
        """Offset of a register.  Raises AttributeError, IndexError."""
    def fields(self, name: str) -> list[tuple[str, int, int, str, dict[int, str] | None]]:
        """[(field, hi, lo, access, {value: text} or None), …] of a register."""
    def decode(self, offset: int, value: int) -> list[tuple[str, int, str | None]]:
        """[(field, value, text or None), …] of what was read or written at an offset."""
    def text(self, offset: int, value: int) -> str:
        """'PORTSC[1]=0x203 PED CCS PLS=U0', '+0x44=0x1' where there is no register."""
    def __repr__(self) -> str: ...
