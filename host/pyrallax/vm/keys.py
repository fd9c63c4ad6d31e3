"""Keys of a US keyboard by name, with their PS/2 scancodes (set 1), and text as keys.

Names are QEMU's key codes (qapi/ui.json, QKeyCode).  Codes: IBM PC AT Technical Reference, set 1;
a key with the prefix E0 is a pair.
"""

import time
from collections.abc import Callable, Iterable, Iterator

_E0 = 0xE0

SCANCODES: dict[str, tuple[int, ...]] = {}


def _row(first: int, names: str) -> None:
    SCANCODES.update({name: (first + i,) for i, name in enumerate(names.split())})


_row(0x01, "esc 1 2 3 4 5 6 7 8 9 0 minus equal backspace tab")
_row(0x10, "q w e r t y u i o p bracket_left bracket_right ret ctrl")
_row(0x1E, "a s d f g h j k l semicolon apostrophe grave_accent shift backslash")
_row(0x2C, "z x c v b n m comma dot slash shift_r kp_multiply alt spc caps_lock")
_row(0x3B, "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 num_lock scroll_lock")
_row(0x47, "kp_7 kp_8 kp_9 kp_subtract kp_4 kp_5 kp_6 kp_add kp_1 kp_2 kp_3 kp_0 kp_decimal")
_row(0x56, "less f11 f12")
SCANCODES |= {
    name: (_E0, code)
    for name, code in {
        "kp_enter": 0x1C,
        "ctrl_r": 0x1D,
        "kp_divide": 0x35,
        "alt_r": 0x38,
        "home": 0x47,
        "up": 0x48,
        "pgup": 0x49,
        "left": 0x4B,
        "right": 0x4D,
        "end": 0x4F,
        "down": 0x50,
        "pgdn": 0x51,
        "insert": 0x52,
        "delete": 0x53,
        "meta_l": 0x5B,
        "meta_r": 0x5C,
        "menu": 0x5D,
    }.items()
}

_PLAIN = {
    " ": "spc",
    "\n": "ret",
    "\t": "tab",
    "-": "minus",
    "=": "equal",
    "[": "bracket_left",
    "]": "bracket_right",
    ";": "semicolon",
    "'": "apostrophe",
    "`": "grave_accent",
    "\\": "backslash",
    ",": "comma",
    ".": "dot",
    "/": "slash",
}
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))

Chord = tuple[str, ...]  # keys that are down together, in the order they go down


def chords(text: str) -> Iterator[Chord]:
    """The keys that type this text on a US keyboard.  Raises ValueError for other characters."""
    for character in text:
        base = _SHIFTED.get(character, character.lower())
        name = _PLAIN.get(base, base)
        if name not in SCANCODES:
            raise ValueError(f"a US keyboard has no {character!r}")
        shifted = character in _SHIFTED or character != character.lower()
        yield ("shift", name) if shifted else (name,)


def chord(keys: str) -> Chord:
    """Names joined by `+` or `-` as QEMU's sendkey takes them.  Raises ValueError."""
    names = tuple(keys.replace("+", "-").split("-"))
    for name in names:
        if name not in SCANCODES:
            raise ValueError(f"no such key: {name!r} (names are QEMU's, such as ctrl, ret, f1)")
    return names


class Keyboard:
    """Types by a function that takes (key name, down) pairs in order, all at once.

    pause_s: between chords; a guest that polls slower loses some.
    """

    def __init__(self, send: Callable[[list[tuple[str, bool]]], None], pause_s: float = 0.02):
        self._send = send
        self.pause_s = pause_s

    def type(self, text: str) -> None:
        """Type a text.  Raises ValueError before the first key when a character has none."""
        self._all(list(chords(text)))

    def press(self, keys: str) -> None:
        """Press and release one chord: "ctrl-c", "ret".  Raises ValueError."""
        self._all([chord(keys)])

    def down(self, key: str) -> None:
        """Press one key and hold it."""
        self._send([(name, True) for name in chord(key)])

    def up(self, key: str) -> None:
        """Release one key."""
        self._send([(name, False) for name in reversed(chord(key))])

    def _all(self, wanted: Iterable[Chord]) -> None:
        for keys in wanted:
            self._send([(k, True) for k in keys] + [(k, False) for k in reversed(keys)])
            time.sleep(self.pause_s)
