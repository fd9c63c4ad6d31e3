"""What a terminal sends, as keys."""

import pytest

from pyrallax.vm.prl.keyline import keys_of

pytestmark = pytest.mark.host


@pytest.mark.parametrize(
    "data, keys",
    [
        (b"a A", [("a",), ("spc",), ("shift", "a")]),
        (b"\r\n", [("ret",), ("ret",)]),
        (b"\x01\x03\x04\x05\x1a", [("ctrl", c) for c in "acdez"]),
        (b"\t\x08\x7f", [("tab",), ("backspace",), ("backspace",)]),
        (b"\x1b[A\x1b[3~\x1b[", [("up",), ("delete",), ("esc",), ("bracket_left",)]),
        (b"", []),
    ],
)
def test_keys(data, keys):
    assert list(keys_of(data)) == keys


@pytest.mark.parametrize("data", [b"\x00", b"\x1c", b"\xff", "é".encode()])
def test_what_no_key_types(data):
    with pytest.raises(ValueError, match="keyboard has no"):
        list(keys_of(data))
