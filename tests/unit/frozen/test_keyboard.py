"""Keyboards: reports to events; repeat, locks; and that none of it allocates."""

import gc
import sys

import hid_descriptors as known
import hidfield
import hidreport
import keyboard

from key_rig import Rig, Timer

AREA = "usb"

_SHIFT = 0x02
_A = 0x04


def test_keys_go_down_and_up():
    rig = Rig()
    rig.boot(0, _A)
    rig.boot(0, _A)  # again: nothing new
    rig.boot(0, _A, 5)
    rig.boot(0, 5)
    rig.boot(0)
    assert rig.events() == [
        (4, keyboard.DOWN, 0, ord("a")),
        (5, keyboard.DOWN, 0, ord("b")),
        (4, keyboard.UP, 0, 0),
        (5, keyboard.UP, 0, 0),
    ]
    assert rig.keys.count == 4 and rig.typed == b"ab"


def test_a_modifier_of_the_same_report_counts():
    rig = Rig()
    rig.boot(_SHIFT, _A)
    rig.boot(0)
    assert rig.events() == [
        (0xE1, keyboard.DOWN, 2, 0),
        (4, keyboard.DOWN, 2, ord("A")),
        (0xE1, keyboard.UP, 0, 0),
        (4, keyboard.UP, 0, 0),
    ]


def test_too_many_keys_change_modifiers_only():
    rig = Rig()
    rig.boot(0, _A)
    rig.boot(_SHIFT, 1, 1, 1, 1, 1, 1)
    rig.boot(_SHIFT, _A)
    assert rig.events() == [(4, 1, 0, ord("a")), (0xE1, 1, 2, 0)]
    assert rig.keyboard.down[0] == 0x10


def test_usages_that_are_no_keys():
    rig = Rig()
    for usage in (0, 2, 3, 0xFF):
        rig.boot(0, usage)
    assert [event for event in rig.events() if event[0] < 4] == []
    rig = Rig(known.BOOT_KEYBOARD)
    rig.boot(0, 0x66)  # above what it said it has
    assert rig.events() == []


def test_nkro_bitmap():
    rig = Rig(known.NKRO_KEYBOARD, id=6)
    report = bytearray(32)
    report[0] = 6
    for usage in range(4, 0x1E):
        report[2 + (usage >> 3)] |= 1 << (usage & 7)
    rig.keyboard.report(report, 32)
    assert len(rig.told) == 26 and sorted(rig.typed) == list(b"abcdefghijklmnopqrstuvwxyz")
    report[1] = 0x20
    rig.keyboard.report(report, 32)
    assert rig.told[-1] == (0xE5, keyboard.DOWN, 0x20, 0)
    rig.keyboard.report(bytes([6] + [0] * 31), 32)
    assert len(rig.told) == 54 and rig.keys.modifiers == 0


def test_parallels_nine_bytes():
    rig = Rig(known.PARALLELS_KEYBOARD, id=1)
    rig.keyboard.report(bytes([1, 2, 4, 5, 6, 7, 8, 9, 10]), 9)
    assert sorted(rig.typed) == list(b"ABCDEFG")
    assert rig.told[0] == (0xE1, keyboard.DOWN, 2, 0)


def test_a_key_that_two_interfaces_tell_of_goes_down_once():
    rig = Rig()
    second = rig.plug(known.PARALLELS_KEYBOARD, 1)
    rig.boot(_SHIFT, _A)
    second.report(bytes([1, 2, 4, 0, 0, 0, 0, 0, 0]), 9)
    assert len(rig.events()) == 2
    rig.boot(0)
    assert rig.events() == []
    second.report(bytes([1, 0, 0, 0, 0, 0, 0, 0, 0]), 9)
    assert rig.events() == [(0xE1, 0, 0, 0), (4, 0, 0, 0)]
    rig.boot(0, _A)
    rig.keyboard.detached()
    assert rig.told[-1] == (4, keyboard.UP, 0, 0) and not any(rig.keyboard.down)
    rig.keyboard.detached()
    second.report(bytes([1, 0, 4, 0, 0, 0, 0, 0, 0]), 9)
    assert rig.told[-1] == (4, keyboard.DOWN, 0, ord("a"))


