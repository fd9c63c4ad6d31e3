"""What MicroPython 1.25 does wrong on such a machine, and this port mends without patching it."""

import pytest

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


def test_hasattr_is_false_where_getattr_raises(repl):
    code = "class C:\n def __getattr__(self, n): raise AttributeError\nprint(hasattr(C(), 'x'))"
    assert repl.exec(code) == "False\n"


def test_littlefs_keeps_to_the_mode_of_a_file(repl):
    assert repl.exec(_READ_ONLY) == "9\n9\nabc\n"  # EBADF
