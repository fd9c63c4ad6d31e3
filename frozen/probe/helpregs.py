"""help() of devices and registers: what there is and how it may be accessed; nothing is read."""

from probe.devices import Device
from probe.regs import Map
from probe.view import Array, Handle, View

_WIDTH = 78


def lines(what):
    """Lines for a Device, View, Map or register; None for another object."""
    if isinstance(what, Device):
        found = ["%s: registers as attributes; regs(%r) prints all" % (what.name, what.name)]
        for title, view in what.views:
            found += _map(title, view._map)
        return found + ([what.note] if what.note else [])
    if isinstance(what, View):
        return _map(what._map.title, what._map)
    if isinstance(what, Map):
        return _map(what.title, what)
    if isinstance(what, (Array, Handle)):
        return _register(what._register)
    return None


def _map(title, map):
    found = ["%s (%s)" % (title, map.source)]
    row = " "
    for register in map.registers():
        word = register.name + ("[%u]" % register.count if register.count else "")
        if len(row) + len(word) > _WIDTH:
            found.append(row)
            row = " "
        row += " " + word
    return found + [row]


def _register(register):
    count = "[0..%u]" % (register.count - 1) if register.count else ""
    head = register.name + count, register.access, register.bits, register.ref
    found = [("%s: %s, %u bits %s" % head).rstrip()]
    for name, hi, lo, access, texts in register.fields():
        bits = "%u" % hi if hi == lo else "%u:%u" % (hi, lo)
        values = ", ".join("%s %s" % item for item in sorted((texts or {}).items()))
        found.append(("  %-18s %-6s %-5s %s" % (name, bits, access, values)).rstrip())
    return found
