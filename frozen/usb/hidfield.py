"""What a HID report descriptor comes to: fields, and how to get at their bits (HID 1.11 §5.8)."""

from micropython import const

# Kinds of report, as GET_REPORT numbers them (§7.2.1).
INPUT = 1
OUTPUT = 2
FEATURE = 3

# Field.flags (§6.2.2.5)
CONSTANT = 1 << 0
VARIABLE = 1 << 1
RELATIVE = 1 << 2
WRAP = 1 << 3
NONLINEAR = 1 << 4
NULL_STATE = 1 << 6

# Where the parser's values of global items stand (§6.2.2.7).
_LOGICAL_MIN = const(1)
_PHYSICAL_MIN = const(3)
_EXPONENT = const(5)
_UNIT = const(6)
_SIZE = const(7)
_ID = const(8)
_COUNT = const(9)


def signed(value, bits):
    """Two's complement of that many bits."""
    return value - (1 << bits) if bits and value >> bits - 1 & 1 else value


def extract(buf, bit, size):
    """`size` bits from bit `bit` on, the least significant one first (§5.8); unsigned.

    Raises IndexError behind the buffer's end.  Allocates nothing up to 32 bits.
    """
    at = bit >> 3
    end = bit + size + 7 >> 3
    value = shift = 0
    while at < end:
        value |= buf[at] << shift
        shift += 8
        at += 1
    return value >> (bit & 7) & (1 << size) - 1


def insert(buf, bit, size, value):
    """The other way round; bits of value above `size` are dropped."""
    for i in range(size):
        mask = 1 << (bit + i & 7)
        if value >> i & 1:
            buf[bit + i >> 3] |= mask
        else:
            buf[bit + i >> 3] &= ~mask & 0xFF


class Field:
    """`count` elements of `size` bits each, from bit `bit` of the report as it is transferred.

    kind: INPUT, OUTPUT or FEATURE.  id: of the report, 0 without ids.  ranges: [(first, last)] of
    usages, page << 16 | usage.  application: usage of the outermost collection around it;
    collection: index of the innermost in Reports.collections.
    """

    def __init__(self, kind, flags, state, bit, ranges, collection, application):
        self.kind = kind
        self.flags = flags
        self.bit = bit
        self.ranges = ranges
        self.collection = collection
        self.application = application
        self.id = state[_ID]
        self.size = state[_SIZE]
        self.count = state[_COUNT]
        self.unit = state[_UNIT]
        low, self.logical_min, self.logical_max = _limits(state, _LOGICAL_MIN)
        self._signed = low < 0
        _, self.physical_min, self.physical_max = _limits(state, _PHYSICAL_MIN)
        if not self.physical_min and not self.physical_max:  # §6.2.2.7
            self.physical_min, self.physical_max = self.logical_min, self.logical_max
        raw, size = state[_EXPONENT]
        # One nibble by the specification; some devices write a whole signed number.
        self.exponent = signed(raw, 8 * size if raw > 15 else 4)
        if not -30 <= self.exponent <= 30:
            self.exponent = 0

    @property
    def variable(self):
        """Each element is a control of its own; else its value says which usage is on."""
        return bool(self.flags & VARIABLE)

    def usage(self, n):
        """Of the nth element of a variable field, of value n + logical_min of an array; or None.

        The last usage stands for all elements that have none (§6.2.2.8).
        """
        if n < 0 or not self.ranges:
            return None
        for first, last in self.ranges:
            if n <= last - first:
                return first + n
            n -= last - first + 1
        return self.ranges[-1][1] if self.flags & VARIABLE else None

    def usages(self, n):
        """usage() of the first n, 0 for None, as a list."""
        found = []
        for first, last in self.ranges:
            found.extend(range(first, min(last, first + n - len(found) - 1) + 1))
        rest = self.ranges[-1][1] if self.flags & VARIABLE else 0
        return found + [rest] * (n - len(found))

    def index(self, usage):
        """The first element (array: value - logical_min) with this usage, or -1."""
        n = 0
        for first, last in self.ranges:
            if first <= usage <= last:
                n += usage - first
                return n if n < self.count or not self.flags & VARIABLE else -1
            n += last - first + 1
        return -1

    def get(self, report, n=0):
        """Element n, signed when logical_min is; outside of the logical range it says nothing."""
        value = extract(report, self.bit + n * self.size, self.size)
        if self._signed and value >> self.size - 1:
            value -= 1 << self.size
        return value

    def set(self, report, value, n=0):
        """Write element n of a report to send."""
        insert(report, self.bit + n * self.size, self.size, value)

    def physical(self, value):
        """A logical value in its unit's base (SI or English: `unit`), as a float (§6.2.2.7)."""
        span = self.logical_max - self.logical_min or 1
        scaled = (value - self.logical_min) * (self.physical_max - self.physical_min) / span
        return (scaled + self.physical_min) * 10.0**self.exponent


def _limits(state, at):
    """Minimum as written, minimum, maximum: the maximum has a sign when the minimum is below 0."""
    low, size = state[at]
    low = signed(low, 8 * size)
    high, size = state[at + 1]
    if low < 0 or signed(high, 8 * size) >= 0:
        high = signed(high, 8 * size)
    return low, low, high


class Reports:
    """What a descriptor says: fields in their order, collections, sizes.

    collections: [(type, usage, index of the one around it or -1)].  numbered: reports begin with
    their id.
    """

    def __init__(self):
        self.fields = []
        self.collections = []
        self.numbered = False
        self._bits = {}  # kind << 8 | id: bits, the id's among them

    def ids(self, kind):
        """Ids of the reports of a kind, ascending; [0] without ids."""
        return sorted([key & 0xFF for key in self._bits if key >> 8 == kind])

    def size(self, kind, id=0):
        """Bytes of a report with its id; 0 when there is none."""
        return self._bits.get(kind << 8 | id, 0) + 7 >> 3

    def largest(self, kind):
        """Bytes of the longest report of a kind."""
        return max([self.size(kind, id) for id in self.ids(kind)] or [0])

    def find(self, usage, kind=INPUT):
        """(field, element) that has this usage, the first; or None."""
        for field in self.fields:
            if field.kind == kind:
                n = field.index(usage)
                if n >= 0:
                    return field, n
        return None

    @property
    def applications(self):
        """Usages of the outermost collections."""
        return [usage for _, usage, outer in self.collections if outer < 0]