def test_locks_and_their_leds():
    rig = Rig()
    assert rig.leds == [keyboard.NUM_LOCK]
    assert rig.press(0x39) == "" and rig.leds[-1] == keyboard.NUM_LOCK | keyboard.CAPS_LOCK
    assert rig.press(_A) == "A" and rig.press(_A, _SHIFT) == "a" and rig.press(0x1E) == "1"
    rig.press(0x39)
    assert rig.press(_A) == "a" and rig.leds[-1] == keyboard.NUM_LOCK
    assert rig.press(0x59) == "1" and rig.press(0x63) == "."
    rig.press(0x53)
    assert rig.leds[-1] == 0
    assert rig.press(0x59) == "\x1b[F" and rig.press(0x60) == "\x1b[A" and rig.press(0x5D) == ""
    rig.plug(known.BOOT_KEYBOARD)
    assert rig.leds == [1, 3, 1, 0, 0]


def test_repeat():
    rig = Rig()
    rig.boot(0, _A)
    assert (rig.timer.mode, rig.timer.period) == (1, 500)
    rig.timer.fire()
    assert (rig.timer.mode, rig.timer.period) == (2, 33)
    rig.timer.fire()
    assert rig.typed == b"aaa" and rig.told[-1] == (4, keyboard.REPEAT, 0, ord("a"))
    rig.boot(0, _A, 5)  # the newer key repeats
    rig.timer.fire()
    assert rig.typed == b"aaabb" and rig.timer.mode == 2
    rig.boot(_SHIFT, 5)
    rig.timer.fire()
    assert rig.typed == b"aaabbB"
    rig.boot(0)
    assert rig.timer.callback is None
    rig.boot(_SHIFT)
    assert rig.timer.callback is None
    rig.keys.repeat_ms = None
    rig.boot(0, _A)
    assert rig.timer.callback is None


def test_a_listener_that_raises_is_taken_off():
    rig = Rig()
    told = []

    def bad(*event):
        raise ValueError("no")

    rig.keys.listen(bad)
    rig.keys.listen(lambda *event: told.append(event))
    rig.press(_A)
    assert len(told) == 2 and bad not in rig.keys._listeners
    rig.keys.unlisten(bad)


def test_nothing_is_allocated():
    """Where gc tells: MicroPython."""
    if sys.implementation.name != "micropython":
        return
    last = bytearray(1)

    class Sink:
        def put(self, byte):
            last[0] = byte

    seen = [0]

    def listener(usage, action, modifiers, char):
        seen[0] += 1

    for descriptor, id, one, two in (
        (known.QEMU_KEYBOARD, 0, bytes([2, 0, 4, 5, 6, 7, 8, 9]), bytes(8)),
        (known.PARALLELS_KEYBOARD, 1, bytes([1, 2, 4, 5, 6, 7, 8, 9, 52]), b"\1" + bytes(8)),
        (known.NKRO_KEYBOARD, 6, bytes([6, 0x40] + [0xF0] * 10 + [0] * 20), b"\6" + bytes(31)),
    ):
        keys = keyboard.Keys(Sink().put, Timer())
        keys.layout = "de"
        keys.listen(listener)
        board = keyboard.Keyboard(keys, keyboard.key_fields(hidreport.parse(descriptor))[id])
        for _ in range(4):
            board.report(one, len(one))
            board.report(two, len(two))
        before = seen[0]
        gc.collect()
        gc.disable()
        used = gc.mem_alloc()
        for _ in range(500):
            board.report(one, len(one))
            board.report(two, len(two))
        used = gc.mem_alloc() - used
        gc.enable()
        assert used == 0, (id, used)
        assert seen[0] - before >= 500 * 14


def test_what_a_report_costs_has_bounds():
    usages = b"".join([b"\x0a\x04\x00\x0a\x05\x00" for _ in range(500)])  # 1,000 of one element
    head = b"\x05\x01\x09\x06\xa1\x01\x05\x07\x15\x00\x25\x01\x75\x01"
    many = head + usages + b"\x96\x00\x04\x81\x02\xc0"
    fields = keyboard.key_fields(hidreport.parse(many))[0]
    board = keyboard.Keyboard(keyboard.Keys(), fields)
    asked = []
    usage = hidfield.Field.usage
    hidfield.Field.usage = lambda *args: asked.append(args)
    try:
        board.report(b"\xff" * 128, 128)
    finally:
        hidfield.Field.usage = usage
    assert asked == [] and board.down[0] == 0x30
    for times, over in ((1, False), (2, True)):
        part = b"\x19\x04\x29\x65\x96\x01\x02\x81\x02"  # 513 elements
        reports = hidreport.parse(head + part * times + b"\xc0")
        try:
            keyboard.Keyboard(keyboard.Keys(), keyboard.key_fields(reports)[0])
            assert not over
        except ValueError as why:
            assert over and "1026 keys" in str(why)
