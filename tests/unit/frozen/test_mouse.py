"""Mice: reports to places, buttons, wheel; and that none of it allocates."""

import gc
import sys

import hid_descriptors as known
import hidreport
import mouse
from raising import raises

AREA = "usb"


class Rig:
    def __init__(self, descriptor=known.QEMU_MOUSE, id=0):
        self.pointer = mouse.Pointer()
        self.told = []
        self.pointer.listen(lambda *event: self.told.append(event))
        self.mouse = self.plug(descriptor, id)

    def plug(self, descriptor, id=0):
        return mouse.Mouse(self.pointer, mouse.pointer_fields(hidreport.parse(descriptor))[id])

    def report(self, *data):
        """What it told."""
        data = bytes([byte & 0xFF for byte in data])
        self.mouse.report(data, len(data))
        told = self.told[:]
        del self.told[:]
        return told


def test_relative():
    rig = Rig()
    assert rig.report(0, 5, 7, 0) == [(5, 7, 0, 0)]
    assert rig.report(0, -3, -128, 0) == [(2, 0, 0, 0)]  # not beyond the edge
    assert (rig.pointer.dx, rig.pointer.dy) == (-3, -128)
    assert rig.report(0, 0, -1, 0) == [(2, 0, 0, 0)]  # it pushes
    assert rig.report(0, 0, 0, 0) == []
    assert rig.report(1, 0, 0, 0) == [(2, 0, mouse.LEFT, 0)]
    assert rig.report(0b110, 0, 0, 1) == [(2, 0, mouse.RIGHT | mouse.MIDDLE, 1)]
    assert rig.report(0b110, 0, 0, 0) == []
    assert rig.report(0, 0, 0, -2) == [(2, 0, 0, -2)] and rig.pointer.wheel == -2
    assert rig.pointer.count == 6


def test_boot_descriptor():
    rig = Rig(known.BOOT_MOUSE)
    assert rig.report(4, 127, 1) == [(127, 1, mouse.MIDDLE, 0)]


def test_absolute_is_exact():
    rig = Rig(known.QEMU_TABLET)
    for x, y in ((0, 1), (32767, 32767), (0x1234, 0x0FED), (32767, 0)):
        assert rig.report(0, x, x >> 8, y, y >> 8, 0) == [(x, y, 0, 0)]
    rig.pointer.screen(1920, 1080)
    assert (rig.pointer.x, rig.pointer.y) == (1919, 0)
    for x in range(0, 32768, 111):
        rig.report(0, x, x >> 8, x, x >> 8, 0)
        assert (rig.pointer.x, rig.pointer.y) == (x * 1920 // 32768, x * 1080 // 32768)
    assert rig.report(1, x, x >> 8, x, x >> 8, -1)[0][2:] == (1, -1)
    for size in ((0, 5), (5, 0), (5, 65537)):
        raises(ValueError, rig.pointer.screen, *size)


def test_outside_of_what_it_can_say():
    rig = Rig(known.QEMU_TABLET)
    rig.report(0, 5, 0, 6, 0, 0)
    assert rig.report(0, 0xFF, 0xFF, 7, 0, 0) == [(5, 7, 0, 0)]


def test_parallels_with_an_id():
    rig = Rig(known.PARALLELS_MOUSE, 1)
    assert rig.report(1, 1, 0xFF, 0x7F, 0, 0x40, 0xFF) == [(32767, 0x4000, 1, -1)]


def test_twelve_bits_sixteen_buttons_and_pan():
    rig = Rig(known.LOGITECH_MOUSE, 2)
    # x 300, y -300: ed4 << 12 | 12c
    assert rig.report(2, 0, 0x80, 0x2C, 0x41, 0xED, 1, -1) == [(300, 0, 0x8000, 1)]
    assert (rig.pointer.dx, rig.pointer.dy, rig.pointer.pan) == (300, -300, -1)


def test_pen():
    rig = Rig(known.PEN, 7)
    x, y = 25000, 0x40C8 // 2
    told = rig.report(7, 0b10001, x, x >> 8, y, y >> 8, 0, 0)
    assert told == [(25000 * 32768 // 25001, y * 32768 // 0x40C9, mouse.LEFT, 0)]


def test_parts_of_a_notch():
    rig = Rig()
    rig.mouse.counts = 8
    assert rig.report(0, 0, 0, 7) == [(0, 0, 0, 0)] and rig.pointer.fine == 105
    assert rig.report(0, 0, 0, 1) == [(0, 0, 0, 1)] and rig.pointer.fine == 15
    assert rig.report(0, 0, 0, 0) == []
    assert rig.report(0, 0, 0, -20) == [(0, 0, 0, -2)]
    assert rig.report(0, 0, 0, -4) == [(0, 0, 0, -1)]
    assert rig.report(0, 0, 0, -7) == [(0, 0, 0, 0)]
    assert rig.report(0, 0, 0, 7) == [(0, 0, 0, 0)]  # turned round
    assert rig.report(0, 0, 0, 1) == [(0, 0, 0, 1)]


def test_two_together():
    rig = Rig()
    tablet = rig.plug(known.QEMU_TABLET)
    rig.report(1, 9, 9, 0)
    tablet.report(bytes([2, 100, 0, 100, 0, 0]), 6)
    assert rig.told == [(100, 100, 3, 0)]
    tablet.detached()
    tablet.detached()
    assert rig.told[1:] == [(100, 100, 1, 0)]


def test_no_pointer():
    for descriptor in (known.GAMEPAD, known.QEMU_KEYBOARD, known.NKRO_KEYBOARD):
        assert mouse.pointer_fields(hidreport.parse(descriptor)) == {}
    assert mouse.pointer() is mouse.pointer()


def test_nothing_is_allocated():
    """Where gc tells: MicroPython."""
    if sys.implementation.name != "micropython":
        return
    for descriptor, id, one, two in (
        (known.QEMU_MOUSE, 0, b"\1\5\5\0", b"\0\xfb\xfb\1"),
        (known.QEMU_TABLET, 0, b"\1\5\5\6\6\0", b"\0\xff\x7f\0\0\1"),
        (known.LOGITECH_MOUSE, 2, b"\2\1\0\x2c\x41\xed\1\xff", b"\2\0\0\xff\xff\xff\0\0"),
    ):
        pointer = mouse.Pointer()
        seen = [0]

        def listener(x, y, buttons, wheel, seen=seen):
            seen[0] += 1

        pointer.listen(listener)
        fields = mouse.pointer_fields(hidreport.parse(descriptor))[id]
        one_mouse = mouse.Mouse(pointer, fields)
        for _ in range(4):
            one_mouse.report(one, len(one))
            one_mouse.report(two, len(two))
        before = seen[0]
        gc.collect()
        gc.disable()
        used = gc.mem_alloc()
        for _ in range(500):
            one_mouse.report(one, len(one))
            one_mouse.report(two, len(two))
        used = gc.mem_alloc() - used
        gc.enable()
        assert used == 0, (id, used)
        assert seen[0] - before == 1000
