"""HID report descriptors (HID 1.11 §5, §6.2.2): what stands at which bit of a report.

Not done: physical descriptors; designators and strings are skipped.
"""

from micropython import const

from hidfield import FEATURE, INPUT, OUTPUT, Field, Reports

# What a hostile device may ask for; Linux draws its lines at about the same places.
_BYTES_MAX = const(4096)  # of a descriptor
_REPORT_MAX = const(4096)  # bytes of a report
_SIZE_MAX = const(256)  # bits of an element
_FIELDS_MAX = const(512)
_COLLECTIONS_MAX = const(256)
_DEPTH_MAX = const(32)  # of collections
_PUSH_MAX = const(16)

_MAIN = const(0)
_GLOBAL = const(1)
_LOCAL = const(2)
_LONG = const(0xFE)  # §6.2.2.3

# Tags of global items, and where their values stand (§6.2.2.7).
_PAGE = const(0)
_LOGICAL_MIN = const(1)
_EXPONENT = const(5)
_SIZE = const(7)
_ID = const(8)
_COUNT = const(9)
_PUSH = const(10)
_POP = const(11)


def items(data):
    """Yields (offset, type, tag, size, value as an unsigned number) of each item.

    Long items come with type 3.  Raises ValueError for one that is cut off.
    """
    at, end = 0, len(data)
    while at < end:
        prefix = data[at]
        size = (0, 1, 2, 4)[prefix & 3]
        body = at + 1
        kind, tag = prefix >> 2 & 3, prefix >> 4
        if prefix == _LONG:
            if end - body < 2:
                raise ValueError("item at %d is cut off" % at)
            size, tag = data[body], data[body + 1]
            body += 2
        if end - body < size:
            raise ValueError("item at %d is cut off" % at)
        value = 0
        if prefix != _LONG:
            for i in range(size):
                value |= data[body + i] << 8 * i
        yield at, kind, tag, size, value
        at = body + size


class _Parser:
    def __init__(self):
        self.reports = Reports()
        zero = (0, 0)  # value, bytes it was written in
        self.state = [0, zero, zero, zero, zero, zero, 0, 0, 0, 0]
        self.pushed = []
        self.open = []  # indices of collections
        self.forget()

    def forget(self):
        """Local items end with the main item."""
        self.usages = []  # (first, last, its page is in it)
        self.low = None
        self.delimited = 0  # 1: in a set of alternatives, 2: its first was taken

    def item(self, kind, tag, size, value):
        if kind == _MAIN:
            if tag == 10:
                self.begin(value)
            elif tag == 12:
                if not self.open:
                    raise ValueError("a collection ends that never began")
                self.open.pop()
            elif tag in (8, 9, 11):
                self.field(INPUT if tag == 8 else OUTPUT if tag == 9 else FEATURE, value)
            self.forget()
        elif kind == _GLOBAL:
            self.set(tag, size, value)
        elif kind == _LOCAL:
            self.local(tag, size, value)

    def set(self, tag, size, value):
        state = self.state
        if tag == _PUSH:
            if len(self.pushed) == _PUSH_MAX:
                raise ValueError("more than %d pushes" % _PUSH_MAX)
            self.pushed.append(list(state))
        elif tag == _POP:
            if not self.pushed:
                raise ValueError("pop without push")
            self.state = self.pushed.pop()
        elif _LOGICAL_MIN <= tag <= _EXPONENT:
            state[tag] = (value, size)
        elif tag <= _COUNT:
            if tag == _SIZE and value > _SIZE_MAX:
                raise ValueError("elements of %d bits" % value)
            if tag == _COUNT and value > 8 * _REPORT_MAX:
                raise ValueError("%d elements" % value)
            if tag == _PAGE:
                value &= 0xFFFF
            elif tag == _ID:
                if not 1 <= value <= 255:
                    raise ValueError("report id %d" % value)
                self.reports.numbered = True
            state[tag] = value

    def local(self, tag, size, value):
        whole = size == 4
        if tag == 0:
            if self.delimited < 2:
                self.usages.append((value, value, whole))
            if self.delimited:
                self.delimited = 2
        elif tag == 1:
            self.low = (value, whole)
        elif tag == 2 and self.low is not None:
            low, whole = self.low
            high = low & 0xFFFF0000 | value & 0xFFFF if whole else value
            if high < low:
                raise ValueError("usages 0x%x to 0x%x" % (low, high))
            self.usages.append((low, high, whole))
            self.low = None
        elif tag == 10:
            self.delimited = 1 if value else 0

    def ranges(self):
        page = self.state[_PAGE] << 16
        return [
            (first, last) if whole else (page | first & 0xFFFF, page | last & 0xFFFF)
            for first, last, whole in self.usages
        ]

    def begin(self, kind):
        found = self.reports.collections
        if len(found) == _COLLECTIONS_MAX or len(self.open) == _DEPTH_MAX:
            raise ValueError("too many collections")
        ranges = self.ranges()
        found.append((kind, ranges[0][0] if ranges else 0, self.open[-1] if self.open else -1))
        self.open.append(len(found) - 1)

    def field(self, kind, flags):
        state, reports = self.state, self.reports
        key = kind << 8 | state[_ID]
        bit = reports._bits.get(key, 8 if state[_ID] else 0)
        end = bit + state[_SIZE] * state[_COUNT]
        if end > 8 * _REPORT_MAX:
            raise ValueError("a report of %d bits" % end)
        reports._bits[key] = end
        ranges = self.ranges()
        # Fields that have no usage, or no bits, only move what comes behind them.
        if end == bit or not ranges:
            return
        if len(reports.fields) == _FIELDS_MAX:
            raise ValueError("more than %d fields" % _FIELDS_MAX)
        inner = self.open[-1] if self.open else -1
        outer = reports.collections[self.open[0]][1] if self.open else 0
        reports.fields.append(Field(kind, flags, state, bit, ranges, inner, outer))


def parse(data):
    """The Reports of a report descriptor.

    Raises ValueError for one that is damaged, or asks for more than a device can mean.
    """
    if len(data) > _BYTES_MAX:
        raise ValueError("descriptor of %d bytes" % len(data))
    parser = _Parser()
    for _, kind, tag, size, value in items(data):
        parser.item(kind, tag, size, value)
    if parser.open:
        raise ValueError("%d collections do not end" % len(parser.open))
    reports = parser.reports
    if reports.numbered:  # nothing can carry what was declared before the first id
        reports.fields = [field for field in reports.fields if field.id]
        for key in [key for key in reports._bits if not key & 0xFF]:
            del reports._bits[key]
    return reports
