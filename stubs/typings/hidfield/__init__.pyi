# Made by `inv stubs` from frozen/usb/hidfield.py: do not edit.
"""What a HID report descriptor comes to: fields, and how to get at their bits (HID 1.11 §5.8)."""

from _typeshed import Incomplete

INPUT: int
OUTPUT: int
FEATURE: int
CONSTANT: int
VARIABLE: int
RELATIVE: int
WRAP: int
NONLINEAR: int
NULL_STATE: int

def signed(value: Incomplete, bits: Incomplete) -> Incomplete:
    """Two's complement of that many bits."""

def extract(buf: Incomplete, bit: Incomplete, size: Incomplete) -> Incomplete:
    """`size` bits from bit `bit` on, the least significant one first (§5.8); unsigned.

    Raises IndexError behind the buffer's end.  Allocates nothing up to 32 bits.
    """

def insert(buf: Incomplete, bit: Incomplete, size: Incomplete, value: Incomplete) -> None:
    """The other way round; bits of value above `size` are dropped."""

class Field:
    """`count` elements of `size` bits each, from bit `bit` of the report as it is transferred.

    kind: INPUT, OUTPUT or FEATURE.  id: of the report, 0 without ids.  ranges: [(first, last)] of
    usages, page << 16 | usage.  application: usage of the outermost collection around it;
    collection: index of the innermost in Reports.collections.
    """

    kind: Incomplete
    flags: Incomplete
    bit: Incomplete
    ranges: Incomplete
    collection: Incomplete
    application: Incomplete
    id: Incomplete
    size: Incomplete
    count: Incomplete
    unit: Incomplete
    logical_min: Incomplete
    logical_max: Incomplete
    physical_min: Incomplete
    physical_max: Incomplete
    exponent: Incomplete
    def __init__(
        self,
        kind: Incomplete,
        flags: Incomplete,
        state: Incomplete,
        bit: Incomplete,
        ranges: Incomplete,
        collection: Incomplete,
        application: Incomplete,
    ) -> None: ...
    @property
    def variable(self) -> bool:
        """Each element is a control of its own; else its value says which usage is on."""
    def usage(self, n: Incomplete) -> Incomplete:
        """Of the nth element of a variable field, of value n + logical_min of an array; or None.

        The last usage stands for all elements that have none (§6.2.2.8).
        """
    def usages(self, n: Incomplete) -> Incomplete:
        """usage() of the first n, 0 for None, as a list."""
    def index(self, usage: Incomplete) -> Incomplete:
        """The first element (array: value - logical_min) with this usage, or -1."""
    def get(self, report: Incomplete, n: int = 0) -> Incomplete:
        """Element n, signed when logical_min is; outside of the logical range it says nothing."""
    def set(self, report: Incomplete, value: Incomplete, n: int = 0) -> None:
        """Write element n of a report to send."""
    def physical(self, value: Incomplete) -> Incomplete:
        """A logical value in its unit's base (SI or English: `unit`), as a float (§6.2.2.7)."""

class Reports:
    """What a descriptor says: fields in their order, collections, sizes.

    collections: [(type, usage, index of the one around it or -1)].  numbered: reports begin with
    their id.
    """

    fields: list[Incomplete]
    collections: list[Incomplete]
    numbered: bool
    def __init__(self) -> None: ...
    def ids(self, kind: Incomplete) -> list[Incomplete]:
        """Ids of the reports of a kind, ascending; [0] without ids."""
    def size(self, kind: Incomplete, id: int = 0) -> Incomplete:
        """Bytes of a report with its id; 0 when there is none."""
    def largest(self, kind: Incomplete) -> Incomplete:
        """Bytes of the longest report of a kind."""
    def find(self, usage: Incomplete, kind: int = 1) -> tuple[Incomplete, Incomplete] | None:
        """(field, element) that has this usage, the first; or None."""
    @property
    def applications(self) -> list[Incomplete]:
        """Usages of the outermost collections."""
