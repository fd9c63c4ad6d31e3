"""A bad access is BusError with the facts, and the next line works."""

import pytest

pytestmark = pytest.mark.boot

_HOLE = 0x09F00000  # nothing answers there on QEMU virt: external abort
_TEXT = 0xFFFFFFFF80000000  # read-only: permission fault
_CATCH = """
import machine
def bad(size, addr, write):
    mem = getattr(machine, 'mem%d' % (8 * size))
    try:
        if write:
            mem[addr] = 1
        else:
            mem[addr]
    except BusError as e:
        assert isinstance(e, OSError) and machine.BusError is BusError
        return (e.addr, e.write, e.size, e.esr, e.far, e.pc, e.errno, str(e), repr(e))
"""


@pytest.mark.parametrize("write", [False, True], ids=["read", "write"])
@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_facts(repl, size, write):
    repl.exec(_CATCH)
    for addr, status, word in (
        (0, 0x04, "translation fault"),
        (8 * 100, 0x04, "translation fault"),
        (1 << 50, 0x04, "translation fault"),
        (_HOLE, 0x10, "external abort"),
    ):
        got = repl.eval(f"bad({size}, {addr}, {write})")
        assert got[:3] == (addr, write, size)
        esr, far, pc, errno, text, full = got[3:]
        assert esr >> 26 == 0x25 and esr & 0x3C == status & 0x3C, hex(esr)
        assert far == addr
        assert _TEXT <= pc < _TEXT + (16 << 20)
        assert errno == 14
        verb = "write" if write else "read"
        assert text.startswith(f"[Errno 14] EFAULT: {verb} of {size} bytes at {addr:#x}: {word}")
        assert full == f"BusError({text})"
        if status == 0x04:
            assert esr >> 6 & 1 == write
    assert repl.exec("print(6 * 7)") == "42\n"


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_text_is_read_only(repl, size):
    repl.exec(_CATCH)
    assert repl.eval(f"bad({size}, {_TEXT}, False)") is None
    got = repl.eval(f"bad({size}, {_TEXT}, True)")
    assert got[:3] == (_TEXT, True, size)
    assert got[3] & 0x3C == 0x0C and "permission fault" in got[7]


def test_the_image_has_no_writable_alias(repl):
    """W^X also through physical addresses."""
    repl.exec(_CATCH + "import boot\nbase, size = boot.hw()['image']")
    for offset in ("0", "4096", "size // 2", "size - 4096"):
        got = repl.eval(f"bad(4, base + ({offset}), True)")
        assert got and "translation fault" in got[7], offset


def test_guards_are_not_mapped(repl):
    repl.exec(_CATCH + "import boot\nbase, size = boot.hw()['image']")
    stack, exc, guard = 512 << 10, 32 << 10, 64 << 10
    for n, above in enumerate((0, exc, exc + stack), 1):  # from the image's end down
        bottom = f"{_TEXT} + size - {above + n * guard}"
        for at in (0, guard // 2, guard - 8):
            got = repl.eval(f"bad(8, {bottom} + {at}, False)")
            assert got and "translation fault" in got[7], (n, at)
        assert repl.eval(f"bad(8, {bottom} - 8, False)") is None
        assert n == 1 or repl.eval(f"bad(8, {bottom} + {guard}, False)") is None


def test_traceback_names_the_error(repl):
    error = repl.run("import machine\nmachine.mem32[0]").stderr.decode()
    assert error.splitlines()[-1].startswith("BusError: [Errno 14] EFAULT: read of 4 bytes at 0x0")


def test_unaligned_and_wrong_types(repl):
    repl.exec(
        "import machine\n"
        "def no(kind, mem, addr):\n"
        "    for access in (lambda: mem[addr], lambda: mem.__setitem__(addr, 0)):\n"
        "        try: access()\n"
        "        except kind: return\n"
        "    assert 0, (mem, addr)\n"
        "for i in range(1, 8):\n"
        "    no(ValueError, machine.mem64, 0x40000000 + i)\n"
        "    if i % 4: no(ValueError, machine.mem32, 0x40000000 + i)\n"
        "    if i % 2: no(ValueError, machine.mem16, 0x40000000 + i)\n"
        "for addr in ('a', 1.5, None): no(TypeError, machine.mem32, addr)\n"
    )


def test_widths_are_exact(repl):
    repl.exec(
        "import machine, uctypes\n"
        "b = bytearray(32)\na = (uctypes.addressof(b) + 15) & ~15\n"
        "machine.mem64[a] = 0xfedcba9876543210\n"
        "assert machine.mem64[a] == 0xfedcba9876543210\n"
        "assert machine.mem32[a] == 0x76543210 and machine.mem32[a + 4] == 0xfedcba98\n"
        "assert machine.mem16[a + 6] == 0xfedc and machine.mem8[a + 7] == 0xfe\n"
        "machine.mem8[a + 1] = 0x1ff\n"
        "assert machine.mem64[a] == 0xfedcba987654ff10\n"
        "machine.mem64[a] = -1\n"
        "assert machine.mem64[a] == (1 << 64) - 1\n"
        "machine.mem16[a + 2] = 0\n"
        "assert machine.mem64[a] == 0xffffffff0000ffff\n"
        "machine.mem64[a] = 5\n"
        "assert machine.mem64[a] is 5\n"  # a small integer: no allocation in handlers
    )


_HARD = """
import machine, time
A = 0xffffffff80000000
said = []
def f(t):
    global seen
    try:
        machine.mem32[A] = 0
    except BusError as e:
        seen = 1 + (e.addr == A) + (e.size == 4) + (e.write is True) + (e.pc > A)
seen = 0
t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, hard=True, callback=f)
end = time.ticks_add(time.ticks_ms(), 3000)
while not seen and time.ticks_diff(end, time.ticks_ms()) > 0: time.sleep_ms(2)
print(seen)
"""


def test_in_a_hard_handler(repl):
    assert repl.exec(_HARD) == "5\n"
    assert "BusError: [Errno 14]" in repl.exec(
        "def f(t): machine.mem32[0]\n"
        "t = machine.Timer(-1, period=2, hard=True, callback=f)\ntime.sleep_ms(100)"
    )
    assert repl.exec("print(1)") == "1\n"


def test_faults_leak_nothing(repl):
    repl.exec(
        "import gc, machine\n"
        "def run(n):\n"
        "    m = machine.mem32\n"
        "    for i in range(n):\n"
        "        try: m[0]\n"
        "        except BusError: pass\n"
        "run(10)\ngc.collect()\nbefore = gc.mem_free()\nrun(10000)\ngc.collect()\n"
        "assert abs(gc.mem_free() - before) < 1024, (before, gc.mem_free())\n",
        timeout=60,
    )
