"""The REPL client against a fake target with good and bad manners."""

import os

import pytest
from fake_target import FakeTarget, Manners

from pyrallax.repl import Repl, ReplError, ReplTimeout, TargetError, TargetPanic
from pyrallax.wire import Log, Wire, WireClosed

pytestmark = pytest.mark.host


@pytest.fixture
def connect(tmp_path):
    """connect(**manners) -> (Repl, FakeTarget)."""
    wires = []

    def make(**manners):
        target = FakeTarget(Manners(**manners))
        wire = Wire(target.fd, Log(tmp_path / "serial.log"))
        wires.append(wire)
        return Repl(wire, timeout=5), target

    yield make
    for wire in wires:
        wire.close()


GOOD_AND_BAD = [
    {},
    {"split": True},
    {"paste": False},
    {"paste": False, "split": True},
    {"noise": b"boot: \x00\xff garbage >>> raw REPL; CTRL-B\r\n>\x04"},
    {"deaf": 2},
    {"window": 1},
]


@pytest.mark.parametrize("manners", GOOD_AND_BAD, ids=str)
def test_exec_and_eval_survive_manners(connect, manners):
    repl, target = connect(**manners)
    assert repl.exec("x = 6 * 7\nprint(x)\nprint('two')") == "42\ntwo\n"
    assert repl.eval("[x, b'\\x00\\xff', None]") == [42, b"\x00\xff", None]
    assert target.overruns == 0


@pytest.mark.parametrize("manners", [{}, {"split": True}, {"paste": False}], ids=str)
def test_output_that_looks_like_the_protocol(connect, manners):
    """It cannot be told from it; what is asked next is answered all the same."""
    repl, _ = connect(**manners)
    assert repl.eval("1") == 1
    try:
        repl.exec("print('\\x04>\\x04\\x04>')")
    except (TargetError, ReplError):
        pass
    repl.timeout = 2
    assert [repl.eval("6 * 7"), repl.eval("[1]")] == [42, [1]]


def test_long_code_keeps_to_the_window(connect):
    repl, target = connect(window=100)
    text = "a" * 50_000
    assert repl.exec(f"print(len({text!r}))") == "50000\n"
    assert repl.window == 100 and target.overruns == 0


def test_exception_carries_traceback_and_output(connect):
    repl, _ = connect()
    with pytest.raises(TargetError, match="ZeroDivisionError") as caught:
        repl.exec("print('before')\n1/0")
    assert caught.value.stdout == "before\n"
    assert caught.value.traceback.startswith("Traceback")
    assert repl.exec("print(1)") == "1\n"


def test_eval_refuses_what_is_no_literal(connect):
    repl, _ = connect()
    with pytest.raises(ValueError, match="object"):
        repl.eval("object()")


def test_output_comes_in_pieces(connect):
    repl, _ = connect()
    pieces = []
    result = repl.run("for i in range(3): print(i)", sink=pieces.append)
    assert b"".join(pieces) == b"0\r\n1\r\n2\r\n" and result.stderr == b""


def test_files_are_binary_safe(connect, tmp_path):
    repl, _ = connect(window=512)
    data = bytes(range(256)) * 40 + os.urandom(4001)
    path = str(tmp_path / "file")
    repl.put(path, data)
    assert (tmp_path / "file").read_bytes() == data
    assert repl.get(path) == data
    repl.put(path, b"")
    assert repl.get(path) == b""


def test_missing_file_is_the_targets_error(connect):
    repl, _ = connect()
    with pytest.raises(TargetError, match="nosuch"):
        repl.get("/nosuch")


def test_soft_reset_returns_to_raw(connect):
    repl, _ = connect()
    assert b"MPY: soft reboot\r\n" in repl.soft_reset()
    assert repl.exec("print(2)") == "2\n"


def test_silence_is_a_time_out(connect):
    repl, _ = connect(silent=True)
    with pytest.raises(ReplTimeout, match="no raw REPL within 1 s"):
        repl.enter_raw(1)


def test_code_that_does_not_end_is_a_time_out_and_the_next_call_works(connect):
    repl, _ = connect()
    with pytest.raises(ReplTimeout):
        repl.exec("import time; time.sleep(0.5)", timeout=0.2)
    assert repl.exec("print(3)") == "3\n"


def test_compiler_that_gives_up_inside_a_paste(connect):
    repl, _ = connect(abort_paste=True)
    with pytest.raises(TargetError, match="too much"):
        repl.exec("x" * 1000)


