"""rawmem: ranges of addresses, every width, dead addresses, the firmware's own memory."""

import binascii
import time

import pytest

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_HOLE = 0x09F00000  # nothing answers there on QEMU virt: external abort
_UART = 0x09000000
_TEXT = 0xFFFFFFFF80000000

_SETUP = """
import rawmem, dma, uctypes, boot, gc
def raised(f, *a, **k):
    try: f(*a, **k)
    except Exception as e:
        return type(e).__name__, getattr(e, 'errno', None), getattr(e, 'addr', None)
def data(n): return bytes((i * 7 + i // 256) & 255 for i in range(n))
"""


@pytest.fixture
def py(repl):
    repl.exec(_SETUP)
    return repl


@pytest.mark.parametrize("width", [8, 16, 32, 64])
def test_read_and_write(py, width):
    py.exec(
        f"w = {width}\n"
        "b = dma.alloc(20000)\n"
        "d = data(9968)\n"
        "rawmem.write(b.phys + 16, d, w)\n"
        "assert rawmem.read(b.phys + 16, 9968, w) == d\n"
        "assert bytes(b)[:9984] == bytes(16) + d and not any(bytes(b)[9984:])\n"
        "into = bytearray(9968)\n"
        "rawmem.readinto(b.phys + 16, into, w)\n"
        "assert into == d\n"
        "rawmem.readinto(b, memoryview(into)[8:4088], width=w)\n"
        "assert into == d[:8] + bytes(16) + d[:4064] + d[4088:]\n"
        "assert rawmem.read(b.phys, 0, w) == b''\n"
        "rawmem.fill(b.phys + 64, 9000, 0x1122334455667788, w)\n"
        "unit = b'\\x88\\x77\\x66\\x55\\x44\\x33\\x22\\x11'[:w // 8]\n"
        "assert rawmem.read(b.phys + 64, 9000) == unit * (9000 * 8 // w)\n"
        "assert rawmem.read(b.phys + 16, 48) == d[:48]\n"
        "assert rawmem.read(b.phys + 9064, 8) == d[9048:9056]\n"
        "b.free()\n"
    )


def test_copy_overlaps(py):
    py.exec(
        "d = data(20000)\n"
        "for w in (0, 8, 64):\n"
        "    for dst, src in ((0, 8), (8, 0), (4096, 0), (0, 4096), (9992, 0), (0, 0), (16, 8)):\n"
        "        b = bytearray(d)\n"
        "        a = uctypes.addressof(b)\n"
        "        rawmem.copy(a + dst, a + src, 10000, w, force=True)\n"
        "        want = bytearray(d)\n"
        "        want[dst:dst + 10000] = d[src:src + 10000]\n"
        "        assert b == want, (w, dst, src)\n"
    )


