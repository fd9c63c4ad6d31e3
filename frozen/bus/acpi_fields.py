"""Fields of ACPI tables by the names that iasl gives them; maps in acpi_maps.

Not done: MADT subtables of other architectures, which are shown as bytes.
"""

from micropython import const

from acpi_maps import MAPS

_ENTRIES = const(4096)  # subtables, nodes, mappings of one table
# Structures within structures: section and bytes.
_PARTS = {"gas": ("GAS", 12), "mem": ("MEMORY", 8)}
# Sections whose subtables begin with type and length, and the bytes of the length.
_SUBTABLES = {"APIC": 1, "PPTT": 1, "GTDT": 2}


def _section(name):
    """Lines of one section of MAPS; none where there is no such section."""
    start = MAPS.find("\n@%s\n" % name)
    if start < 0:
        return []
    start = MAPS.find("\n", start + 1) + 1
    stop = MAPS.find("\n@", start)
    return MAPS[start : stop if stop >= 0 else len(MAPS)].strip().split("\n")


class _Reader:
    """Takes fields off a table, ascending; .found: [(name, offset, bytes, value), …].

    Bits of a field have its offset and 0 bytes.
    """

    def __init__(self, data):
        self.data = data
        self.found = []

    def number(self, at, size):
        return int.from_bytes(self.data[at : at + size], "little")

    def add(self, name, at, size, value=None):
        self.found.append((name, at, size, self.number(at, size) if value is None else value))
        return at + size

    def raw(self, name, at, end):
        """Bytes as they are, if there are any."""
        return self.add(name, at, end - at, self.data[at:end]) if end > at else at

    def text(self, name, at, size):
        """Text of a fixed size, up to its NUL."""
        raw = self.data[at : at + size]
        stop = raw.find(b"\0")
        raw = raw[:stop] if stop >= 0 else raw
        return self.add(name, at, size, "".join(chr(c) if 32 <= c < 127 else "?" for c in raw))

    def section(self, name, at, end):
        """Fields of a section as far as they fit before `end`; offset after them."""
        start = field = bit = 0
        for line in _section(name):
            kind, _, label = line.partition(" ")
            if kind[0] == ":":
                low, _, high = kind[1:].partition("-")
                bit = int(low) if low else bit
                width = int(high) - bit + 1 if high else 1
                self.found.append((label, start, 0, field >> bit & (1 << width) - 1))
                bit += width
                continue
            part, size = _PARTS.get(kind) or (None, int(kind.lstrip("s")))
            if at + size > end:
                return at
            start, bit = at, 0
            if part:
                self.add(label, at, size, self.data[at : at + size])
                at = self.section(part, at, end)
            elif kind[0] == "s":
                at = self.text(label, at, size)
            else:
                field = self.number(at, size)
                at = self.add(label, at, size, field)
        return at


def _subtables(reader, signature, at, end):
    wide = _SUBTABLES[signature]
    for _ in range(_ENTRIES):
        if at + 1 + wide > end:
            break
        kind = reader.data[at]
        length = reader.number(at + 1, wide)
        stop = at + length
        if length < 1 + wide or stop > end:
            break
        reader.add("Subtable Type", at, 1)
        reader.add("Length", at + 1, wide)
        after = reader.section("%s:%02X" % (signature, kind), at + 1 + wide, stop)
        if signature == "GTDT" and kind == 0 and after == at + 20:
            for _ in range(reader.number(at + 12, 4)):
                if after + 40 > stop:
                    break
                after = reader.section("GTDT.frame", after, stop)
        if signature == "PPTT" and kind == 0 and after == at + 20:
            for _ in range(reader.number(at + 16, 4)):
                if after + 4 > stop:
                    break
                after = reader.add("Private Resource", after, 4)
        reader.raw("Data", after, stop)
        at = stop
    reader.raw("Data", at, end)


def _repeated(reader, signature, at, end, size):
    for n in range(_ENTRIES):
        if at + size > end:
            break
        if signature == "MCFG":
            at = reader.section("MCFG.entry", at, end)
        else:
            at = reader.add("ACPI Table Address %3d" % n, at, size)
    reader.raw("Data", at, end)