def test_garbage_inside_a_paste_is_named(connect, monkeypatch):
    repl, _ = connect()
    repl.enter_raw()
    monkeypatch.setattr(repl.wire, "write", lambda *_: None)
    repl.window = 4
    repl.wire.unread(b"?what")
    with pytest.raises(ReplError, match=r"\?what"):
        repl._send_windowed(b"abc", 1)


_BLOCK = "=== PYRALLAX PANIC 1 ===\nreason tea\nbuild 00\n=== END PANIC ===\n"
_SENT = b"\r\n" + _BLOCK.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("paste", [False, True])
def test_panic_ends_a_pending_exec_at_once(connect, split, paste):
    repl, _ = connect(panic=_SENT, split=split, paste=paste)
    assert repl.exec("panic = False; print(1)") == "1\n"
    with pytest.raises(TargetPanic, match="panicked: tea") as caught:
        repl.exec("print('before'); panic = True", timeout=60)
    assert caught.value.block == _BLOCK
    assert caught.value.stdout == "before\n"


@pytest.mark.parametrize("split", [False, True])
def test_output_before_a_panic_reaches_the_sink_and_the_block_does_not(connect, split):
    repl, _ = connect(panic=_SENT, split=split)
    pieces = []
    with pytest.raises(TargetPanic):
        repl.run("print('a\\n=== PYRALL'); panic = True", 60, pieces.append)
    assert b"".join(pieces).removesuffix(b"\r\n") == b"a\r\n=== PYRALL"


def test_output_is_not_held_back_for_a_panic(connect):
    repl, _ = connect()
    repl.enter_raw()
    pieces = []
    repl.wire.unread(b"line\r\n")
    with pytest.raises(ReplTimeout):
        repl._answer(b"\x04", 0.1, pieces.append)
    assert b"".join(pieces) == b"line\r\n"


def test_panic_cut_short_is_bounded(connect, monkeypatch):
    monkeypatch.setattr("pyrallax.repl._PANIC_S", 0.2)
    repl, _ = connect(panic=_SENT[:40])
    with pytest.raises(TargetPanic) as caught:
        repl.exec("panic = True", timeout=60)
    assert caught.value.block.encode() == _SENT[2:40].replace(b"\r\n", b"\n")


def test_panic_before_the_prompt(connect):
    repl, _ = connect(silent=True)
    repl.wire.unread(b"Pyrallax" + _SENT + b"MicroPython >>> ")
    with pytest.raises(TargetPanic):
        repl.wait_prompt(60)
    assert repl.wait_prompt(1) == b"MicroPython >>> "  # it was reset


def test_panic_between_calls_and_inside_a_paste(connect):
    repl, _ = connect(silent=True)
    repl.wire.unread(_SENT)
    with pytest.raises(TargetPanic):
        repl.enter_raw(60)
    repl.wire.unread(_SENT)
    with pytest.raises(TargetPanic):
        repl.run("1", 2)
    repl.window = 4
    repl.wire.unread(_SENT)
    with pytest.raises(TargetPanic):
        repl._send_windowed(b"abc", 1)


def test_read_until_takes_a_panic_as_any_text(connect):
    repl, _ = connect(silent=True)
    repl.wire.unread(_SENT)
    assert repl.read_until(b"=== END PANIC ===\r\n", 1) == _SENT


def test_waiting_for_either_prompt(connect):
    repl, _ = connect()
    repl.wire.unread(b"map => of 1 > 0\r\n=> ")
    assert repl.wait_prompt(1, ush=True) == b"map => of 1 > 0\r\n=> "
    repl.wire.unread(b"=> \r\n>>> ")
    assert repl.wait_prompt(1, ush=True) == b"=> \r\n>>> "
    with pytest.raises(ReplTimeout):
        repl.wait_prompt(0.1, ush=True)


def test_hang_up_says_so(connect):
    repl, _ = connect(hang_up=True)
    with pytest.raises(WireClosed, match="closed the line"):
        repl.enter_raw(2)


def test_both_directions_are_logged(connect):
    repl, _ = connect()
    repl.exec("print('out')")
    lines = repl.wire.log.path.read_text().splitlines()
    assert any(" > " in line and r"\x01" in line for line in lines)
    assert any(" < " in line and "out" in line for line in lines)
