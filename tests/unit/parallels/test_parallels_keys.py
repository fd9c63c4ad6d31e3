"""A machine's keys and pictures in Parallels."""

import pytest

from pyrallax.vm import parallels
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host


def test_keys_are_one_batch_of_decimal_scancodes(prl, vm):
    with vm:
        vm.keyboard.type("Hi\n")
        vm.keyboard.press("ctrl-meta_l")
    typed, pressed = prl.keys()
    codes = [(e["scancode"], e["event"][0]) for e in typed if "scancode" in e]
    assert codes == [(42, "p"), (35, "p"), (35, "r"), (42, "r")] + [
        (code, event) for code in (23, 28) for event in "pr"
    ]
    assert all(set(e) == {"delay"} for e in typed[1::2])
    assert [e["scancode"] for e in pressed if "scancode" in e] == [29, 224, 91, 224, 91, 29]
    assert len(prl.calls("send-key-event")) == 2
    asked = [words for words in prl.calls("list") if "--info" in words]
    assert len(asked) == 3  # to make it, for its folder, to stop it


@pytest.mark.parametrize(
    "failure, reason",
    [
        ({"locked": True}, "screen is locked.*unlock it"),
        ({"keyboard-not-ready": True}, "start a fresh one"),
        ({"no-keys": True}, "type in the machine's window"),
    ],
    ids=str,
)
def test_keys_that_would_be_lost(prl, vm, failure, reason):
    with vm:
        prl.inject(**failure)
        with pytest.raises(Unfit, match=reason):
            vm.keyboard.type("x")
    assert prl.keys() == []


def test_pictures_may_be_black_at_first(prl, vm, said, tmp_path):
    with vm:
        prl.inject(warm_up=60)
        assert vm.screenshot(tmp_path / "black.png").is_file()
        assert "black.png is all black" in said[-1] and "later" in said[-1]
        prl.inject()
        vm.screenshot(tmp_path / "grey.png")
        assert len(said) == 1
        prl.inject(warm_up=1000)
        vm._started -= parallels.screen.WARM_UP_S
        vm.screenshot(tmp_path / "later.png")
    assert len(said) == 1  # then black is what it shows
