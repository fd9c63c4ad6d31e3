"""Memory and registers as they are: dumps, differences, searches (over rawmem).

addr: an address, or an object with the buffer protocol, the length of which is then the default.
"""

import boot
import rawmem

_PAGE = 4096
_ROW = 16
_RAM = ("free", "image", "boot", "firmware", "acpi", "fb")


def _is_memory(addr):
    """Whether reading any byte there has no effect: memory, by the firmware's map."""
    if addr >> 48:
        return True  # the firmware's image, high half
    return any(b <= addr < b + n for b, n, kind in boot.memory() if kind in _RAM)


def _row(addr, n, width):
    """[value or None where nothing answers, …] of n bytes in accesses of `width` bytes."""
    bits = 8 * width
    try:
        data = rawmem.read(addr, n, bits)
        return [int.from_bytes(data[i : i + width], "little") for i in range(0, n, width)]
    except OSError:
        pass
    values = []
    for at in range(0, n, width):
        try:
            values.append(int.from_bytes(rawmem.read(addr + at, width, bits), "little"))
        except OSError:
            values.append(None)
    return values


def _rows(addr, n, width):
    """(address or offset, values) of each row of 16 bytes."""
    if isinstance(addr, int):
        for at in range(0, n, _ROW):  # counted from 0: an address may be above a machine word's
            yield addr + at, _row(addr + at, min(_ROW, n - at), width)
        return
    data = memoryview(addr)
    for at in range(0, n, _ROW):
        part = bytes(data[at : min(at + _ROW, n)])
        yield (
            at,
            [int.from_bytes(part[i : i + width], "little") for i in range(0, len(part), width)],
        )


def _cells(values, width):
    return " ".join("--" * width if v is None else "%0*x" % (2 * width, v) for v in values)


def _text(values, width):
    out = ""
    for v in values:
        for byte in (v or 0).to_bytes(width, "little"):
            out += "?" if v is None else chr(byte) if 32 <= byte < 127 else "."
    return out


def _length(addr, n, default):
    if n is None:
        return default if isinstance(addr, int) else len(memoryview(addr))
    if n < 0:
        raise ValueError("length counts from 0: %d" % n)
    return n if isinstance(addr, int) else min(n, len(memoryview(addr)))


