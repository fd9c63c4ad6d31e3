"""modules/rawmem over the address space of the simulated mmio."""

import binascii

import mmio


def _bytes(addr, n, bits):
    out = bytearray()
    for at in range(addr, addr + n, bits // 8):
        found = mmio._find(at)
        if found is None:
            raise mmio.BusError(at, False, bits // 8)
        out.extend(found[2].read(at - found[0], bits).to_bytes(bits // 8, "little"))
    return bytes(out)


def read(addr, n, width=8):
    return _bytes(addr, n, width or 8) if isinstance(addr, int) else bytes(memoryview(addr)[:n])


def find(addr, n, pattern, mask=None, align=1, width=0):
    data = read(addr, n, width)
    at = data.find(pattern)
    while at >= 0 and (addr + at) % align:
        at = data.find(pattern, at + 1)
    return -1 if at < 0 else addr + at


def compare(a, b, n, width=0):
    left, right = read(a, n), read(b, n)
    for i in range(n):
        if left[i] != right[i]:
            return i
    return -1


def free():
    return [(0x40100000, 0x100000), (0x42000000, 0x1000000)]


def _store(addr, data, bits):
    if not isinstance(addr, int):
        memoryview(addr)[: len(data)] = data
        return
    step = bits // 8
    for i in range(0, len(data), step):
        found = mmio._find(addr + i)
        if found is None:
            raise mmio.BusError(addr + i, True, step)
        found[2].write(addr + i - found[0], bits, int.from_bytes(data[i : i + step], "little"))


def fill(addr, n, value, width=8, *, force=False):
    step = width // 8
    _store(addr, (value & ((1 << width) - 1)).to_bytes(step, "little") * (n // step), width)


def copy(dst, src, n, width=8, *, force=False):
    _store(dst, read(src, n, width), width)


def write(addr, data, width=8, *, force=False):
    _store(addr, bytes(data), width)


def readinto(addr, buf, width=8):
    buf[:] = read(addr, len(buf), width)


def crc32(addr, n, width=0):
    return binascii.crc32(read(addr, n)) & 0xFFFFFFFF
