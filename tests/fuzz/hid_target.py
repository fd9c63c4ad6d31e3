"""Damaged HID report descriptors, and reports of those that pass, against all that reads them.

    hid_target.py CORPUS SEED CASES

Runs on MicroPython's unix port and on CPython.  Only ValueError may leave the parser, nothing what
works with what it gave, and no case may take longer than caseloop.LIMIT_MS.
"""

import random

import caseloop
import hidfield
import hidleds
import hidreport
import hidtext
import hidwheel
import keyboard
import mouse
from tables_target import damage

_REPORTS = 6  # of each descriptor


def _bytes(n):
    return bytearray([random.getrandbits(8) for _ in range(n)])


def _fields(reports):
    """Each field's whole surface."""
    for field in reports.fields[:40]:
        report = _bytes(reports.size(field.kind, field.id))
        for n in (0, field.count - 1):
            value = field.get(report, n)
            field.set(report, value, n)
            assert field.get(report, n) == value
            field.physical(value)
            usage = field.usage(n)
            assert usage is None or field.index(usage) <= n
        field.usage(-1)
        field.usage(1 << 32)


def _use(reports):
    keys, pointer = keyboard.Keys(), mouse.Pointer()
    pointer.screen(1920, 1080)
    readers = {}
    for id, fields in keyboard.key_fields(reports).items():
        try:
            readers.setdefault(id, []).append(keyboard.Keyboard(keys, fields))
        except ValueError:  # the driver refuses the device
            assert sum([field.count for field in fields]) > 1024
            continue
    for id, fields in mouse.pointer_fields(reports).items():
        readers.setdefault(id, []).append(mouse.Mouse(pointer, fields))
    for id, sinks in readers.items():
        for _ in range(_REPORTS):
            report = _bytes(reports.size(hidfield.INPUT, id))
            for sink in sinks:
                sink.report(report, len(report))
            assert 0 <= pointer.x < 1920 and 0 <= pointer.y < 1080
        for sink in sinks:
            sink.detached()
    assert keys.modifiers == 0 and pointer.buttons == 0
    hidwheel.find(reports)
    for bit, field, element in hidleds.find(reports):
        field.set(bytearray(reports.size(hidfield.OUTPUT, field.id)), bit & 1, element)


def case(n, kind, data):
    """Whether it was refused."""
    for _ in hidtext.lines(data):
        pass
    try:
        reports = hidreport.parse(data)
    except ValueError:
        return True
    for kind in (hidfield.INPUT, hidfield.OUTPUT, hidfield.FEATURE):
        assert reports.largest(kind) <= 4096
    _fields(reports)
    _use(reports)
    return False


if __name__ == "__main__":
    caseloop.run(lambda kind, data: bytes(damage(data)), case, ())
