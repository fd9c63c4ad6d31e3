"""A bad access raises BusError wherever it is made, and a thousand of them leak nothing."""

import pytest

from pyrallax.repl import TargetPanic

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_HOLE = 0x09F00000  # nothing answers there on QEMU virt: external abort
_TEXT = 0xFFFFFFFF80000000  # read-only: permission fault

# Expressions and statements; A is the address.
ACCESSES = {
    "mem8": "machine.mem8[A]",
    "mem64-store": "machine.mem64[A] = 1",
    "mmio": "mmio.Regs(A, 64)[0]",
    "mmio-store": "mmio.Regs(A, 64)[4] = 1",
    "mmio-readinto": "mmio.Regs(A, 64).readinto(0, bytearray(8))",
    "rawmem": "rawmem.read(A, 16)",
    "pm": "pm.memory[A:A + 9]",
    "uctypes-field": "S(A, uctypes.NATIVE).word",
    "uctypes-byte": "S(A, uctypes.BIG_ENDIAN).byte",
    "uctypes-packed": "S(A, uctypes.LITTLE_ENDIAN).word",
    "uctypes-store": "S(A, uctypes.NATIVE).word = 1",
    "uctypes-packed-store": "S(A, uctypes.BIG_ENDIAN).long = 0xfedcba9876543210",
    "uctypes-bits": "S(A, uctypes.NATIVE).bits",
    "uctypes-bits-store": "S(A, uctypes.NATIVE).bits = 1",
    "uctypes-array": "S(A, uctypes.NATIVE).array[2]",
    "uctypes-float": "S(A, uctypes.NATIVE).real",
    "uctypes-pointer": "S(A, uctypes.NATIVE).pointer[0]",
    "bytes_at": "uctypes.bytes_at(A, 100)",
    "bytearray_at": "uctypes.bytearray_at(A, 100)[5]",
    "bytearray_at-store": "uctypes.bytearray_at(A, 100)[5] = 1",
    "bytearray_at-slice": "uctypes.bytearray_at(A, 100)[5:50]",
    "bytearray_at-slice-store": "uctypes.bytearray_at(A, 100)[0:5] = b'12345'",
    "memoryview": "memoryview(uctypes.bytearray_at(A, 100))[7]",
    "memoryview-store": "memoryview(uctypes.bytearray_at(A, 100))[0:3] = b'123'",
    "iterator": "list(uctypes.bytearray_at(A, 100))",
    "unpack": "struct.unpack_from('<IQ', uctypes.bytearray_at(A, 100))",
    "pack": "struct.pack_into('<Q', uctypes.bytearray_at(A, 100), 0, 1 << 63)",
}
_SETUP = """
import gc, machine, micropython, mmio, pm, rawmem, struct, time, uctypes
U = uctypes
LAYOUT = {
    'byte': U.UINT8, 'word': U.UINT32, 'long': U.UINT64, 'real': U.FLOAT64 | 8,
    'bits': U.BFUINT32 | 0 | 3 << U.BF_POS | 5 << U.BF_LEN,
    'array': (U.ARRAY, 4 | U.UINT32), 'pointer': (U.PTR, U.UINT8),
}
def S(a, kind): return U.struct(a, LAYOUT, kind)
def caught(f):
    try:
        f()
    except BusError as e:
        return e
"""


def _function(access: str, address: int) -> str:
    return f"A = {address:#x}\ndef bad():\n    {access}\n"


@pytest.mark.parametrize("access", ACCESSES)
def test_at_the_prompt(repl, access):
    repl.exec(_SETUP)
    stores = "=" in ACCESSES[access] or access == "pack"
    for address in [0x0, 1 << 50, _HOLE, *([_TEXT] if stores else [])]:
        repl.exec(_function(ACCESSES[access], address))
        said = repl.run("bad()").stderr.decode()
        assert "BusError: [Errno 14] EFAULT: " in said and "in bad" in said
        write, at, errno = repl.eval("(lambda e: (e.write, e.addr, e.errno))(caught(bad))")
        # A field of bits is read before it is written; a store to text may be one.
        assert write == (stores and not (access == "uctypes-bits-store" and address != _TEXT))
        assert 0 <= at - address <= 100 and errno == 14
    assert repl.eval("6 * 7") == 42


def test_unaligned_device_access(repl):
    """Refused before it is made, where an emulator might let it pass and a hypervisor kill."""
    repl.exec(_SETUP)
    for access in (
        "machine.mem32[0x09000002]",
        "machine.mem64[0x09000004] = 0",
        "mmio.Regs(0x09000000, 64)[2]",
        "mmio.Regs(0x09000000, 64).write64(4, 0)",
        "rawmem.read(0x09000001, 4, 32)",
    ):
        assert b"ValueError" in repl.run(access).stderr, access


_LEAK = """
def many(n):
    for _ in range(n):
        e = caught(bad)
        assert type(e) is BusError
    e = None
def state():
    import dma
    gc.collect()
    return gc.mem_free(), micropython.stack_use(), dma.stats()[:2]
many(10)
before = state()
many(1000)
after = state()
assert abs(after[0] - before[0]) < 512 and after[1:] == before[1:], (before, after)
"""


