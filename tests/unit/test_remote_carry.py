"""What goes along with a function to the target, and what is refused, by what name."""

import json as js
import math
import random
import struct
import subprocess
import threading
from collections import namedtuple
from struct import pack

import pytest

from pyrallax import BUILD
from pyrallax.remote.carry import of_function
from pyrallax.remote.literal import NotPlain, literal

pytestmark = pytest.mark.host

LIMIT = 3
LOCK = threading.Lock()
Point = namedtuple("Point", "x y")
twice = lambda v: v * 2  # noqa: E731


def helper(a: "Nothing", b=LIMIT) -> int:  # noqa: F821
    def inner():
        return a

    return other(inner()) + b


def other(x):
    return twice(x)


def loop_a(n):
    return loop_b(n - 1) if n else 0


def loop_b(n):
    return loop_a(n)


class Base:
    kind = LIMIT


class Thing(Base):
    def value(self, n):
        return n + self.kind


def _here(function, *arguments):
    """The value of the function as the target would have it: from its text, in an empty scope."""
    source, name = of_function(function)
    scope = {}
    exec("\n".join(source.names), scope)
    exec(compile(source.text, source.filename, "exec"), scope)
    return scope[name](*arguments), source


def test_all_it_uses_goes_along():
    def main(x, y=LIMIT):
        """Text."""
        point = Point(1, js.loads("2"))
        size = len(pack("<I", 1))
        return helper(x), Thing().value(y), point.y, size, loop_a(2), math.floor(1.5)

    value, source = _here(main, 5)
    assert value == (13, 6, 2, 4, 0, 1)
    assert "LIMIT = 3" in source.names


def test_lines_stay():
    def raises():
        """Over
        lines."""
        raise KeyError(other(2))

    source, _ = of_function(raises)
    lines = source.text.splitlines()
    at = next(n for n, line in enumerate(lines) if "raise KeyError" in line)
    here = raises.__code__.co_firstlineno
    assert source.first_line + at == here + 3
    assert source.defined_at(here + 3) == here
    helper_line = other.__code__.co_firstlineno
    assert source.defined_at(helper_line + 1) == helper_line
    with pytest.raises(KeyError, match="4"):
        _here(raises)


def test_values_around_it_go_along():
    n, items = 2, [1, {"a": b"\0"}, math.inf]

    def near(x):
        return x * n

    def main(x):
        return near(x), items

    assert _here(main, 4)[0] == (8, items)


class Tests:
    def method(self, x):
        return x + LIMIT

    def next_method(self):
        return 1


def test_method():
    assert _here(Tests.method, None, 1)[0] == 4
    assert _here(Tests.next_method, None)[0] == 1


def _refused(function):
    with pytest.raises(ValueError) as why:
        of_function(function)
    return str(why.value)


def test_refusals_name_what_and_why():
    def uses_lock():
        return LOCK

    def uses_pytest():
        return pytest.raises

    def uses_pyrallax():
        return literal(1)

    def through_helper():
        return uses_lock()

    def generates():
        yield 1

    count = 0

    def counts():
        nonlocal count
        count += 1

    def too_early():
        return later

    first = uses_lock

    def two_of_a_name():
        return first()

    said = {f.__name__: _refused(f) for f in (uses_lock, uses_pytest, uses_pyrallax)}
    assert said["uses_lock"].startswith("uses_lock uses LOCK, which cannot be sent: <unlocked")
    assert "a _thread.lock" in said["uses_lock"]
    assert said["uses_pytest"] == "uses_pytest uses pytest (of pytest), which only the host has"
    assert "literal (of pyrallax.remote.literal)" in said["uses_pyrallax"]
    assert _refused(through_helper).startswith("through_helper uses LOCK, which cannot be sent")
    assert "generates is a generator" in _refused(generates)
    assert "nonlocal" in _refused(counts) and "it changes what is around it" in _refused(counts)
    assert _refused(too_early) == "too_early uses later, which has no value yet"
    assert "uses first, a function of test_remote_carry line" in _refused(two_of_a_name)
    assert "<lambda> has no definition to send" in _refused(lambda: 1)
    assert "len has no definition to send" in _refused(len)
    scope = {}
    exec("def made(): pass", scope)
    assert _refused(scope["made"]) == "made has no source to send: it is not from a file"
    later = 1


def test_import_that_the_target_lacks():
    def uses():
        return threading.Lock()

    source, _ = of_function(uses)
    (statement,) = source.names
    with pytest.raises(ImportError, match="uses uses threading: the target has no threading"):
        exec(statement, {"__builtins__": {"__import__": _no, "ImportError": ImportError}})


def _no(*arguments):
    raise ImportError("no module")


@pytest.mark.parametrize(
    "value",
    [
        None,
        ...,
        True,
        -(1 << 70),
        0.1,
        math.inf,
        1 + 2j,
        "ä\n'\"\x04",
        b"\x00'",
        bytearray(b"a"),
        range(1, 9, 2),
        (),
        (1,),
        [[], {}],
        {1: (2, {3})},
        set(),
        frozenset([1]),
    ],
)
def test_literals(value):
    again = eval(literal(value))
    assert again == value and type(again) is type(value)
    assert literal(value).isascii()


def test_what_is_no_literal():
    class Text(str):
        pass

    endless = [1]
    endless.append(endless)
    for value, said in (
        (Text("x"), "Text"),
        ([object()], "a builtins.object"),
        (endless, "itself"),
    ):
        with pytest.raises(NotPlain, match=said):
            literal(value)
    assert math.isnan(eval(literal(math.nan)))


def test_floats_arrive_to_the_last_bit(tmp_path):
    draw = random.Random(1)
    values = [0.0, -0.0, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -1e22, 1e-5, 123456.789]
    values += [draw.uniform(-1e6, 1e6) for _ in range(200)]
    values += [round(draw.random(), draw.randrange(12)) for _ in range(200)]
    bits = (struct.pack("<Q", draw.getrandbits(64)) for _ in range(200))
    values += [v for b in bits if math.isfinite(v := struct.unpack("<d", b)[0])]
    lines = [f"print(struct.pack('<d', {literal(v)}))" for v in values]
    (tmp_path / "floats.py").write_text("import struct\n" + "\n".join(lines))
    argv = [BUILD / "unix/micropython", "-X", "heapsize=64m", tmp_path / "floats.py"]
    got = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [eval(line) for line in got] == [struct.pack("<d", v) for v in values]
