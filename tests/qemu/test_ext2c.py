"""ext2c: what does not lie in the buffer is refused, not read."""

import pytest

from pyrallax.repl import TargetError

pytestmark = pytest.mark.storage

_OUTSIDE = [
    "run(b, 0, -1)",
    "run(b, 0, 0)",
    "run(b, 16, 1)",
    "run(b, -1, 1)",
    "word(b, 61)",
    "stat(b, 0, 2)",
    "put_run(b, 15, 2, 7)",
    "put_run(b, 17, 0, 7)",
    "free_run(b, 0, 513, 1)",
    "free_run(b, 9, 8, 1)",
    "set_bits(b, 500, 13, 1)",
    "byte(b, 0, 0, 65)",
    "room(b, 65)",
    "before(b, 65)",
    "part(b, 60, 5)",
    "copy(b, 60, b, 0, 5)",
    "window(memoryview(b), b, 1, 64)",
]


@pytest.mark.parametrize("call", _OUTSIDE)
def test_outside(repl, call):
    repl.exec("import ext2c\nb = bytearray(64)")
    with pytest.raises(TargetError, match="IndexError"):
        repl.exec(f"ext2c.{call}")
    assert repl.eval("b == bytes(64)")


def test_runs_end_at_the_limit_and_at_the_end(repl):
    repl.exec("import ext2c, struct\nb = struct.pack('<16I', *range(5, 21))")
    assert repl.eval("[ext2c.run(b, 0, n) >> 32 for n in (1, 3, 16, 17, 1 << 40)]") == [
        *(1, 3, 16, 16, 16)
    ]
