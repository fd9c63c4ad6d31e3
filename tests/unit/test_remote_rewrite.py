"""Rewritten asserts: what they say, what they evaluate, on CPython and MicroPython's unix port."""

import json
import os
import subprocess
import sys

import pytest
from test_unix import FOLDER, PATHS

from pyrallax import BUILD, ROOT
from pyrallax.remote.explain import explain
from pyrallax.remote.rewrite import TARGET, rewrite

pytestmark = pytest.mark.host

_BEFORE = """
class Box:
    def __init__(self, **kw):
        for name in kw: setattr(self, name, kw[name])
    def __repr__(self): return "Box"
    def get(self, *a, **kw): return t(a[0])
class Bad:
    def __repr__(self): raise ValueError("no")
seen = []
def t(value):
    seen.append(value)
    return value
def add(*a, **kw): return sum(a) + sum(kw.values())
box = Box(n=4, inner=Box(m=5), items=[1, [2, 3]], table={"a": 1})
one = 1; two = 2; none = None; text = "abc"; empty = []
"""

# An assert that fails; what it says.
CASES = [
    ("assert one == two", "assert 1 == 2"),
    ("assert one != 1", "assert 1 != 1"),
    ("assert two < one", "assert 2 < 1"),
    ("assert two <= one", "assert 2 <= 1"),
    ("assert one > two", "assert 1 > 2"),
    ("assert one >= two", "assert 1 >= 2"),
    ("assert one is none", "assert 1 is None"),
    ("assert none is not None", "assert None is not None"),
    ("assert one in []", "assert 1 in []"),
    ("assert one not in [one]", "assert 1 not in [1]"),
    ("assert t(1) < t(3) < t(2) < t(9)", "assert 3 < 2\n +  where 3 = t(3)\n +  and   2 = t(2)"),
    ("assert 1 < one < t(2)", "assert 1 < 1"),
    ("assert one < t(2) < 2", "assert 2 < 2\n +  where 2 = t(2)"),
    ("assert one + two == 4", "assert 3 == 4\n +  where 3 = 1 + 2"),
    ("assert one - two == 0", "assert -1 == 0\n +  where -1 = 1 - 2"),
    ("assert two * 3 == 0", "assert 6 == 0\n +  where 6 = 2 * 3"),
    ("assert one / two == 0", "assert 0.5 == 0\n +  where 0.5 = 1 / 2"),
    ("assert 5 // two == 0", "assert 2 == 0\n +  where 2 = 5 // 2"),
    ("assert 5 % two == 0", "assert 1 == 0\n +  where 1 = 5 % 2"),
    ("assert two ** 3 == 0", "assert 8 == 0\n +  where 8 = 2 ** 3"),
    ("assert one << two == 0", "assert 4 == 0\n +  where 4 = 1 << 2"),
    ("assert 8 >> two == 0", "assert 2 == 0\n +  where 2 = 8 >> 2"),
    ("assert (one | two) == 0", "assert 3 == 0\n +  where 3 = 1 | 2"),
    ("assert one & two", "assert 0\n +  where 0 = 1 & 2"),
    ("assert (one ^ two) == 0", "assert 3 == 0\n +  where 3 = 1 ^ 2"),
    ("assert (-1) ** two == -1", "assert 1 == -1\n +  where 1 = -1 ** 2"),
    (
        "assert 'a b'.split() == []",
        "assert ['a', 'b'] == []\n +  where ['a', 'b'] = 'a b'.split()\n  lengths: 2 != 0",
    ),
    ("assert -two == two", "assert -2 == 2\n +  where -2 = -2"),
    ("assert ~two == two", "assert -3 == 2\n +  where -3 = ~2"),
    ("assert +two == -1", "assert 2 == -1\n +  where 2 = +2"),
    ("assert not one", "assert not 1"),
    ("assert not (one and t(2))", "assert not (1 and 2)\n +  where 2 = t(2)"),
    ("assert t(0) and t(2)", "assert (0)\n +  where 0 = t(0)"),
    (
        "assert t(1) and (t(0) or none) and t(3)",
        "assert (1 and (0 or None))\n +  where 1 = t(1)\n +  and   0 = t(0)",
    ),
    ("assert t(0) or 0", "assert (0 or 0)\n +  where 0 = t(0)"),
    ("assert one == 1 and 3 < t(two)", "assert (1 == 1 and 3 < 2)\n +  where 2 = t(2)"),
    ("assert two == 1 and 3 < t(two)", "assert (2 == 1)"),
    (
        "assert (one if t(0) else two) == 1",
        "assert 2 == 1\n +  where 2 = one if 0 else 2\n +    where 0 = t(0)",
    ),
    ("assert box.n == 5", "assert 4 == 5\n +  where 4 = Box.n"),
    ("assert box.inner.m == 6", "assert 5 == 6\n +  where 5 = Box.m\n +    where Box = Box.inner"),
    (
        "assert box.items[one][0] == 3",
        "assert 2 == 3\n +  where 2 = [2, 3][0]"
        "\n +    where [2, 3] = [1, [2, 3]][1]\n +      where [1, [2, 3]] = Box.items",
    ),
    (
        "assert box.items[one:] == []",
        "assert [[2, 3]] == []\n +  where [[2, 3]] = [1, [2, 3]][one:]"
        "\n +    where [1, [2, 3]] = Box.items\n  lengths: 1 != 0",
    ),
    (
        "assert box.table['a'] == 2",
        "assert 1 == 2\n +  where 1 = {'a': 1}['a']\n +    where {'a': 1} = Box.table",
    ),
    ("assert box.get(two, k=one) == 3", "assert 2 == 3\n +  where 2 = Box.get(2, k=1)"),
    (
        "assert add(one, *[2, 3], k=4, **{'j': 5}) == 0",
        "assert 15 == 0\n +  where 15 = add(1, *[2, 3], k=4, **{'j': 5})",
    ),
    ("assert (lambda v: v)(two) == 1", "assert 2 == 1\n +  where 2 = (lambda v: v)(2)"),
    ("assert [t(v) for v in (1, 2)] == [1, 3]", "assert [1, 2] == [1, 3]\n  at index 1: 2 != 3"),
    ("assert {1} == {3}", "assert {1} == {3}\n  only left: [1]\n  only right: [3]"),
    (
        "assert {'b': 2} == {'c': 3}",
        "assert {'b': 2} == {'c': 3}\n  at 'b': 2 != nothing\n  at 'c': nothing != 3",
    ),
    ("assert 'x\\ny' == 'x\\nz'", "assert 'x\\ny' == 'x\\nz'\n    x\n  - z\n  + y"),
    ("assert text == 'abd'", "assert 'abc' == 'abd'\n  at index 2: 'c' != 'd'"),
    (
        "assert any(t(v) for v in (0, 0))",
        "assert False\n +  where False = any((t(v) for v in (0, 0)))",
    ),
    ("assert f'{one}-{two}' == text", "assert '1-2' == 'abc'\n  at index 0: '1' != 'a'"),
    ("assert (n := t(2)) == 3", "assert 2 == 3\n +  where 2 = n := 2\n +    where 2 = t(2)"),
    ("assert isinstance(one, str)", "assert False\n +  where False = isinstance(1, str)"),
    ("assert one == two, 'why %d' % t(7)", "why 7\nassert 1 == 2"),
    ("assert one == two, None", "None\nassert 1 == 2"),
    ("assert empty", "assert []"),
    ("assert 0", "assert 0"),
    ("assert None, 'so'", "so\nassert None"),
    (
        "assert Bad() == 1",
        "assert <repr raised ValueError> == 1\n +  where <repr raised ValueError> = Bad()",
    ),
    (
        "assert ('x' * 5000) == 1",
        f"assert 'xxx{'x' * 114}...{'x' * 114}xxx' == 1"
        f"\n +  where 'xxx{'x' * 114}...{'x' * 114}xxx' = 'x' * 5000",
    ),
    ("assert (one\n   == # much\n two), (\n 'lines')\nafter = 1", "lines\nassert 1 == 2"),
    ("if one: x = 1; assert x == two; y = 2", "assert 1 == 2"),
    ("class K:\n  z = 3\n  assert z == 4", "assert 3 == 4"),
    ("def g(n):\n  assert n and n + g(n - 1) == 9, n\n  return 1\ng(1)", "0\nassert (0)"),
    ("def g():\n  yield 1\n  assert (yield 2) == 3\nlist(g())", "assert None == 3"),
    (
        "class A:\n  def m(self): return 5\n"
        "class B(A):\n  def m(self):\n    assert super().m() == 6\nB().m()",
        "assert 5 == 6\n +  where 5 = super().m()",
    ),
    (
        "async def c(): return 3\nasync def d():\n  assert await c() == 4\n"
        "try: d().send(None)\nexcept StopIteration: pass",
        None,
    ),
    ("ü = 'ä'; assert ü == 'ö'", "assert 'ä' == 'ö'\n  at index 0: 'ä' != 'ö'"),
]

