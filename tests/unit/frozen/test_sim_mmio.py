"""The simulated mmio behaves as the module does on the target (tests/qemu/test_mmio.py)."""

import mmio
from raising import raises


def regs(size=16, width=32):
    return mmio.Regs(0x1000, size, width, "thing", model=mmio.Memory(bytearray(size)))


def test_widths():
    r = regs()
    r[0] = 0x11223344
    assert r[0] == 0x11223344
    assert r.read8(1) == 0x33 and r.read16(2) == 0x1122
    r.write8(0, 0xFF)
    assert r[0] == 0x112233FF
    r.write64(8, 0x8000000000000001)
    assert r.read64(8) == 0x8000000000000001


def test_stores_are_cut_to_the_width():
    r = regs()
    r[0] = -1
    assert r[0] == 0xFFFFFFFF


def test_limits():
    r = regs()
    assert raises(IndexError, r.read32, 16)
    assert raises(IndexError, r.read64, 12)
    assert raises(IndexError, r.read8, -1)
    assert raises(ValueError, r.read32, 2)


def test_bits():
    r = regs()
    r[4] = 0xF0
    r.modify(4, 0xF0, 0x0A)
    assert r[4] == 0x0A
    r.set(4, 0x100)
    r.clear(4, 0x02)
    assert r[4] == 0x108


def test_wait():
    r = regs()
    assert r.wait(0, 1, 0, 1000)
    assert not r.wait(0, 1, 1, 1000)


def test_window():
    r = regs()
    w = r.window(8, 8, "part")
    w[4] = 5
    assert r[12] == 5 and w.base == 0x1008 and w.name == "part" and w.size == 8
    assert raises(IndexError, r.window, 8, 12)


def test_buffers():
    r = regs()
    r.writefrom(0, bytes(range(8)))
    buf = bytearray(8)
    r.readinto(0, buf, 8)
    assert buf == bytes(range(8))
    r.fifo_write(8, bytes(range(8)))
    assert r[8] == 0x07060504 and r[12] == 0
    r.fifo_read(8, buf)
    assert buf == b"\x04\x05\x06\x07" * 2


def test_attached():
    mmio.attach(0x5000, 0x100, mmio.Memory(bytearray(0x100)))
    try:
        r = mmio.Regs(0x5010, 0x10)
        r[0] = 7
        assert mmio.Regs(0x5000, 0x100)[0x10] == 7
        assert raises(mmio.BusError, mmio.Regs(0x6000, 4).read32, 0)
    finally:
        mmio.detach_all()