@pytest.mark.parametrize(
    "access",
    ["mem8", "mem64-store", "mmio", "uctypes-field", "uctypes-packed-store", "bytes_at", "pack"],
)
def test_a_thousand_leak_nothing(repl, access):
    repl.exec(_SETUP)
    repl.exec(_function(ACCESSES[access], 0x10) + _LEAK, timeout=60)


def test_in_a_driver(repl):
    """The driver undoes what it began: its DMA buffer goes back, and its next request works."""
    repl.exec(_SETUP)
    repl.exec(
        "import dma\n"
        "class Driver:\n"
        "    def __init__(self, base): self.regs = mmio.Regs(base, 64, name='dead')\n"
        "    def request(self):\n"
        "        with dma.alloc(4096) as buf:\n"
        "            self.regs[8] = buf.phys\n"
        f"d = Driver({_HOLE:#x})\n"
        "for _ in range(1000):\n"
        "    e = caught(d.request)\n"
        f"    assert e.addr == {_HOLE + 8:#x} and e.write and e.size == 4\n"
        "assert dma.stats()[:2] == (0, 0)\n"
        "d.regs = mmio.Regs(dma.alloc(64).phys, 64)\n"
        "d.request()",
        timeout=60,
    )


@pytest.mark.parametrize("access", ["mem8", "mmio-store", "uctypes-field", "bytearray_at-slice"])
def test_in_a_soft_handler(repl, access):
    """Each expiry raises; the timer goes on, and what is printed names the handler."""
    repl.exec(_SETUP)
    repl.exec(_function(ACCESSES[access], 0x10))
    said = repl.exec(
        "count = 0\n"
        "def ticked(t):\n"
        "    global count\n"
        "    count += 1\n"
        "    if count >= 5: t.deinit()\n"
        "    if count > 5: return\n"
        "    bad()\n"
        "t = machine.Timer(-1, period=2, callback=ticked)\n"
        "while count < 5: time.sleep_ms(1)\n"
        "time.sleep_ms(20)",
        timeout=20,
    )
    assert said.count("BusError: [Errno 14] EFAULT") == 5
    assert said.count("in ticked\n") == 5 and said.count("in bad\n") == 5
    assert repl.eval("6 * 7") == 42


@pytest.mark.parametrize("access", ["mmio", "uctypes-store"])
def test_in_a_soft_interrupt_handler(repl, access):
    """As from a device's line; the line works on."""
    repl.exec(_SETUP + "import irq\nLINE = 32 + 200\n")
    repl.exec(_function(ACCESSES[access], _HOLE))
    said = repl.exec(
        "def served(line): bad()\n"
        "line = irq.request(LINE, served, trigger=irq.EDGE)\n"
        "for _ in range(10):\n"
        "    line.pend()\n"
        "    time.sleep_ms(2)\n"
        "assert line.count == 10, line.count\n"
        "line.free()",
        timeout=20,
    )
    assert said.count("BusError: [Errno 14] EFAULT") == 10
    assert said.count("in served\n") == 10
    assert repl.eval("6 * 7") == 42


def test_a_hard_handler_in_between(repl):
    """It comes once the fault is taken, with a fault of its own: each has its own address."""
    repl.exec(_SETUP)
    repl.exec(
        f"here, there = mmio.Regs({_HOLE:#x}, 64), mmio.Regs({_HOLE + 0x1000:#x}, 64)\n"
        "count, wrong = 0, []\n"
        "def ticked(t):\n"
        "    global count\n"
        "    count += 1\n"
        "    try: there[8]\n"
        "    except BusError: pass\n"
        "def many(n):\n"
        "    while count < n:\n"
        "        try: here[4]\n"
        "        except BusError as e:\n"
        f"            if e.addr != {_HOLE + 4:#x}: wrong.append((count, e.addr))\n"
        "t = machine.Timer(-1, period=1, hard=True, callback=ticked)\n"
        "many(1000)\n"
        "t.deinit()",
        timeout=60,
    )
    assert repl.eval("wrong") == []


def test_a_thousand_in_a_soft_handler(repl):
    repl.exec(_SETUP)
    repl.exec(
        _function(ACCESSES["mem8"], 0x10) + "count = 0\n"
        "def ticked(t):\n"
        "    global count\n"
        "    try: bad()\n"
        "    except BusError: count += 1\n"
        "def thousand():\n"
        "    global count\n"
        "    count = 0\n"
        "    t = machine.Timer(-1, period=1, callback=ticked)\n"
        "    while count < 1000: time.sleep_ms(1)\n"
        "    t.deinit()\n"
        "    gc.collect()\n"
        "    return gc.mem_free(), micropython.stack_use()\n"
        "first = thousand()\nsecond = thousand()\n"
        "assert abs(first[0] - second[0]) < 512 and first[1] == second[1], (first, second)",
        timeout=60,
    )


def test_code_that_is_no_accessor_still_panics(vm):
    """uctypes' own code is covered; the interpreter's is not, whoever gave the pointer."""
    with pytest.raises(TargetPanic, match=r"read of 0x10: translation fault"):
        vm.repl().run("import uctypes\nprint(bytes(uctypes.bytearray_at(0x10, 8)))", 10)
