"""What MicroPython 1.25 does wrong on such a machine, and this port mends without patching it."""

import pytest

from pyrallax.repl import TargetError

pytestmark = pytest.mark.boot

# The inner pow() holds 7.25 in a callee-saved FP register when the exception passes it.
_POW = """
import math
class Raises:
    def __float__(self):
        raise ValueError
class Catches:
    def __float__(self):
        try:
            math.pow(7.25, Raises())
        except ValueError:
            pass
        return 2.0
print(math.pow(3.0, Catches()))
"""

_READ_ONLY = """
import os
with open('/ram/mode.txt', 'w') as f:
    f.write('abc')
with open('/ram/mode.txt') as f:
    try:
        f.write('X')
        print('written')
    except OSError as e:
        print(e.errno)
with open('/ram/mode.txt', 'a') as f:
    try:
        print('read', f.read())
    except OSError as e:
        print(e.errno)
with open('/ram/mode.txt') as f:
    print(f.read())
os.remove('/ram/mode.txt')
"""


def test_an_exception_keeps_the_callers_doubles(repl):
    assert repl.exec(_POW) == "9.0\n"


_NO_TEXT = """
class NoText:
    def __repr__(self):
        raise OSError
class Worse(Exception):
    def __repr__(self):
        raise OSError
"""


@pytest.mark.parametrize("what", ["ValueError(NoText())", "Worse()"])
def test_an_exception_whose_text_raises(vm, what):
    """At the prompt, before it, and from interrupt handlers: told, and the session goes on."""
    repl = vm.repl()
    said = "<text of " + what.partition("(")[0] + ": OSError>"
    repl.exec(_NO_TEXT)
    with pytest.raises(TargetError, match=said):
        repl.exec(f"raise {what}")
    repl.exec(
        "import irq, time, machine, prompt\nready = " + what + "\nn = 0\n"
        "def bad(line): raise ready\n"
        "def good(line):\n    global n\n    n += 1\n"
    )
    for hard in (False, True):
        out = repl.exec(
            f"a = irq.request(9, bad, hard={hard})\nb = irq.request(10, good)\n"
            "a.pend()\ntime.sleep_ms(5)\nb.pend()\ntime.sleep_ms(5)\na.free()\nb.free()\n"
        )
        assert out.count("of INTID 9 bad") == 1 and said in out
    assert repl.eval("n") == 2
    repl.exec("prompt.before(lambda: bad(0))")
    repl.exit_raw()
    vm.wire.write(b"\r")
    repl.read_until(said.encode(), 5)
    repl.enter_raw()
    assert repl.exec("print(6 * 7)") == "42\n"


def test_hasattr_is_false_where_getattr_raises(repl):
    code = "class C:\n def __getattr__(self, n): raise AttributeError\nprint(hasattr(C(), 'x'))"
    assert repl.exec(code) == "False\n"


def test_littlefs_keeps_to_the_mode_of_a_file(repl):
    assert repl.exec(_READ_ONLY) == "9\n9\nabc\n"  # EBADF
