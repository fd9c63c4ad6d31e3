"""A HID report descriptor as text: each item's bytes and what they say."""

from micropython import const

from hidfield import signed
from hidreport import items

_NAMES = (
    {8: "Input", 9: "Output", 10: "Collection", 11: "Feature", 12: "End Collection"},
    (
        "Usage Page|Logical Minimum|Logical Maximum|Physical Minimum|Physical Maximum|"
        "Unit Exponent|Unit|Report Size|Report ID|Report Count|Push|Pop"
    ),
    (
        "Usage|Usage Minimum|Usage Maximum|Designator Index|Designator Minimum|"
        "Designator Maximum||String Index|String Minimum|String Maximum|Delimiter"
    ),
)
_PAGES = {
    1: "Generic Desktop",
    2: "Simulation",
    6: "Generic Device",
    7: "Keyboard",
    8: "LED",
    9: "Button",
    12: "Consumer",
    13: "Digitizers",
}
_DESKTOP = {
    0x01: "Pointer",
    0x02: "Mouse",
    0x04: "Joystick",
    0x05: "Gamepad",
    0x06: "Keyboard",
    0x07: "Keypad",
    0x30: "X",
    0x31: "Y",
    0x32: "Z",
    0x33: "Rx",
    0x34: "Ry",
    0x35: "Rz",
    0x38: "Wheel",
    0x39: "Hat switch",
    0x48: "Resolution Multiplier",
    0x80: "System Control",
}
_COLLECTIONS = "Physical|Application|Logical|Report|Named Array|Usage Switch|Usage Modifier"
_FLAGS = (
    "Data|Const",
    "Array|Var",
    "Abs|Rel",
    "|Wrap",
    "|Nonlinear",
    "|No preferred",
    "|Null",
    "|Volatile",
    "|Buffered",
)
_LINES_MAX = const(400)  # then no more: a log is for others, too


def usage_name(usage):
    """ "Keyboard" for 0x10006; hexadecimal for most."""
    page, low = usage >> 16, usage & 0xFFFF
    return _DESKTOP.get(low) if page == 1 and low in _DESKTOP else "0x%x" % usage


def _flags(value):
    said = [names.split("|")[value >> bit & 1] for bit, names in enumerate(_FLAGS)]
    return ", ".join([name for name in said if name])


def _at(names, n):
    names = names.split("|")
    return names[n] if n < len(names) else ""


def _meaning(kind, tag, size, value, page):
    if kind == 3:
        return "Long item 0x%02x" % tag
    names = _NAMES[kind]
    name = names.get(tag, "") if kind == 0 else _at(names, tag)
    if not name:
        return "Reserved"
    if kind == 0:
        if tag == 12:
            return name
        said = (_at(_COLLECTIONS, value) or "0x%x" % value) if tag == 10 else _flags(value)
    elif kind == 1:
        if tag == 0:
            said = _PAGES.get(value, "0x%04x" % value)
        elif tag < 6:
            said = signed(value, 8 * size)
        elif tag == 6:
            said = "0x%x" % value
        elif tag < 10:
            said = value
        else:
            return name
    elif tag < 3:
        said = usage_name(value if size == 4 else page << 16 | value)
        if page != 1 and size < 4:
            said = "0x%02x" % value
    else:
        said = value
    return "%s (%s)" % (name, said)


def lines(data):
    """Yields a line for each item; the last one tells where the descriptor is damaged, if it is.

    `offset  bytes  meaning`, the meaning indented by the collections around it.
    """
    depth = page = count = 0
    try:
        for at, kind, tag, size, value in items(data):
            if kind == 0 and tag == 12:
                depth = max(0, depth - 1)
            if kind == 1 and tag == 0:
                page = value
            begin = at + (3 if kind == 3 and data[at] == 0xFE else 1)
            shown = " ".join(["%02x" % byte for byte in data[at : min(begin + size, at + 8)]])
            text = _meaning(kind, tag, size, value, page)
            yield "%04x  %-15s%s%s" % (at, shown, "  " * min(depth, 16), text)
            if kind == 0 and tag == 10:
                depth += 1
            count += 1
            if count == _LINES_MAX:
                yield "..."
                return
    except ValueError as why:
        yield str(why)


def hexdump(data):
    """Yields lines of 16 bytes."""
    for at in range(0, len(data), 16):
        yield "%04x  %s" % (at, " ".join(["%02x" % byte for byte in data[at : at + 16]]))


def dump(data):
    """Yields both."""
    for line in hexdump(data):
        yield line
    for line in lines(data):
        yield line
