"""Functions of host files for a target: what is sent, what is refused, what comes back."""

import functools
import inspect

import pytest
from fake_target import FakeTarget

from pyrallax.remote import TargetAssertion, on_target, run
from pyrallax.remote.source import Source
from pyrallax.remote.traceback import as_traceback, mapped
from pyrallax.repl import Repl, TargetError
from pyrallax.wire import Wire

pytestmark = pytest.mark.host


@pytest.fixture
def repl():
    wire = Wire(FakeTarget().fd)
    yield Repl(wire, timeout=5)
    wire.close()


def same(function):
    return function


@same
@functools.cache
def decorated(a, b=(1, 2)):
    """Its text
    has a line at the margin."""
    return [a, *b]


def failing(value):
    assert value == 1, f"it is {value}"


def raising():
    failing_not_here = {}
    return failing_not_here["key"]


def test_values_there_and_back(repl, capsys):
    assert run(repl, decorated, arguments=[b"\x00\xff"], keywords={"b": (None, {"k": 1.5})}) == [
        b"\x00\xff",
        None,
        {"k": 1.5},
    ]
    assert run(repl, "print('said')") is None
    assert capsys.readouterr().out == "said\n"


def test_what_cannot_be_sent_or_returned(repl):
    with pytest.raises(ValueError, match="argument 1 of decorated cannot be sent: <object"):
        run(repl, decorated, arguments=[object()])
    with pytest.raises(ValueError, match="argument b of decorated cannot be sent"):
        run(repl, decorated, arguments=[1], keywords={"b": repl})

    def gives():
        return object()

    with pytest.raises(
        ValueError, match="the value of gives is no literal on the target: <object"
    ):
        run(repl, gives)


def test_failures_have_the_lines_of_this_file(repl):
    with pytest.raises(TargetAssertion, match=r"^it is 2\nassert 2 == 1$") as caught:
        run(repl, failing, arguments=[2])
    line = failing.__code__.co_firstlineno + 1
    assert (
        f'File "{__file__}", line {line}, in failing\n    assert value' in caught.value.traceback
    )
    assert caught.value.traceback.endswith("AssertionError: it is 2\nassert 2 == 1\n")
    last = caught.traceback[-1]
    assert (last.path.name, last.lineno + 1, last.name) == ("test_remote.py", line, "failing")
    assert str(last.statement).strip().startswith("assert value == 1")
    with pytest.raises(TargetError, match="KeyError") as caught:
        run(repl, raising)
    assert caught.traceback[-1].lineno + 1 == raising.__code__.co_firstlineno + 2


def test_coroutine_with_its_helpers(repl):
    import asyncio

    async def late(n):
        await asyncio.sleep(0)
        return n

    async def waits(n):
        assert await late(n) == 1
        return n

    assert run(repl, waits, arguments=[1]) == 1
    with pytest.raises(TargetAssertion, match=r"^assert 2 == 1\n \+  where 2 = await late\(2\)$"):
        run(repl, waits, arguments=[2])


def test_what_cannot_be_sent_is_told_at_the_definition(repl):
    def uses():
        return repl

    with pytest.raises(ValueError, match="uses uses repl, which cannot be sent") as caught:
        run(repl, uses)
    assert caught.traceback[-1].lineno + 1 == uses.__code__.co_firstlineno


def test_program_of_another_place(repl):
    with pytest.raises(TargetError) as caught:
        run(repl, "x = 1\nx.y\n", filename="some.py", first_line=40)
    assert 'File "some.py", line 41, in <module>' in caught.value.traceback


def test_frames_of_the_target():
    source = Source("\n" * 9, "a.py", 100, definitions=[(99, 105)])
    text = (
        'Traceback (most recent call last):\n  File "<stdin>", line 3, in <module>\n'
        '  File "a.py", line 104, in f\n  File "ahci.py", line 7, in g\n'
        '  File "a.py", line 108, in h\n'
        "OSError: [Errno 5] EIO\n"
    )
    said, frames = mapped(text, source)
    assert said.splitlines() == [
        "Traceback (most recent call last):",
        '  File "a.py", line 104, in f',
        '  File "ahci.py", line 7, in g',
        '  File "a.py", line 108, in h',
        "OSError: [Errno 5] EIO",
    ]
    made = as_traceback(ValueError(), frames)
    codes = [made.tb_frame.f_code, made.tb_next.tb_frame.f_code]
    assert [(c.co_name, c.co_filename) for c in codes] == [("f", "a.py"), ("h", "a.py")]
    assert (made.tb_lineno, made.tb_next.tb_lineno, made.tb_next.tb_next) == (104, 108, None)
    assert as_traceback(ValueError(), []) is None


def test_frames_that_repeat():
    source = Source("\n" * 9, "a.py", definitions=[(1, 9)])
    text = 'Traceback:\n  File "a.py", line 7, in f\n' + '  File "a.py", line 2, in g\n' * 9
    said, frames = mapped(text + "RuntimeError: deep\n", source)
    assert said.splitlines() == [
        "Traceback:",
        '  File "a.py", line 7, in f',
        *['  File "a.py", line 2, in g'] * 3,
        "  [previous line repeated 6 more times]",
        "RuntimeError: deep",
    ]
    assert [frame.line for frame in frames] == [7, 2, 2, 2]


def test_a_test_for_the_target(repl):
    @on_target
    def test_one(n, word="w"):
        assert n == 1, word

    assert str(inspect.signature(test_one)) == "(*, repl, n, word='w')"
    assert test_one(repl=repl, n=1) is None
    with pytest.raises(TargetAssertion, match=r"^v\nassert 2 == 1$"):
        test_one(repl=repl, n=2, word="v")

    class TestMethod:
        @on_target
        def test_it(self, n):
            assert (self, n) == (None, 1)

    assert list(inspect.signature(TestMethod.test_it).parameters) == ["self", "repl", "n"]
    TestMethod().test_it(repl=repl, n=1)
    with pytest.raises(ValueError, match="test_bad: `repl` is the host's"):

        @on_target
        def test_bad(repl):
            pass
