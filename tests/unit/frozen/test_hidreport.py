"""HID report descriptors: fields, bits, sizes; and what must be refused."""

import hid_descriptors as known
import hidfield
import hidleds
import hidreport
import hidtext
from raising import raises

AREA = "usb"


def usages(field):
    return [field.usage(n) for n in range(field.count)]


def test_boot_keyboard():
    found = hidreport.parse(known.BOOT_KEYBOARD)
    assert len(known.BOOT_KEYBOARD) == 63
    assert not found.numbered and found.ids(hidfield.INPUT) == [0]
    assert found.size(hidfield.INPUT) == 8 and found.size(hidfield.OUTPUT) == 1
    assert found.size(hidfield.FEATURE) == 0 and found.largest(hidfield.FEATURE) == 0
    assert found.applications == [0x10006]
    modifiers, leds, keys = found.fields
    assert modifiers.variable and (modifiers.bit, modifiers.size, modifiers.count) == (0, 1, 8)
    assert usages(modifiers) == [0x700E0 + n for n in range(8)]
    assert leds.kind == hidfield.OUTPUT and usages(leds) == [0x80001 + n for n in range(5)]
    assert not keys.variable and (keys.bit, keys.size, keys.count) == (16, 8, 6)
    assert (keys.logical_min, keys.logical_max) == (0, 0x65)
    assert keys.usage(4) == 0x70004 and keys.usage(0x66) is None and keys.usage(-1) is None
    assert found.find(0x80002, hidfield.OUTPUT) == (leds, 1)
    assert found.find(0x10030) is None


def test_boot_mouse():
    found = hidreport.parse(known.BOOT_MOUSE)
    assert len(known.BOOT_MOUSE) == 50 and found.size(hidfield.INPUT) == 3
    assert found.collections == [(1, 0x10002, -1), (0, 0x10001, 0)]
    buttons, moves = found.fields
    assert buttons.application == moves.application == 0x10002 and moves.collection == 1
    assert moves.flags & hidfield.RELATIVE and usages(moves) == [0x10030, 0x10031]
    report = bytes([0b101, 0x81, 0x7F])
    assert [buttons.get(report, n) for n in range(3)] == [1, 0, 1]
    assert moves.get(report, 0) == -127 and moves.get(report, 1) == 127


def test_an_upper_limit_has_a_sign_only_when_the_lower_one_has():
    keys = hidreport.parse(known.QEMU_KEYBOARD).fields[2]
    assert (keys.logical_min, keys.logical_max) == (0, 255)  # written 25 ff
    assert keys.get(bytes([0, 0, 0xFF])) == 255
    moves = hidreport.parse(known.BOOT_MOUSE).fields[1]
    assert (moves.logical_min, moves.logical_max) == (-127, 127)


def test_tablet():
    found = hidreport.parse(known.QEMU_TABLET)
    assert len(known.QEMU_TABLET) == 74 and found.size(hidfield.INPUT) == 6
    place, wheel = found.fields[1:]
    assert not place.flags & hidfield.RELATIVE and wheel.flags & hidfield.RELATIVE
    report = bytes([0, 0xFF, 0x7F, 0x34, 0x12, 0xFF])
    assert place.get(report, 0) == 32767 and place.get(report, 1) == 0x1234
    assert wheel.get(report) == -1
    assert place.physical_max == 32767 and (wheel.physical_min, wheel.physical_max) == (-127, 127)


def test_report_ids_stand_in_front():
    found = hidreport.parse(known.NKRO_KEYBOARD)
    assert found.numbered and found.ids(hidfield.INPUT) == [6]
    assert found.size(hidfield.INPUT, 6) == 1 + 1 + 30 and found.size(hidfield.INPUT) == 0
    assert found.size(hidfield.OUTPUT, 6) == 2
    assert [field.bit for field in found.fields] == [8, 16, 8]
    found = hidreport.parse(known.PARALLELS_KEYBOARD)
    assert found.size(hidfield.INPUT, 1) == 9
    assert [(f.bit, f.size, f.count) for f in found.fields] == [(8, 1, 8), (16, 8, 7)]


def test_elements_that_do_not_stand_on_bytes():
    found = hidreport.parse(known.LOGITECH_MOUSE)
    assert found.size(hidfield.INPUT, 2) == 8
    buttons, moves, wheel, pan = found.fields
    assert buttons.count == 16 and (moves.bit, moves.size) == (24, 12)
    assert pan.usage(0) == 0xC0238
    report = bytearray(8)
    for x, y in ((-2047, 2047), (1, -1), (-1, 0x123), (0, -2)):
        moves.set(report, x, 0)
        moves.set(report, y, 1)
        assert (moves.get(report, 0), moves.get(report, 1)) == (x, y)
    wheel.set(report, -3)
    assert report[6] == 0xFD and wheel.get(report) == -3
    assert hidfield.extract(b"\xf0\xff\x0f", 4, 16) == 0xFFFF
    assert hidfield.extract(b"\xff\x00\xff\x00\xff", 7, 32) == 0xFE01FE01
    assert hidfield.extract(b"", 0, 0) == 0
    raises(IndexError, hidfield.extract, b"\1\2", 9, 8)


def test_gamepad():
    found = hidreport.parse(known.GAMEPAD)
    assert found.size(hidfield.INPUT) == 8 and found.size(hidfield.OUTPUT) == 7
    axes, hat, buttons, vendor, out = found.fields
    assert usages(axes) == [0x10030, 0x10031, 0x10032, 0x10032, 0x10035]
    assert (hat.bit, hat.size) == (40, 4) and hat.flags & hidfield.NULL_STATE
    assert hat.unit == 0x14 and hat.physical(2) == 90.0  # degrees
    assert buttons.count == 12 and usages(vendor) == [0xFF000001] * 8
    assert out.application == 0x10005 and out.collection == 2
    assert axes.index(0x10035) == 4 and axes.index(0x10032) == 2 and axes.index(0x10033) == -1


