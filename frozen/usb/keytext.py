"""From keys to characters: shift states, locks, dead keys, and what a terminal sends."""

from micropython import const

# Keyboard.modifiers, and byte 0 of a boot report (HID 1.11 §8.3)
_CTRL = const(0x11)
_SHIFT = const(0x22)
_ALT = const(0x44)
_RIGHT_ALT = const(0x40)
_GUI = const(0x88)

_NUM_LOCK = const(1)
_CAPS_LOCK = const(2)

_ESC = const(0x1B)
_DELETE = const(0x7F)

_CONTROLS = b"\r\x1b\x7f\t "  # usages 0x28 to 0x2C: Enter, Escape, Backspace, Tab, Space
_KEYPAD = b"/*-+\r1234567890"  # usages 0x54 to 0x62; 0x63 is the decimal separator
# What the keys 1 to 9, 0 and decimal of the keypad are without Num Lock
_KEYPAD_PLAIN = b"\x4d\x51\x4e\x50\x00\x4f\x4a\x52\x4b\x49\x4c"
# Usages 0x3A to 0x45 (F1 to F12) and 0x49 to 0x52, in the words of xterm (ECMA-48 CSI and SS3):
# a letter, or a number before ~.
_FUNCTION = (b"P", b"Q", b"R", b"S", b"15", b"17", b"18", b"19", b"20", b"21", b"23", b"24")
_MOVE = (b"2", b"H", b"5", b"3", b"F", b"6", b"C", b"D", b"B", b"A")


def move(usage, locks):
    """The key that a key of the keypad is without Num Lock, or the key itself."""
    if 0x59 <= usage <= 0x63 and not locks & _NUM_LOCK:
        return _KEYPAD_PLAIN[usage - 0x59]
    return usage


class Text:
    """Characters of the keys that go down.  layout: a keylayouts.Layout."""

    def __init__(self, layout):
        self.layout = layout
        self.dead = 0  # the dead key that waits for its letter

    def char(self, usage, modifiers, locks):
        """Code point a key makes now, or 0."""
        layout = self.layout
        altgr = layout.altgr and bool(modifiers & _RIGHT_ALT)
        if modifiers & _GUI:
            return 0
        if 0x28 <= usage <= 0x2C:
            code = _CONTROLS[usage - 0x28]
        elif 0x54 <= usage <= 0x63:
            if move(usage, locks) != usage:
                return 0
            code = layout.decimal if usage == 0x63 else _KEYPAD[usage - 0x54]
        else:
            code = layout.char(usage, modifiers & _SHIFT, altgr, locks & _CAPS_LOCK)
        if modifiers & _CTRL and not altgr:
            return _control(code)
        return code

    def text(self, code):
        """What comes of a code point behind a dead key: (to type first or 0) << 16 | to type."""
        dead = self.dead
        if not code:  # a cursor key, say: what waits goes on waiting
            return 0
        if not dead:
            if 0x300 <= code < 0x370:
                self.dead = code
                return 0
            return code
        self.dead = 0
        if code == _DELETE or code == _ESC:
            return 0  # takes the accent back
        both = self.layout.compose(dead, code)
        if both:
            return both
        if 0x300 <= code < 0x370:
            self.dead = code
            code = 0
        return self.layout.compose(dead, 0x20) << 16 | code


def _control(code):
    if 0x61 <= code <= 0x7A or 0x40 <= code <= 0x5F:
        return code & 0x1F
    if code == 0x3F:
        return _DELETE
    return code if code < 0x20 or code == _DELETE else 0


def utf8(code, put):
    """put(byte) for each byte of a code point."""
    if code < 0x80:
        put(code)
        return
    if code < 0x800:
        put(0xC0 | code >> 6)
    else:
        put(0xE0 | code >> 12)
        put(0x80 | code >> 6 & 0x3F)
    put(0x80 | code & 0x3F)


def terminal(usage, modifiers, locks, code, put):
    """put(byte) for what a terminal sends for a key and the code point it made.

    AltGr is no modifier here.
    """
    if code or usage == 0x2C and modifiers & _CTRL:  # Ctrl-Space is NUL
        if modifiers & _ALT and code < 0x80:
            put(_ESC)
        utf8(code, put)
        return
    usage = move(usage, locks)
    if 0x3A <= usage <= 0x45:
        word = _FUNCTION[usage - 0x3A]
    elif 0x49 <= usage <= 0x52:
        word = _MOVE[usage - 0x49]
    else:
        return
    state = bool(modifiers & _SHIFT) + 2 * bool(modifiers & _ALT) + 4 * bool(modifiers & _CTRL)
    letter = word[0] >= 0x41
    put(_ESC)
    put(0x4F if letter and usage < 0x3E and not state else 0x5B)
    if not letter:
        for byte in word:
            put(byte)
    elif state:
        put(0x31)
    if state:
        put(0x3B)
        put(0x31 + state)
    put(word[0] if letter else 0x7E)
