"""Tests whose bodies run on the target: what pytest reports of their asserts and exceptions."""

import re

import plugins
import pytest

pytestmark = pytest.mark.host

_SOURCE = """
import asyncio
import json
import conftest
import pytest
import unittest
from pyrallax.remote import on_target

LIMIT = [1, 2]

def helper(n):
    assert n in LIMIT, "in helper"
    return n

@pytest.fixture
def path():
    return b"/x"

@on_target
def test_add(path):
    assert helper(1) + len(path) == 4

@pytest.mark.parametrize("n", [1, 5])
@on_target
def test_helper(n):
    helper(n)

@on_target
async def test_async():
    async def later(x):
        await asyncio.sleep_ms(2)
        return x
    assert (await later({"a": 1, "b": 2})) == {"a": 1,
        "b": 3}

@on_target
def test_register():
    import mmio
    class Device:
        regs = mmio.Regs(0x9000000, 0x1000)
    d = Device()
    assert d.regs[0xFE0] & 0xFF == 0x12

@on_target
def test_raises():
    try:
        json.loads("[1]")[0] + LIMIT[1]
    finally:
        {}["x"]

@on_target
def test_caught():
    try:
        assert LIMIT[0] == 2
    except AssertionError as e:
        print("text:", e)
    raise AssertionError("another")

@on_target
def test_of_the_host():
    with pytest.raises(ValueError):
        pass

@on_target
def test_too_new():
    pass
    match LIMIT:
        case 3: pass

class TestGroup:
    @on_target
    def test_method(self):
        limit = sum(LIMIT)
        def near():
            return limit
        assert near() == 3 and not limit

@on_target
def test_needs_the_host():
    assert conftest.HERE

@on_target
def test_exits():
    import sys
    sys.exit(3)

@on_target
def test_after_the_exit():
    assert LIMIT

@on_target
def test_recursion():
    def f(): return f()
    f()

@on_target
def test_digits():
    assert 0.1 + 0.2 == 0.3

@on_target
def test_panics():
    import boot

    boot.crash("null")

@pytest.fixture
def impatient(repl):
    repl.timeout = 1

@on_target
def test_hangs(impatient):
    while True: pass

class TestOfUnittest(unittest.TestCase):
    @on_target
    def test_case(self):
        pass

def test_closure(vm):
    numbers = 1.5, 1 << 70, "\\u00e4", {1: (None, [True])}
    def here(more):
        assert numbers[0] > 1
        return more, numbers
    assert vm.run(here, b"\\x00\\x04") == (b"\\x00\\x04", numbers)
"""


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    return plugins.run(tmp_path_factory.mktemp("on_target"), _SOURCE, conftest="HERE = 1\n")


def _line(text):
    return next(n for n, line in enumerate(_SOURCE.splitlines(), 1) if text in line)


def _report(reported, name):
    """The failure as pytest shows it: its `>` and `E` lines, and where it was."""
    text = reported.case(name).find("failure").text
    marked = re.findall(r"^(?:>|E) .*", text, re.M)
    (where,) = re.findall(r"^test_it.py:(\d+): (\w+)$", text, re.M)[-1:]
    return [re.sub("^(.) +", r"\1 ", line) for line in marked], int(where[0]), where[1]


def test_which_fail(reported):
    assert reported.counts == {"failed": 16, "passed": 3}, reported.said


def test_values_of_a_sum(reported):
    assert _report(reported, "test_add") == (
        [
            "> assert helper(1) + len(path) == 4",
            "E pyrallax.remote.TargetAssertion: assert 3 == 4",
            "E +  where 3 = 1 + 2",
            "E +    where 1 = helper(1)",
            "E +    and   2 = len(b'/x')",
        ],
        _line("assert helper(1)"),
        "TargetAssertion",
    )


def test_assert_of_a_helper(reported):
    lines, line, _ = _report(reported, "test_helper[5]")
    assert lines == [
        "> helper(n)",
        '> assert n in LIMIT, "in helper"',
        "E pyrallax.remote.TargetAssertion: in helper",
        "E assert 5 in [1, 2]",
    ]
    assert line == _line("assert n in LIMIT")


