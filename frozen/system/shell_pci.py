"""ush: pci."""

import pci
import pci_ids
from shell import Failed, Usage
from shell_memory import number, size_of

_ROW = 16
_WORD = 4  # PCIe 5.0 §7.2.2: a host need take no longer access
_HEADER = (
    ("vendor ID", 0x00, 2),
    ("device ID", 0x02, 2),
    ("command register ID", 0x04, 2),
    ("status register", 0x06, 2),
    ("revision ID", 0x08, 1),
    ("class code", 0x0B, 1),
    ("sub class code", 0x0A, 1),
    ("programming interface", 0x09, 1),
    ("cache line", 0x0C, 1),
    ("latency time", 0x0D, 1),
    ("header type", 0x0E, 1),
    ("BIST", 0x0F, 1),
    ("interrupt line", 0x3C, 1),
    ("interrupt pin", 0x3D, 1),
)


def do_pci(sh, words):
    verb = words[1] if len(words) > 1 else "*"
    name = verb.partition(".")[0]
    if name == "enum" and len(words) == 2:
        pci.rescan()
        return 0
    if name in _VERBS:
        if len(words) < 3:
            raise Usage
        size = size_of(verb)
        if size > _WORD:
            raise Usage
        return _VERBS[name](sh, _function(words[2]), size, words[3:])
    if len(words) > 2:
        raise Usage
    return _list(sh, None if verb == "*" else number(verb))


def _function(text):
    """The Function at bus.device.function, each hexadecimal.  Raises Failed."""
    parts = [number(part) for part in text.split(".")]
    if len(parts) == 2:
        parts.append(0)
    for f in pci.scan():
        if [f.bus, f.dev, f.fn] == parts:
            return f
    raise Failed("No such device")


def _list(sh, bus):
    found = [f for f in pci.scan() if bus is None or f.bus == bus]
    if not found:
        raise Failed("No such bus")
    sh.say("BusDevFun  VendorId   DeviceId   Device Class       Sub-Class")
    sh.say("_____________________________________________________________")
    for f in found:
        kind = pci_ids.class_name(f.class_) or "???"
        text = "%02x.%02x.%02x   0x%04x     0x%04x     %-23s 0x%02x"
        sh.say(text % (f.bus, f.dev, f.fn, f.vendor, f.device, kind, f.class_ >> 8 & 0xFF))
    return 0


def _read(f, addr, size):
    return getattr(f.cfg, "read%d" % (8 * size))(addr)


def _header(sh, f, size, rest):
    for name, addr, width in _HEADER:
        sh.say("  %-28s= 0x%0*x" % (name, 2 * width, _read(f, addr, width)))
    return 0


def _bar(sh, f, size, rest):
    sh.say("ID   Base                Size                Width  Type")
    sh.say("----------------------------------------------------------")
    for bar in f.bars:
        if bar.kind == "rom":
            continue
        kind = "I/O" if bar.kind == "io" else "MEM"
        more = "Prefetchable" if bar.prefetchable else ""
        text = " %d   0x%016x  0x%016x  %d     %s   %s"
        sh.say((text % (bar.index, bar.address, bar.size, bar.bits, kind, more)).rstrip())
    return 0


def _display(sh, f, size, rest):
    addr = number(rest[0]) if rest else 0
    count = number(rest[1]) if len(rest) > 1 else 0x40 // size
    end = addr + size * count
    while addr < end:
        row = "%08x:" % addr
        for at in range(addr, min(addr + _ROW, end), size):
            row += " %0*x" % (2 * size, _read(f, at, size))
        sh.say(row)
        addr += _ROW
    return 0


def _write(sh, f, size, rest):
    if len(rest) != 2:
        raise Usage
    getattr(f.cfg, "write%d" % (8 * size))(number(rest[0]), number(rest[1]))
    return 0


_VERBS = {"header": _header, "bar": _bar, "display": _display, "write": _write}
