"""modules/mmio on the PL031 clock, fw_cfg and RAM.  tests/unit/frozen has the simulated one."""

import pytest

from pyrallax.repl import TargetError

pytestmark = pytest.mark.probe

# QEMU virt's PL031 and PL011 (hw/arm/virt.c: base_memmap).
SETUP = """
import mmio, uctypes
rtc = mmio.Regs(0x9010000, 0x1000, name="rtc")
ram = bytearray(64)
r = mmio.Regs(uctypes.addressof(ram), 64, name="ram")
"""


@pytest.fixture
def target(repl):
    repl.exec(SETUP)
    return repl


def test_reads_a_device(target):
    # PL031's peripheral and PrimeCell ids, DDI 0224 §3.1.
    ids = target.eval("[rtc[i] for i in range(0xfe0, 0x1000, 4)]")
    assert ids == [0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1]


def test_writes_a_device(target):
    target.exec("rtc[4] = 0xfffffff0")
    assert target.eval("rtc[4]") == 0xFFFFFFF0


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
def test_widths(target, bits):
    value = 0x8899AABBCCDDEEFF & (1 << bits) - 1
    got = target.eval(f"(r.write{bits}(8, {value}), r.read{bits}(8), bytes(ram[8:17]))")
    assert got[1] == value
    assert got[2] == value.to_bytes(bits // 8, "little") + bytes(9 - bits // 8)


def test_index_has_the_windows_width(target):
    assert target.eval("(r.write64(0, -1), mmio.Regs(r.base, 8, 16)[2])")[1] == 0xFFFF


def test_stores_are_cut_to_the_width(target):
    target.exec("r[0] = -2")
    assert target.eval("(r[0], r[4])") == (0xFFFFFFFE, 0)


@pytest.mark.parametrize(
    "access, error",
    [
        ("r[64]", "IndexError: offset 0x40: ram has 0x40 bytes"),
        ("r[-4]", "IndexError"),
        ("r.read64(60)", "IndexError"),
        ("r.write32(62, 0)", "IndexError"),
        ("r[2]", "ValueError: offset 0x2 of ram is not aligned to 4 bytes"),
        ("r.window(32, 33)", "IndexError"),
        ("r.window(-1, 2)", "IndexError"),
        ("mmio.Regs(0, 0)", "ValueError"),
        ("mmio.Regs(-4, 8)", "ValueError"),
        ("mmio.Regs(0, 4, 24)", "ValueError: width is 8, 16, 32 or 64"),
        ("r.readinto(0, bytearray(3))", "ValueError"),
        ("r.readinto(0, b'1234')", "TypeError"),
        ("setattr(r, 'trace', 1)", "AttributeError"),
        ("setattr(r, 'base', 1)", "AttributeError"),
    ],
)
def test_refused(target, access, error):
    with pytest.raises(TargetError, match=error):
        target.exec(access)


@pytest.mark.parametrize("access", ["r[0]", "r[0] = 1", "r.read8(3)", "r.wait(0,1,1,9)"])
def test_dead_address(target, access):
    target.exec("r = mmio.Regs(0x9040000, 0x1000)")  # a hole in QEMU virt's map
    with pytest.raises(TargetError, match=r"BusError: \[Errno 14\] EFAULT"):
        target.exec(access)


def test_bits(target):
    target.exec("r[4] = 0xf0; r.modify(4, 0xf0, 0x0a); r.set(4, 0x100); r.clear(4, 2)")
    assert target.eval("r[4]") == 0x108


def test_wait(target):
    assert target.eval("(r.wait(0, 1, 0, 0), r.wait(0, 1, 1, 2000))") == (True, False)


def test_wait_takes_its_time(target):
    target.exec("import time\nt = time.ticks_us(); r.wait(0, 1, 1, 5000)")
    took = target.eval("time.ticks_diff(time.ticks_us(), t)")
    assert took >= 5000


def test_a_handler_can_end_a_wait(target):
    target.exec("""
import machine
t = machine.Timer(-1)
t.init(period=5, mode=machine.Timer.ONE_SHOT, callback=lambda _: r.set(0, 1))
""")
    assert target.eval("r.wait(0, 1, 1, 5_000_000)") is True


def test_buffers(target):
    target.exec("r.writefrom(0, bytes(range(8)), 8); b = bytearray(8); r.readinto(0, b)")
    assert target.eval("bytes(b)") == bytes(range(8))
    target.exec("r.fifo_write(8, bytes(range(8)))")
    assert target.eval("(r[8], r[12])") == (0x07060504, 0)


def test_fifo_of_a_device(target):
    # fw_cfg: selector 0 at 8, big endian, and "QEMU" from the data register at 0 byte by byte.
    target.exec("f = mmio.Regs(0x9020000, 16, 8); f.write16(8, 0); b = bytearray(4)")
    assert target.eval("(f.fifo_read(0, b), bytes(b))")[1] == b"QEMU"


def test_window(target):
    target.exec("w = r.window(8, 8, 'part'); w[4] = 5")
    assert target.eval("(r[12], w.base - r.base, w.size, w.name, w.width)") == (
        5,
        8,
        8,
        "part",
        32,
    )
    assert target.eval("repr(w)").startswith("<mmio.Regs part at 0x")


def test_a_read_allocates_nothing(target):
    target.exec("""
import micropython
def read(r):
    micropython.heap_lock()
    try:
        for i in range(100):
            r[8] = r[8] + 1
    finally:
        micropython.heap_unlock()
read(r)
""")
    assert target.eval("r[8]") == 100


def test_an_address_of_more_than_64_bits(repl):
    """Not cut off: what is left may well be the firmware."""
    for code in (
        "mmio.Regs((1 << 64) + 0x09010000, 16)",
        "mmio.Regs(-16, 8)",
        "rawmem.read((1 << 64) + 0x09010000, 4)",
        "rawmem.fill((1 << 70), 4, 0)",
        "rawmem.read(-16, 8)",
    ):
        with pytest.raises(TargetError, match="ValueError: an address has 64 bits"):
            repl.exec("import mmio, rawmem\n" + code)
