"""From keys to characters: layouts, dead keys, what a terminal sends."""

import keyboard
import keylayouts
from raising import raises

from key_rig import Rig

AREA = "usb"

_SHIFT = 0x02
_ALTGR = 0x40
_A = 0x04


def test_what_a_terminal_sends():
    rig = Rig()
    for usage, modifiers, text in (
        (0x28, 0, "\r"),
        (0x29, 0, "\x1b"),
        (0x2A, 0, "\x7f"),
        (0x2B, 0, "\t"),
        (0x2C, 0, " "),
        (0x06, 0x01, "\x03"),  # Ctrl-C
        (0x06, 0x11, "\x03"),
        (0x2C, 0x01, "\0"),
        (0x2F, 0x10, "\x1b"),  # Ctrl-[
        (0x05, 0x04, "\x1bb"),  # Alt-B
        (0x05, 0x40, "\x1bb"),  # US has no AltGr
        (0x05, 0x08, ""),
        (0x52, 0, "\x1b[A"),
        (0x50, 0x01, "\x1b[1;5D"),
        (0x4C, 0, "\x1b[3~"),
        (0x4C, 0x02, "\x1b[3;2~"),
        (0x3A, 0, "\x1bOP"),
        (0x3D, 0x06, "\x1b[1;4S"),
        (0x3E, 0, "\x1b[15~"),
        (0x45, 0, "\x1b[24~"),
        (0x46, 0, ""),
    ):
        assert rig.press(usage, modifiers) == text, (usage, modifiers)
    rig.keys.repl = False
    assert rig.press(_A) == ""


def typed(layout, *presses):
    rig = Rig(layout=layout)
    return "".join([rig.press(*press) for press in presses])


def test_layouts():
    assert keylayouts.names() == ["de", "fr", "uk", "us"]
    raises(ValueError, keylayouts.Layout, "klingon")
    for name in keylayouts.names():
        layout = keylayouts.Layout(name)
        made = set()
        for usage in range(256):
            for shift, altgr in ((0, 0), (1, 0), (0, 1), (1, 1)):
                made.add(layout.char(usage, shift, altgr, False))
        missing = [c for c in range(0x21, 0x7F) if c not in made]
        dead = [c for c in missing if any(layout.compose(d, 0x20) == c for d in made)]
        assert missing == dead, (name, missing)  # all of ASCII can be typed
    for usage in list(range(0, 4)) + [0x28, 0x2C, 0x39, 0x65, 0xE0, 255]:
        assert keylayouts.Layout("fr").char(usage, 1, 1, 1) == 0
    assert typed("us", (0x1F, _SHIFT), (0x34, _SHIFT), (0x35, _SHIFT), (0x31,)) == '@"~\\'
    assert typed("uk", (0x1F, _SHIFT), (0x20, _SHIFT), (0x34, _SHIFT), (0x32,)) == '"£@#'
    assert typed("uk", (0x21, _ALTGR), (_A, _ALTGR), (_A, _ALTGR | _SHIFT), (0x64,)) == "€áÁ\\"
    assert typed("de", (0x1C,), (0x1D,), (0x2D,), (0x33,), (0x34, _SHIFT), (0x2F,)) == "zyßöÄü"
    assert typed("de", (0x14, _ALTGR), (0x24, _ALTGR), (0x27, _ALTGR), (0x64, _ALTGR)) == "@{}|"
    assert typed("de", (0x2D, _ALTGR | _SHIFT), (0x63,), (0x30, _ALTGR)) == "ẞ,~"
    assert typed("fr", (_A,), (0x14,), (0x33,), (0x10,), (0x1E,), (0x1E, _SHIFT)) == "qam,&1"
    assert typed("fr", (0x27, _ALTGR), (0x25, _ALTGR), (0x2E, _ALTGR), (0x35, _SHIFT)) == "@\\}"


def test_caps_lock_is_for_letters():
    assert typed("de", (0x39,), (0x33,), (0x2F,), (0x2D,), (0x1E,), (0x31,)) == "ÖÜß1#"
    assert typed("us", (0x39,), (0x2F,), (0x1C,)) == "[Y"


def test_dead_keys():
    acute, grave, hat = (0x2E,), (0x2E, _SHIFT), (0x35,)
    blank, e, x, big = (0x2C,), (0x08,), (0x1B,), (0x08, _SHIFT)
    assert typed("de", acute, e) == "é" and typed("de", grave, e) == "è"
    assert typed("de", hat, big) == "Ê"
    assert typed("de", hat, blank) == "^" and typed("de", grave, grave) == "`"
    assert typed("de", hat, x) == "^x" and typed("de", hat, acute, e) == "^é"
    assert typed("de", hat, (0x28,)) == "^\r"
    assert typed("de", hat, (0x2A,), e) == "e"  # Backspace takes it back
    assert typed("de", hat, (0x52,), e) == "\x1b[Aê"
    assert typed("fr", (0x1F, _ALTGR), (0x11,)) == "ñ"
    assert typed("fr", (0x2F, _SHIFT), e) == "ë"
    rig = Rig(layout="de")
    rig.press(0x35)
    rig.events()
    rig.boot(0, 0x1B)
    assert rig.events() == [(0x1B, keyboard.TEXT, 0, ord("^")), (0x1B, keyboard.DOWN, 0, ord("x"))]
