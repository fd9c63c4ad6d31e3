"""Recursion that is too deep is an exception, whatever recurses; never a panic."""

import pytest

pytestmark = pytest.mark.boot

_NEST = (
    "def nest(n, kind):\n    x = kind(())\n    for _ in range(n): x = kind((x,))\n    return x\n"
)
CASES = {
    "function": "def f(n): return f(n + 1)\nf(0)",
    "method": "class A:\n def __getitem__(s, i): return s[i]\nA()[0]",
    "repr": "repr(nest(100000, list))",
    "own-repr": "class A:\n def __repr__(s): return repr(s)\nrepr(A())",
    "equal": "nest(100000, list) == nest(100000, list)",
    "less": "nest(100000, tuple) < nest(100000, tuple)",
    "hash": "hash(nest(100000, tuple))",
    "frozenset": "nest(20000, frozenset)",
    "json-out": "import json\njson.dumps(nest(100000, list))",
    "re": "import re\nre.match('(a*)*', 'a' * 100000)",
    "re-compile": "import re\nre.compile('(' * 20000 + 'a' + ')' * 20000)",
    "sort-key": "def f(v): return f(v)\nlist(range(1000)).sort(key=f)",
    "compile-dict": "compile('{0:' * 6000 + '0' + '}' * 6000, 'a', 'exec')",
    "compile-if": "compile('1 if a else ' * 12000 + '1', 'a', 'exec')",
    "iterators": "x = iter([1])\nfor _ in range(20000): x = map(abs, x)\nnext(x)",
    "generators": (
        "def g(x): yield from x\nx = iter([1])\nfor _ in range(9000): x = g(x)\nnext(x)"
    ),
    "streams": (
        "import io\nx = io.BytesIO()\nfor _ in range(5000): x = io.BufferedWriter(x, 8)\n"
        "x.write(b'a' * 100)"
    ),
    "exec": "def f(): exec('f()')\nf()",
    "import": (
        "s = 'import sys\\nsys.modules.pop(__name__)\\nimport rec'\n"
        "with open('rec.py', 'w') as f: f.write(s)\nimport rec"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_recursion(repl, case):
    repl.exec(_NEST)
    for _ in range(2):  # and once more: the first left nothing broken
        error = repl.run(CASES[case], timeout=60).stderr
        assert b"RuntimeError: maximum recursion depth exceeded" in error, error[-300:]
        assert repl.exec("import gc\ngc.collect()\nprint(len([[1] for _ in range(1000)]))") == (
            "1000\n"
        )


def test_in_a_soft_callback(repl):
    repl.exec(
        "import machine, time\n"
        "x = ()\nfor _ in range(100000): x = (x,)\n"
        "seen = None\n"
        "def f(t):\n"
        "    global seen\n"
        "    try: hash(x)\n"
        "    except RuntimeError as e: seen = str(e)\n"
        "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=1, callback=f)\n"
        "for _ in range(300):\n"
        "    if seen: break\n"
        "    time.sleep_ms(10)\n"
        "assert seen == 'maximum recursion depth exceeded', seen\n"
    )


def test_in_a_hard_callback(repl):
    """The exception stack is small and has a check of its own."""
    out = repl.exec(
        "import machine, time\ndef f(t): f(t)\n"
        "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=1, hard=True, callback=f)\n"
        "time.sleep_ms(200)"
    )
    assert "RuntimeError: maximum recursion depth exceeded" in out
    assert repl.exec("print(1)") == "1\n"