def hexdump(addr, n=None, width=None):
    """Print n bytes (256 of an address, all of a buffer), 16 a row, with their text.

    width: bytes an access, 1, 2, 4 or 8; 1 for memory, 4 for the rest where not given: registers
    are read with one load of that many bytes each, and reading may have effects.  What does not
    answer is shown as dashes.  Rows like the one above are one '*'.
    Raises ValueError for an address or length that is not a multiple of width.
    """
    n = _length(addr, n, 256)
    if width is None:
        width = 1 if not isinstance(addr, int) or _is_memory(addr) else 4
    if width not in (1, 2, 4, 8):
        raise ValueError("width is 1, 2, 4 or 8 bytes")
    if n % width or (isinstance(addr, int) and addr % width):
        what = "%#x, %u bytes" % (addr, n) if isinstance(addr, int) else "%u bytes" % n
        raise ValueError("%s: address and length are multiples of the width, %u" % (what, width))
    cells = (2 * width + 1) * (_ROW // width) - 1
    last = None
    starred = False
    for at, values in _rows(addr, n, width):
        if values == last:
            if not starred:
                print("*")
            starred = True
            continue
        starred = False
        last = values
        print("%08x  %-*s  |%s|" % (at, cells, _cells(values, width), _text(values, width)))
    if starred:
        print("%08x" % (n + (addr if isinstance(addr, int) else 0)))


def hexdiff(a, b, n=None):
    """Print the rows of 16 bytes in which a and b differ, and how many bytes that are.

    Bytes that do not answer on both sides are no difference; they are shown and counted.

    a, b: addresses of memory or buffers; n: 256, or the length of the shorter buffer.
    """
    n = min(_length(a, n, 256 if isinstance(b, int) else 1 << 62), _length(b, n, 1 << 62))
    differ = silent = 0
    rows = _rows(b, n, 1)
    for at, left in _rows(a, n, 1):
        right = next(rows)[1]
        if left != right or None in left:
            marks = [x != y for x, y in zip(left, right)]
            differ += sum(marks)
            silent += sum([x is None and y is None for x, y in zip(left, right)])
            print("%08x  %s" % (at, _cells(left, 1)))
            print("          %s" % _cells(right, 1))
            print("          %s" % " ".join("^^" if mark else "  " for mark in marks).rstrip())
    more = ", %u do not answer" % silent if silent else ""
    print("%u of %u bytes differ%s" % (differ, n, more))


def _pattern(pattern):
    if isinstance(pattern, str):
        return pattern.encode()
    if isinstance(pattern, int):
        return pattern.to_bytes(4 if pattern < 1 << 32 else 8, "little")
    return bytes(pattern)


def _search(addr, n, data, align):
    """Yield where the bytes stand; dead pages are passed over."""
    end = addr + n
    while addr < end:
        try:
            at = rawmem.find(addr, end - addr, data, None, align)
        except OSError as error:
            dead = getattr(error, "addr", None)
            if dead is None or dead < addr:
                raise
            if dead > addr:
                found = rawmem.find(addr, dead - addr, data, None, align)
                if found >= 0:
                    yield found
                    addr = found + align
                    continue
            addr = (dead // _PAGE + 1) * _PAGE
            continue
        if at < 0:
            return
        yield at
        addr = at + align


def find(pattern, start=None, n=None, align=1, limit=16):
    """Addresses at which pattern stands, a list of at most `limit`.

    pattern: bytes, str (UTF-8) or int (little endian, 4 bytes, 8 where they are needed).
    start: address or buffer (offsets then); None for all of the machine's memory.  n: bytes.
    align: only multiples of it.  Addresses that do not answer are passed over.
    Raises ValueError for an empty pattern or an alignment below 1.
    """
    data = _pattern(pattern)
    if align < 1 or not data:
        raise ValueError("a pattern has a byte at least, an alignment is from 1: %r" % align)
    if limit < 1:
        return []
    if start is None:
        ranges = [(base, size) for base, size, kind in boot.memory() if kind in _RAM]
    elif isinstance(start, int):
        if n is None:
            raise TypeError("how many bytes from %#x on?" % start)
        ranges = [(start, n)]
    else:
        return _find_in(bytes(memoryview(start)[: _length(start, n, 0)]), data, align, limit)
    found = []
    for base, size in ranges:
        for at in _search(base, size, data, align):
            found.append(at)
            if len(found) >= limit:
                return found
    return found


def _find_in(buf, data, align, limit):
    found = []
    at = buf.find(data)
    while at >= 0 and len(found) < limit:
        if at % align == 0:
            found.append(at)
        at = buf.find(data, at + 1)
    return found


def fill(addr, value, n=None, width=1, force=False):
    """Store value in n bytes, `width` bytes a store; the firmware's own memory only by force.

    n: all of a buffer where not given.  Raises OSError(EPERM), BusError, ValueError also for more
    than the buffer has.
    """
    rawmem.fill(addr, _whole(addr, n), value, 8 * width, force=force)


def copy(dst, src, n=None, width=1, force=False):
    """Copy n bytes, `width` bytes an access, ranges may overlap.  n, errors: as fill()."""
    if n is None:
        n = _shorter(dst, src)
    rawmem.copy(dst, src, n, 8 * width, force=force)


def compare(a, b, n=None):
    """Offset of the first byte that differs, None when all are equal."""
    if n is None:
        n = _shorter(a, b)
    at = rawmem.compare(a, b, n)
    return None if at < 0 else at


def crc32(addr, n=None):
    """CRC-32 (IEEE 802.3) of n bytes, as binascii.crc32."""
    return rawmem.crc32(addr, _whole(addr, n))


def memtest(addr=None, n=None, passes=1, force=False):
    """Test memory and destroy what is in it: None, or (address, wrote, read, part) of a fault.

    addr: address or buffer; None for the largest free piece of RAM, n bytes of it (64 MiB or all).
    """
    if addr is None:
        addr, size = max(rawmem.free(), key=lambda run: run[1])
        n = min(size, n or 64 << 20)
    return rawmem.memtest(addr, _whole(addr, n), passes, force=force)


def _shorter(a, b):
    lengths = [len(memoryview(x)) for x in (a, b) if not isinstance(x, int)]
    if not lengths:
        raise TypeError("how many bytes from %#x on?" % a)
    return min(lengths)


def _whole(addr, n):
    if n is None and isinstance(addr, int):
        raise TypeError("how many bytes from %#x on?" % addr)
    return len(memoryview(addr)) if n is None else n