def test_coroutine(reported):
    lines, line, _ = _report(reported, "test_async")
    assert line == _line("assert (await"), "the line where it begins"
    assert lines[1:] == [
        "E pyrallax.remote.TargetAssertion: assert {'a': 1, 'b': 2} == {'a': 1, 'b': 3}",
        "E +  where {'a': 1, 'b': 2} = await later({'a': 1, 'b': 2})",
        "E at 'b': 2 != 3",
    ]


def test_register_of_a_device(reported):
    lines, _, _ = _report(reported, "test_register")
    assert lines[1:3] == [
        "E pyrallax.remote.TargetAssertion: assert 17 == 0x12",
        "E +  where 17 = 17 & 0xFF",
    ]
    assert re.fullmatch(r"E \+    where 17 = <mmio.Regs .*>\[0xFE0\]", lines[3])
    assert re.fullmatch(r"E \+      where <mmio.Regs .*> = <Device object at .*>\.regs", lines[4])


def test_exception(reported):
    lines, line, kind = _report(reported, "test_raises")
    assert lines == ['> {}["x"]', "E pyrallax.repl.TargetError: KeyError: x"]
    assert (line, kind) == (_line('{}["x"]'), "TargetError")


def test_assert_that_was_caught(reported):
    lines, _, _ = _report(reported, "test_caught")
    assert lines[-1] == "E pyrallax.remote.TargetAssertion: another"
    assert "text: ['[1, 2]', '1']" in reported.said


def test_exit(reported):
    lines, line, kind = _report(reported, "test_exits")
    assert lines == ["> sys.exit(3)", "E pyrallax.repl.TargetError: SystemExit: 3"]
    assert (line, kind) == (_line("sys.exit(3)"), "TargetError")


def test_recursion_is_told_in_short(reported):
    lines, _, _ = _report(reported, "test_recursion")
    assert lines[-1].startswith("E pyrallax.repl.TargetError: RuntimeError: maximum recursion")
    text = reported.case("test_recursion").find("failure").text
    assert text.count("return f()") < 10
    assert re.search(r"\[previous line repeated \d+ more times\]", reported.said)


def test_digits_of_floats(reported):
    lines, _, _ = _report(reported, "test_digits")
    assert lines[1] == "E pyrallax.remote.TargetAssertion: assert 0.30000000000000004 == 0.3"


def test_panic(reported):
    """At its line, in the report as in the block."""
    lines, line, kind = _report(reported, "test_panics")
    assert lines[0] == '> boot.crash("null")'
    assert (line, kind) == (_line('boot.crash("null")'), "TargetPanic")
    assert re.search(rf"^py 0 .*test_it.py:{line} test_panics$", reported.said, re.M)


def test_no_answer(reported):
    lines, line, kind = _report(reported, "test_hangs")
    assert lines[0] == "> @on_target" and "ReplTimeout" in lines[1]
    assert (line, kind) == (_line("def test_hangs") - 1, "ReplTimeout")


def test_method_of_unittest(reported):
    assert "test_case: unittest gives its methods no fixtures: use a plain class" in reported.said


def test_what_does_not_go(reported):
    assert _report(reported, "test_of_the_host") == (
        [
            "> @on_target",
            "E ValueError: test_of_the_host uses pytest (of pytest), which only the host has",
        ],
        _line("def test_of_the_host") - 1,
        "ValueError",
    )
    lines, line, _ = _report(reported, "test_needs_the_host")
    assert (
        lines[0] == "> @on_target" and "test_needs_the_host uses conftest: the target" in lines[1]
    )
    assert line == _line("def test_needs_the_host") - 1
    lines, line, _ = _report(reported, "test_too_new")
    assert lines == ["> match LIMIT:", "E pyrallax.repl.TargetError: SyntaxError: invalid syntax"]
    assert line == _line("match LIMIT")


def test_method(reported):
    lines, _, _ = _report(reported, "test_method")
    assert lines[1:] == [
        "E pyrallax.remote.TargetAssertion: assert (3 == 3 and not 3)",
        "E +  where 3 = near()",
    ]