def test_compare_and_crc(py):
    py.exec(
        "d = data(10001)\n"
        "b = bytearray(d)\n"
        "assert rawmem.compare(d, b) == -1\n"
        "for i in (10000, 9000, 4096, 4095, 8, 1, 0):\n"
        "    b[i] ^= 1\n"
        "    assert rawmem.compare(d, b) == i\n"
        "    assert rawmem.compare(d, b, i) == -1\n"
        "assert rawmem.compare(uctypes.addressof(d), b, 10) == 0\n"
        "assert raised(rawmem.compare, d, b[1:])[0] == 'ValueError'\n"
    )
    for n in (0, 1, 7, 4096, 4097, 10001):
        data = bytes((i * 7 + i // 256) & 255 for i in range(n))
        assert py.eval(f"rawmem.crc32(d, {n})") == binascii.crc32(data)
    assert py.eval("rawmem.crc32(uctypes.addressof(d) + 1, 99)") == py.eval(
        "rawmem.crc32(d[1:100])"
    )


def test_find(py):
    py.exec(
        "b = dma.alloc(20000)\n"
        "p = b.phys\n"
        "for at in (0, 1, 4090, 4095, 4096, 8190, 19992):\n"
        "    rawmem.fill(p, 20000, 0)\n"
        "    rawmem.write(p + at, b'PyRaLlAx')\n"
        "    assert rawmem.find(p, 20000, b'PyRaLlAx') == p + at, at\n"
        "    assert rawmem.find(b, 20000, b'PyRaLlAx') == p + at, at\n"
        "    assert rawmem.find(p, at + 7, b'PyRaLlAx') == -1\n"
        "    assert rawmem.find(p, 20000, b'pyrallax', bytes([0xdf] * 8)) == p + at\n"
        "    hit = rawmem.find(p, 20000, b'PyRaLlAx', align=2)\n"
        "    assert hit == (-1 if at % 2 else p + at), at\n"
        "assert rawmem.find(p, 20000, b'x' * 256) == -1\n"
        "for bad in ((b'',), (b'x' * 257,), (b'x', b'xx'), (b'x', None, 0)):\n"
        "    assert raised(rawmem.find, p, 8, *bad)[0] == 'ValueError', bad\n"
        "assert rawmem.find(boot.hw()['rsdp'] or p, 8, b'zzzzzzz') == -1\n"
        "b.free()\n"
    )


def test_devices(py):
    """One access of the width asked for: the PL011 identifies itself in 32-bit registers."""
    py.exec(
        f"ids = rawmem.read({_UART} + 0xfe0, 32, 32)\n"
        "got = bytes(ids[i] for i in range(0, 32, 4))\n"
        "assert got == b'\\x11\\x10\\x14\\x00\\x0d\\xf0\\x05\\xb1', ids\n"
        f"hit = rawmem.find({_UART} + 0xfe0, 32, b'\\x0d\\0\\0\\0', width=32)\n"
        f"assert hit == {_UART} + 0xff0\n"
        f"assert rawmem.compare({_UART} + 0xfe0, ids, 32, 32) == -1\n"
        f"assert rawmem.crc32({_UART} + 0xfe0, 32, 32) == rawmem.crc32(ids)\n"
    )


def test_dead_addresses(py):
    for call in (
        "rawmem.read, {a}, 16, {w}",
        "rawmem.readinto, {a}, bytearray(16), {w}",
        "rawmem.write, {a}, bytes(16), {w}",
        "rawmem.fill, {a}, 16, 1, {w}",
        "rawmem.copy, {a}, bytes(16), 16, {w}",
        "rawmem.copy, bytearray(16), {a}, 16, {w}",
        "rawmem.compare, {a}, {a}, 16, {w}",
        "rawmem.find, {a}, 16, b'x', None, 1, {w}",
        "rawmem.crc32, {a}, 16, {w}",
    ):
        for width in (8, 16, 32, 64):
            for addr in (_HOLE, 0, 1 << 45):
                got = py.eval(f"raised({call.format(a=addr, w=width)})")
                assert got == ("BusError", 14, addr), (call, width, hex(addr))
    assert py.eval("raised(rawmem.memtest, 0, 16)")[0] == "ValueError"
    # The first page of a long range is there, the next is not.
    py.exec(
        "end = max(base + size for base, size, kind in boot.memory())\n"
        "got = raised(rawmem.read, end - 4096, 8192)\n"
        "assert got[0] == 'BusError' and got[2] == end, (got, end)\n"
        "for i in range(1000): raised(rawmem.read, 0, 4)\n"
        "gc.collect(); free = gc.mem_free()\n"
        "for i in range(1000): raised(rawmem.read, 0, 4)\n"
        "gc.collect(); assert abs(gc.mem_free() - free) < 1024\n"
    )


def test_wrong_arguments(py):
    for call in (
        "rawmem.read, 0x40000001, 8, 64",
        "rawmem.read, 0x40000000, 9, 16",
        "rawmem.read, 0x40000000, 8, 24",
        "rawmem.read, 0x40000000, -1",
        "rawmem.read, (1 << 64) - 8, 16",
        "rawmem.read, b'12', 3",
        "rawmem.memtest, bytearray(15)",
        "rawmem.memtest, bytearray(16), 16, 0",
        "rawmem.copy, bytearray(8), bytes(4), 8",
    ):
        assert py.eval(f"raised({call})")[0] == "ValueError", call
    for call in (
        "rawmem.read, 0x40000000",
        "rawmem.read, None, 4",
        "rawmem.write, b'read-only', b'x'",
        "rawmem.readinto, 0x40000000, bytes(4)",
        "rawmem.fill, bytearray(4), 4, None",
    ):
        assert py.eval(f"raised({call})")[0] == "TypeError", call


def test_the_firmware_is_kept(py):
    """Writes by address to what the firmware lives on are refused, unless forced."""
    py.exec(
        "hw = boot.hw()\n"
        "x = bytearray(4096)\n"
        "disk = uctypes.addressof(boot.ramdisk())\n"
        f"kept = [{_TEXT}, {_TEXT} + hw['image'][1] - 8192, hw['image'][0]]\n"
        "kept += [uctypes.addressof(x), disk]\n"
        "kept += [r[0] for r in boot.memory() if r[2] not in ('free', 'mmio', 'fb')]\n"
        "for a in kept:\n"
        "    for f in (lambda: rawmem.write(a, b'1'), lambda: rawmem.fill(a, 8, 0),\n"
        "              lambda: rawmem.copy(a, bytes(8), 8), lambda: rawmem.memtest(a & ~7, 8)):\n"
        "        assert raised(f) == ('OSError', 1, None), hex(a)\n"
        f"assert raised(rawmem.write, {_TEXT}, b'1', force=True)[0] == 'BusError'\n"
        "rawmem.write(uctypes.addressof(x), b'forced', force=True)\n"
        "assert x[:6] == b'forced'\n"
        "rawmem.write(x, b'buffer')\n"
        "assert x[:6] == b'buffer'\n"
        "for base, size in rawmem.free():\n"
        "    rawmem.write(base, b'mine')\n"
        "    rawmem.write(base + size - 4, b'mine')\n"
        "    got = raised(rawmem.write, base + size - 3, b'mine')[0]\n"
        "    assert got in ('OSError', 'BusError')\n"
    )


def test_free_is_what_stats_say(py):
    py.exec(
        "free, end = rawmem.free(), 0\n"
        "for base, size in free:\n"
        "    assert base % 4096 == size % 4096 == 0 and base > end\n"
        "    end = base + size\n"
        "assert sum(size for _, size in free) == boot.stats()['free']\n"
    )


def test_memtest(py):
    py.exec(
        "assert rawmem.memtest(bytearray(100000)) is None\n"
        "with dma.alloc(1 << 20) as b:\n"
        "    assert rawmem.memtest(b, passes=2) is None\n"
        "    assert rawmem.memtest(b.phys, 1 << 20) is None\n"
        "base, size = max(rawmem.free(), key=lambda r: r[1])\n"
        "assert rawmem.memtest(base, 4 << 20) is None\n"
    )
    # Not memory: the UART's registers do not keep what is written.
    assert py.eval(f"raised(rawmem.memtest, {_UART}, 16)")[0] == "ValueError"


@pytest.mark.parametrize(
    "call",
    [
        "rawmem.memtest(*max(rawmem.free(), key=lambda r: r[1]), passes=1000)",
        "while 1: rawmem.find(0x48000000, 64 << 20, b'not there at all')",
        "while 1: rawmem.crc32(0x48000000, 64 << 20)",
        f"while 1: rawmem.read({_UART} + 0xfe0, 32, 32)",
        "p = max(rawmem.free(), key=lambda r: r[1])[0]\nwhile 1: rawmem.copy(p, p + 8, 64 << 20)",
    ],
)
def test_ctrl_c_ends_long_work(py, call):
    wire = py.wire
    wire.write(call.encode() + b"\x04")
    py.read_until(b"OK", 5)
    time.sleep(0.3)
    wire.write(b"\x03")
    assert b"KeyboardInterrupt" in py.read_until(b"\x04>", 5)
    assert py.eval("6 * 7") == 42
