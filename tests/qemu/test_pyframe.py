"""The chain of Python frames, which traces and panics show."""

import pytest

pytestmark = pytest.mark.probe


def test_functions_generators_modules(repl):
    module = b"import trace\n\n\nS = trace.stack()\ndef q():\n  return trace.stack()\n"
    repl.put("/ram/m.py", module)
    repl.exec(
        "import sys, trace\n"
        "def f(n):\n"
        "    return f(n - 1) if n else trace.stack()\n"
        "def g():\n"
        "    yield trace.stack()\n"
        "    yield [trace.stack() for _ in range(1)][0]\n"
        "class A:\n"
        "    def __getattr__(self, name):\n"
        "        return trace.stack()\n"
        "sys.path.insert(0, '/ram')\n"
        "import m\n"
    )
    me = "<stdin>"
    assert repl.eval("f(2)") == [(me, 3, "f")] * 3 + [(me, 1, "<module>")]
    assert repl.eval("next(g())")[0] == (me, 5, "g")
    assert repl.eval("list(g())[1]")[:2] == [(me, 6, "<listcomp>"), (me, 6, "g")]
    assert repl.eval("A().x")[0] == (me, 9, "__getattr__")
    assert repl.eval("m.S[0]") == ("/ram/m.py", 4, "<module>")
    assert repl.eval("m.q()[0]") == ("/ram/m.py", 6, "q")


def test_after_exceptions(repl):
    """Handlers that are gone leave nothing behind; the line is that of the code that asks."""
    repl.exec(
        "import trace\n"
        "def raises(n):\n"
        "    if n:\n"
        "        raises(n - 1)\n"
        "    raise ValueError\n"
        "def f():\n"
        "    try:\n"
        "        raises(5)\n"
        "    except ValueError:\n"
        "        return trace.stack()\n"
        "    finally:\n"
        "        pass\n"
    )
    assert repl.eval("f()") == [("<stdin>", 10, "f"), ("<stdin>", 1, "<module>")]


def test_soft_handler_shows_what_it_interrupted(repl):
    repl.exec(
        "import machine, trace\n"
        "at = None\n"
        "def handler(t):\n"
        "    global at\n"
        "    at = trace.stack()\n"
        "def spin():\n"
        "    while at is None:\n"
        "        pass\n"
        "machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, callback=handler)\n"
        "spin()\n"
    )
    assert [function for _, _, function in repl.eval("at")] == ["handler", "spin", "<module>"]


def test_hard_handler_has_no_memory_for_the_list(repl):
    repl.exec(
        "import machine, trace\n"
        "said = None\n"
        "def handler(t):\n"
        "    global said\n"
        "    try:\n"
        "        trace.stack()\n"
        "    except MemoryError:\n"
        "        said = 'no memory'\n"
        "machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, hard=True, callback=handler)\n"
        "while said is None:\n"
        "    pass\n"
    )
    assert repl.eval("said") == "no memory"
