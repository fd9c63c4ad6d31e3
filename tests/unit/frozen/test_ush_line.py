"""ush: what is typed, byte for byte."""

from shell_line import BREAK, LEAVE, Line

AREA = "host"


class Keys:
    """Types bytes; shown: what came back."""

    def __init__(self, typed):
        self._typed = list(typed)
        self.shown = b""
        self.line = Line(lambda: self._typed.pop(0), self._show)

    def _show(self, data):
        self.shown += data

    def get(self):
        return self.line.get(b"=> ")


def typed(data):
    keys = Keys(data)
    return keys.get(), keys.shown


def test_echo_and_enter():
    for end in (b"\r", b"\n"):
        assert typed(b"help" + end) == ("help", b"=> help\r\n")
    keys = Keys(b"a\r\n\r\n\nb\n")
    assert [keys.get() for _ in range(4)] == ["a", "", "", "b"]


def test_rubbing_out():
    assert typed(b"\x7fab\x08c\x7f\x7fd\r") == ("d", b"=> ab\b \bc\b \b\b \bd\r\n")
    assert typed(b"abc\x15x\x18y\r")[0] == "y"


def test_a_character_of_two_bytes_is_one():
    data = "é".encode()
    assert typed(b"a" + data + b"\r") == ("aé", b"=> a" + data + b"\r\n")
    assert typed(b"a" + data + b"\x7f\r") == ("a", b"=> a" + data + b"\b \b\r\n")


def test_bytes_that_are_no_text():
    try:
        typed(b"\xff\xfe\r")
    except UnicodeError:
        return
    raise AssertionError("taken for text")


def test_ctrl_c_and_ctrl_a():
    assert typed(b"abc\x03") == (BREAK, b"=> abc<INTERRUPT>\r\n")
    assert typed(b"\x01") == (LEAVE, b"=> \r\n")
    assert typed(b"a\x01b\r")[0] == "ab"


def test_other_control_characters_are_nothing():
    assert typed(b"\x00\x02\x04\ta\x0c\x1a\r")[0] == "a"
    assert typed(b"a\x1b[C\x1bOP\x1b[3~b\r")[0] == "ab"


def test_lines_before():
    keys = Keys(b"one\rtwo\rtwo\r" + b"\x1b[A\r" + b"\x1b[A\x1b[A\x1b[A\r" + b"x\x1b[A\x1b[B\r")
    assert [keys.get() for _ in range(6)] == ["one", "two", "two", "two", "one", ""]


def test_a_line_has_an_end():
    text, shown = typed(b"x" * 5000 + b"\r")
    assert len(text) == 4096 and shown.count(b"\a") == 904
