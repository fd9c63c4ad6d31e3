"""Text as keys, and keys as scancodes."""

import string

import pytest

from pyrallax.vm.config import Config
from pyrallax.vm.keys import SCANCODES, Keyboard, chord, chords
from pyrallax.vm.qemu import Vm

pytestmark = pytest.mark.host

# Set 1 of the IBM PC AT: a few of each row, and what Parallels' scripts use (Enter, Super).
KNOWN = {
    "esc": (1,),
    "0": (11,),
    "q": (16,),
    "ret": (28,),
    "a": (30,),
    "backslash": (43,),
    "slash": (53,),
    "spc": (57,),
    "f10": (68,),
    "kp_decimal": (83,),
    "f12": (88,),
    "meta_l": (224, 91),
    "delete": (224, 83),
}


def test_known_codes():
    assert {name: SCANCODES[name] for name in KNOWN} == KNOWN
    assert len(set(SCANCODES.values())) == len(SCANCODES)
    assert all(0 < code[-1] < 0x80 for code in SCANCODES.values())


def test_every_printable_character_has_keys():
    text = "".join(c for c in string.printable if c not in "\r\x0b\x0c")
    typed = dict(zip(text, chords(text), strict=True))
    assert typed["a"] == ("a",) and typed["A"] == ("shift", "a") and typed["\n"] == ("ret",)
    assert typed['"'] == ("shift", "apostrophe") and typed["-"] == ("minus",)
    assert len(set(typed.values())) == len(text)


@pytest.mark.parametrize("text", ["é", "a\x03", "ß", "İ"])
def test_what_no_key_types_is_refused(text):
    sent = []
    with pytest.raises(ValueError, match="no "):
        Keyboard(sent.append, 0).type("x" + text)
    assert not sent


def test_a_chord_goes_down_and_up_again():
    sent = []
    Keyboard(sent.append, 0).press("ctrl-alt+delete")
    down = [("ctrl", True), ("alt", True), ("delete", True)]
    assert sent == [down + [(name, False) for name, _ in reversed(down)]]
    with pytest.raises(ValueError, match="no such key: 'control'"):
        chord("control-c")


def test_names_are_qemus(tmp_path):
    """Each name is one that QEMU's monitor takes; it refuses others, and all while paused."""
    firmware = tmp_path / "nothing.bin"
    firmware.write_bytes(bytes(64))
    with Vm(Config(firmware=firmware, memory=64, device=["virtio-keyboard-pci"])) as vm:
        for name in SCANCODES:
            vm.keyboard.press(name)
        assert vm.evidence() == ""
