"""What tables' pointers may lead to."""

import mmio
import physmem

RANGES = [(0x40000000, 0x1000, "free"), (0x40001000, 0x1000, "acpi"), (0x40002000, 0x1000, "mmio")]


def refused(address, size):
    try:
        physmem.Ram(RANGES).read(address, size)
    except physmem.NotRam:
        return True
    return False


def test_ranges_that_meet_are_one():
    mmio.detach_all()
    mmio.attach(0x40000000, 0x3000, mmio.Memory(bytearray(i & 0xFF for i in range(0x3000))))
    try:
        assert physmem.Ram(RANGES).read(0x40000FFD, 6) == b"\xfd\xfe\xff\x00\x01\x02"
    finally:
        mmio.detach_all()


def test_what_is_refused():
    mmio.detach_all()
    for address, size in (
        (0x40001FFF, 2),  # into a device
        (0x3FFFFFFF, 2),
        (0x40000000, 0),
        (0x40000000, -8),
        (0x40000000, 1 << 50),  # refused before room is made for it
        (0x40000000, 8),  # nothing answers
    ):
        assert refused(address, size), (address, size)