def _dbg2(reader, end):
    """Debug Port Table 2, table 2: devices whose parts are named by offsets."""
    at = reader.number(36, 4)
    for _ in range(min(reader.number(40, 4), _ENTRIES)):
        stop = at + reader.number(at + 1, 2)
        if at < 44 or at + 22 > end or not at + 22 <= stop <= end:
            reader.raw("Data", max(at, 44), end)
            return
        reader.section("DBG2.device", at, stop)
        registers, sizes = (at + reader.number(at + i, 2) for i in (18, 20))
        for i in range(reader.data[at + 3]):
            if registers + 12 * i + 12 <= stop:
                reader.section("DBG2.register", registers + 12 * i, stop)
        for i in range(reader.data[at + 3]):
            if sizes + 4 * i + 4 <= stop:
                reader.add("Address Size", sizes + 4 * i, 4)
        length, start = reader.number(at + 4, 2), at + reader.number(at + 6, 2)
        if length and start + length <= stop:
            reader.text("Namepath", start, length)
        length, start = reader.number(at + 8, 2), at + reader.number(at + 10, 2)
        if length and start + length <= stop:
            reader.raw("OEM Data", start, start + length)
        at = stop


def _iort(reader, end):
    """IO Remapping Table, ARM DEN 0049: nodes, each with ID mappings at its end."""
    at = reader.number(40, 4)
    if 48 < at <= end:
        reader.raw("Optional Padding", 48, at)
    for _ in range(min(reader.number(36, 4), _ENTRIES)):
        stop = at + reader.number(at + 1, 2)
        if at < 48 or not at + 16 <= stop <= end:
            reader.raw("Data", max(at, 48), end)
            return
        maps = reader.number(at + 8, 4)
        first = at + reader.number(at + 12, 4) if maps else stop
        body = min(first, stop) if first >= at + 16 else stop
        reader.section("IORT.node", at, stop)
        kind = reader.data[at]
        after = reader.section("IORT:%02X" % kind, at + 16, body)
        if kind == 0:
            for _ in range(reader.number(at + 16, 4)):
                if after + 4 > body:
                    break
                after = reader.add("Identifiers", after, 4)
        elif kind == 1 and after < body:
            stops = reader.data.find(b"\0", after, body)
            name = (stops + 1 if stops >= 0 else body) - after
            after = reader.text("Device Name", after, name)
        reader.raw("Padding", after, body)
        for _ in range(maps if body == first else 0):
            if body + 20 > stop:
                break
            body = reader.section("IORT.mapping", body, stop)
        at = stop


def _read(signature, data):
    reader = _Reader(data)
    end = len(data)
    if signature in ("RSDP", "FACS"):
        reader.section(signature, 0, end)
        return reader.found
    at = reader.section(signature, reader.section("HEADER", 0, end), end)
    if signature == "GTDT" and at == 96 and data[8] >= 3:
        at = reader.section("GTDT.el2", at, end)
    if signature in _SUBTABLES:
        _subtables(reader, signature, at, end)
    elif signature in ("XSDT", "RSDT", "MCFG"):
        _repeated(reader, signature, at, end, {"X": 8, "R": 4, "M": 16}[signature[0]])
    elif signature == "DBG2" and at == 44:
        _dbg2(reader, end)
    elif signature == "IORT" and at == 48:
        _iort(reader, end)
    else:
        reader.raw("Data", at, end)
    return reader.found


def fields(signature, data):
    """[(name, offset, value), …] of a table's bytes, as far as they go; never raises on them.

    Values are int, str or bytes.  A Generic Address Structure is given whole and by its fields,
    bits follow the field that they are of.  'Data': bytes that no map names.
    """
    return [(name, at, value) for name, at, _, value in _read(signature, data)]


def dump(signature, data):
    """Print the fields in the manner of iasl -d."""
    for name, at, size, value in _read(signature, data):
        place = "[%03Xh %04d %3d]" % (at, at, size) if size else " " * 16
        if isinstance(value, int):
            print("%s %30s : %0*X" % (place, name, 2 * size or 1, value))
        elif isinstance(value, str):
            print('%s %30s : "%s"' % (place, name, value))
        elif size == 12:
            print("%s %30s :" % (place, name))
        else:
            print("%s %30s :" % (place, name))
            for row in range(0, len(value), 16):
                cells = " ".join("%02X" % c for c in value[row : row + 16])
                print("    %04X: %s" % (at + row, cells))
