# Made by `inv stubs` from frozen/bus/aml_data.py: do not edit.
"""AML bytes: lengths, names, constants, and how long every term is (ACPI 6.5 §20.2).

Whatever the bytes are, reading them ends: every step takes from a budget and depth is bounded.
"""

from _typeshed import Incomplete

TERMS: int
KINDS: Incomplete

class AmlError(ValueError):
    """Bytes that are no AML, or more of it than the bounds allow."""

class Computed(AmlError):
    """AML that has to be executed to get its value; nothing is wrong with it."""

class Ref:
    """A name where a value could be: `GSI0` in a package.  .name is as written, e.g. '^FOO'."""

    name: Incomplete
    def __init__(self, name: Incomplete) -> None: ...
    def __repr__(self) -> str: ...
    def __eq__(self, other: Incomplete) -> bool: ...
    def __hash__(self) -> int: ...

class Code:
    """The AML of one definition block.  data: the whole table, so that offsets are its own.

    left: [steps that may still be taken], shared by all tables of a namespace.
    arity: name -> number of arguments if it is a method, for invocations in expressions.
    """

    data: Incomplete
    ones: int
    left: Incomplete
    arity: Incomplete
    segments: dict[Incomplete, Incomplete]
    def __init__(
        self, data: Incomplete, left: Incomplete, arity: Incomplete | None = None
    ) -> None: ...
    def spend(self, terms: int = 1) -> None:
        """Take steps from the budget.  Raises AmlError when it is used up."""
    def package(self, at: Incomplete, end: Incomplete) -> tuple[Incomplete, Incomplete]:
        """PkgLength at `at` (§20.2.4) -> (offset after it, end of the package)."""
    def segment(self, at: Incomplete) -> Incomplete:
        """Name of four characters."""
    def name(self, at: Incomplete, end: Incomplete) -> tuple[Incomplete, Incomplete]:
        """NameString (§20.2.2) -> ('\\\\_SB_.PCI0', '^ABCD', '' …, offset after it)."""
    def after_constant(self, at: Incomplete, end: Incomplete) -> Incomplete:
        """Offset after the constant at `at`; at itself where there is none."""
    def skip(self, at: Incomplete, end: Incomplete, depth: int = 0) -> Incomplete:
        """Offset after the term at `at`: data, expression, statement or declaration."""
    def value(self, at: Incomplete, end: Incomplete, depth: int = 0) -> Incomplete:
        """Constant at `at` -> (int, str, bytes, list or Ref, offset after it).

        Elements that a package leaves out are None.  Raises Computed for an expression, AmlError.
        """

def eisa_id(number: Incomplete) -> str:
    """_HID or _CID as integer -> 'PNP0A08' (§19.3.4; ISA PnP 1.0a §B)."""
