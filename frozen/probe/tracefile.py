"""A trace as JSON lines: a header, then one object an entry (docs/schema/trace-1.json)."""

import json

from micropython import const

_VERSION = const(1)


def declare(fields):
    """The declaration that probe.fields.parse() would give these fields for."""
    words = []
    for name, hi, lo, access, texts in fields:
        word = "%s@%u%s/%s" % (name, hi, ":%u" % lo if lo != hi else "", access)
        if texts:
            pairs = ",".join("%u:%s" % item for item in sorted(texts.items()))
            word += "{%s}" % pairs
        words.append(word)
    return " ".join(words)


class _Windows:
    """The windows of a trace in the order they appear, and which registers are in use."""

    def __init__(self, trace):
        self._trace = trace
        self._index = {}
        self.rows = []

    def number(self, window):
        """The window's index, after the entry's register was noted."""
        key = (window.name, window.base, window.size)
        if key not in self._index:
            self._index[key] = len(self.rows)
            self.rows.append([window, None, {}])
        return self._index[key]

    def note(self, entry):
        row = self.rows[self.number(entry.what)]
        map, offset = self._trace.register(entry.what, entry.offset)
        found = map and map.at(offset)
        if found and found[0].name not in row[2]:
            row[1] = map
            row[2][found[0].name] = declare(found[0].fields())

    def describe(self):
        """What the header says of each."""
        for window, map, registers in self.rows:
            yield _object(
                ("name", window.name),
                ("base", window.base),
                ("size", window.size),
                ("width", window.width),
                ("map", map and map.title),
                ("source", map and map.source),
                ("registers", registers),
            )


def _object(*pairs):
    """JSON of an object, its keys in this order."""
    return "{%s}" % ", ".join("%s: %s" % (json.dumps(k), json.dumps(v)) for k, v in pairs)


def write(trace, stream):
    """Header and entries.  What is accessed meanwhile is not recorded."""
    ring = trace.ring
    paused = ring.paused
    ring.pause()
    try:
        windows = _Windows(trace)
        start = None
        for entry in ring:
            start = entry.ticks if start is None else start
            if entry.op != "M":
                windows.note(entry)
        _header(stream, ring.dropped, start or 0, windows)
        for entry in ring:
            stream.write(_entry(trace, windows, entry, start) + "\n")
    finally:
        if not paused:
            ring.resume()


def _header(stream, dropped, start, windows):
    import boot

    hw = boot.hw()
    vendor, product = hw["vendor"], hw["product"]
    # QEMU's product starts with its vendor.
    machine = product if product.startswith(vendor) else vendor + " " + product
    head = _object(
        ("schema", "pyrallax-trace"),
        ("version", _VERSION),
        ("machine", machine),
        ("build", boot.build_id()),
        ("frequency", hw["timer"][1]),
        ("start", start),
        ("dropped", dropped),
    )
    stream.write('%s, "windows": [%s]}\n' % (head[:-1], ", ".join(windows.describe())))


def _entry(trace, windows, entry, start):
    when = ("t", entry.ticks - start)
    where = (("file", entry.file), ("line", entry.line), ("function", entry.function))
    if entry.op == "M":
        return _object(when, ("op", "M"), ("text", entry.what), *where)
    map, offset = trace.register(entry.what, entry.offset)
    return _object(
        when,
        ("op", entry.op),
        ("w", windows.number(entry.what)),
        ("off", entry.offset),
        ("bits", entry.width),
        ("reg", map and map.name(offset)),
        ("v", entry.value or 0),
        ("n", entry.times),
        *where,
        *((("fault", True),) if entry.fault else ()),
    )