_RUNNER = """
import json
def run_all(cases):
    for setup, before, rewritten, plain in cases:
        scope = {}
        exec(setup, scope)
        exec(before, scope)
        said = text = None
        try:
            exec(rewritten, scope)
        except AssertionError as e:
            said = e.args[0]._pyrallax_parts
            text = str(e)
        seen = list(scope["seen"])
        left = [k for k in scope if k.startswith("_pa") and k[3:].isdigit()
                and scope[k] is not scope["_pa_no"]]
        scope = {}
        exec(before, scope)
        plainly = None
        try:
            exec(plain, scope)
        except AssertionError as e:
            plainly = str(e)
        print(json.dumps([said, text, seen, scope["seen"], left]))
"""


def _both(tmp_path, programs):
    """What the programs said under CPython and under the unix port."""
    script = tmp_path / "cases.py"
    rows = [(TARGET, _BEFORE, rewrite(p, "f")[0], p) for p in programs]
    script.write_text(f"{_RUNNER}\nrun_all({rows!r})\n", encoding="utf-8")
    for python in (sys.executable, BUILD / "unix" / "micropython"):
        ran = subprocess.run([python, script], capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        yield [json.loads(line) for line in ran.stdout.splitlines()]


def test_every_kind_of_expression(tmp_path):
    programs = [program for program, _ in CASES]
    for python in _both(tmp_path, programs):
        assert len(python) == len(CASES)
        for (program, wanted), (said, text, seen, plainly_seen, _) in zip(
            CASES, python, strict=True
        ):
            assert said, program
            number, message, values = said
            shown = explain(rewrite(program, "f")[1][number], values, message)
            if wanted is not None:
                assert shown == wanted, program
            if message is not None:
                assert text == message, program
            assert seen == plainly_seen, f"{program}: evaluated once, in order, no further"


def test_asserts_that_hold(tmp_path):
    programs = ["assert t(1) and t(2) == two", "x = 1; assert x; y = 2", "assert 1"]
    for python in _both(tmp_path, programs):
        for program, (said, _, seen, plainly_seen, left) in zip(programs, python, strict=True):
            assert said is None and seen == plainly_seen, program
            assert left == [], f"{program}: values kept alive"


def test_lines_stay(tmp_path):
    program = "def f(x):\n    assert (x ==\n      1), 'a'; y = [][0]\nf(%d)\n"
    for value, line in ((1, 3), (2, 2)):
        text, assertions = rewrite(program % value, "f", first_line=41)
        assert assertions[0].line == 42
        before = tmp_path / "before.py"
        before.write_text(
            f"scope = {{}}\nexec({TARGET!r}, scope)\n"
            f"exec(compile({text!r}, 'sent', 'exec'), scope)\n"
        )
        for python in (sys.executable, BUILD / "unix" / "micropython"):
            ran = subprocess.run([python, before], capture_output=True, text=True)
            assert f'File "sent", line {line}, in f' in ran.stderr, ran.stderr


def test_assert_that_holds_allocates_nothing(tmp_path):
    program = "def f(x, y):\n    assert x and x[1] == y < 9 and y in x, 'why'\n"
    script = tmp_path / "locked.py"
    script.write_text(
        f"import micropython\n{TARGET}\n{rewrite(program, 'f')[0]}\n"
        "micropython.heap_lock()\nf((1, 2), 2)\nmicropython.heap_unlock()\nprint('held')\n"
    )
    ran = subprocess.run([BUILD / "unix" / "micropython", script], capture_output=True, text=True)
    assert ran.stdout == "held\n", ran.stderr


def test_lines_are_those_of_the_parser():
    program = (
        "def f():\n    a = '\x0c\x85\u2028'\n\x0c\n    assert a == 1, 'x\x0cy'\n    return a\n"
    )
    text, (made,) = rewrite(program, "f")
    assert made.line == 4 and text.count("\n") == program.count("\n")
    assert "return a" in text.split("\n")[4]
    compile(text, "f", "exec")


@pytest.mark.parametrize("name", ["test_regs", "test_gpt", "test_aml", "test_ext2"])
def test_whole_files_run_as_ever(tmp_path, name):
    """Our own tests under MicroPython, their asserts rewritten: lines stay, all still hold."""
    program = (FOLDER / f"{name}.py").read_text()
    text, made = rewrite(program, name)
    assert len(made) > 20 and len(text.split("\n")) == len(program.split("\n"))
    (tmp_path / f"{name}.py").write_text(f"exec({TARGET!r}); {text}")
    places = ":".join(
        [".frozen", *(str(ROOT / folder) for folder in (*reversed(PATHS), "tests/unit/frozen"))]
    )
    run = subprocess.run(
        [
            BUILD / "unix/micropython",
            "-X",
            "heapsize=64m",
            FOLDER / "run_unix.py",
            tmp_path / f"{name}.py",
        ],
        env=dict(os.environ, MICROPYPATH=places),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_long_values_are_shortened_and_compared_whole():
    _, (made,) = rewrite("assert a == b", "f")
    numbers = list(range(700))
    said = explain(made, [repr(numbers), repr([*numbers[:-1], 0])], None)
    first, second = said.split("\n")
    assert first.startswith("assert [0, 1, 2,") and len(first) < 500 and "..." in first
    assert second == "  at index 699: 699 != 0"
    keys = explain(made, [repr(dict.fromkeys(range(20))), "{}"], None).split("\n")
    assert keys[1] == "  at 0: None != nothing" and keys[-1] == "  and 12 more"
    cut = repr("a" * 3000 + "<...>" + "a" * 1000)  # by the target
    assert explain(made, [cut, "'b'"], None).count("\n") == 0