def test_units_push_and_pop():
    found = hidreport.parse(known.PEN)
    x, y, raw = found.fields[2:5]
    assert x.unit == y.unit == 0x13 and x.exponent == y.exponent == -3
    assert x.logical_max == 25000 and abs(x.physical(25000) - 4.3) < 1e-9
    assert abs(y.physical(0x40C8) - 2.826) < 1e-9
    assert (raw.unit, raw.exponent, raw.logical_max) == (0, 0, 1023)
    assert raw.usage(0) == 0xD0030  # the page was pushed, too
    assert found.size(hidfield.INPUT, 7) == 8


def test_usages_of_four_bytes_and_the_page_at_the_main_item():
    found = hidreport.parse(bytes([0x0B, 2, 0, 9, 0, 0x09, 5, 0x05, 1, 0x75, 8, 0x95, 3, 0x81, 2]))
    assert usages(found.fields[0]) == [0x90002, 0x10005, 0x10005]  # the last one again


def test_one_of_alternatives_is_taken():
    data = bytes([0x05, 1, 0xA9, 1, 0x09, 0x30, 0x09, 0x31, 0xA9, 0, 0x09, 0x32])
    found = hidreport.parse(data + bytes([0x75, 8, 0x95, 2, 0x81, 2]))
    assert usages(found.fields[0]) == [0x10030, 0x10032]


def test_an_array_of_scattered_usages():
    data = bytes([0x05, 12, 0x15, 1, 0x25, 3, 0x0A, 0xCD, 0, 0x09, 0xB5, 0x09, 0xB6, 0x75, 2])
    field = hidreport.parse(data + bytes([0x95, 4, 0x81, 0])).fields[0]
    assert [field.get(b"\xe4", n) for n in range(4)] == [0, 1, 2, 3]
    assert [field.usage(value - 1) for value in (0, 1, 2, 3, 4)] == [
        None, 0xC00CD, 0xC00B5, 0xC00B6, None,
    ]  # fmt: skip
    assert field.index(0xC00B6) == 2


def test_lights():
    found = hidleds.find(hidreport.parse(known.NKRO_KEYBOARD))
    assert [(bit, field.bit, n) for bit, field, n in found] == [(0, 8, 0), (1, 8, 1), (2, 8, 2)]
    array = known.BOOT_KEYBOARD.replace(b"\x91\x02", b"\x91\x00")
    assert hidleds.find(hidreport.parse(array)) == []
    assert hidleds.find(hidreport.parse(known.BOOT_MOUSE)) == []


def test_fields_before_the_first_id_are_dropped():
    data = bytes([0x05, 1, 0x75, 8, 0x95, 1, 0x09, 0x30, 0x81, 2, 0x85, 3, 0x09, 0x31, 0x81, 2])
    found = hidreport.parse(data)
    assert [field.id for field in found.fields] == [3] and found.ids(hidfield.INPUT) == [3]


def test_long_and_reserved_items_are_skipped():
    data = bytes([0xFE, 3, 0xF0, 1, 2, 3, 0xC8, 0x7C]) + known.BOOT_MOUSE
    data = data[:6] + data[8:]
    assert hidreport.parse(data).size(hidfield.INPUT) == 3


def test_empty():
    found = hidreport.parse(b"")
    assert found.fields == [] and found.ids(hidfield.INPUT) == [] and found.applications == []


def refused(*data):
    raises(ValueError, hidreport.parse, bytes(data))


def test_refused():
    for n in range(0, 62, 2):
        refused(*known.BOOT_KEYBOARD[:n] + b"\x27")  # an item without its four bytes
    refused(*known.BOOT_MOUSE[:-1])  # a collection does not end
    refused(*known.BOOT_MOUSE + b"\xc0")
    refused(0xB4)  # pop
    refused(*[0xA4] * 17)
    refused(*[0xA1, 1] * 33)
    refused(*[0xA1, 1, 0xC0] * 257)
    refused(0x85, 0)
    refused(0x86, 0, 1)
    refused(0x76, 1, 1)  # 257 bits
    refused(0x97, 0, 0, 1, 0)  # 65536 elements
    refused(0x75, 32, 0x96, 1, 4, 0x81, 2)  # 4100 bytes
    refused(0x19, 5, 0x29, 4)
    refused(0xFE, 9)
    refused(0xFE, 9, 1, 2)
    refused(*[0x75, 1, 0x95, 1] + [0x09, 1, 0x81, 2] * 513)
    refused(*bytes(4097))


def test_text():
    lines = list(hidtext.lines(known.BOOT_KEYBOARD))
    assert lines[:4] == [
        "0000  05 01          Usage Page (Generic Desktop)",
        "0002  09 06          Usage (Keyboard)",
        "0004  a1 01          Collection (Application)",
        "0006  05 07            Usage Page (Keyboard)",
    ]
    assert lines[4].endswith("    Usage Minimum (0xe0)")
    assert lines[-1] == "003e  c0             End Collection"
    assert any([line.endswith("Input (Data, Var, Abs)") for line in lines])
    for _, data in known.ALL:
        text = list(hidtext.lines(data))
        assert not any(["Reserved" in line for line in text]), text
    assert list(hidtext.lines(b"\x05"))[-1] == "item at 0 is cut off"
    assert len(list(hidtext.lines(bytes(4096)))) == 401


def test_hexdump():
    assert list(hidtext.hexdump(bytes(range(17)))) == [
        "0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
        "0010  10",
    ]
