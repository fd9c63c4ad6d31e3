"""modules/mmio over device models, for unit tests on CPython and MicroPython's unix port.

A model has read(offset, bits) -> int and write(offset, bits, value).  attach() puts one at an
address; Regs(…) finds it there.  Where no model is, an access raises BusError as on the target.
"""

try:
    from time import ticks_diff, ticks_us  # MicroPython
except ImportError:
    from time import monotonic_ns

    def ticks_us():
        return monotonic_ns() // 1000

    def ticks_diff(a, b):
        return a - b


class BusError(OSError):
    """An access that nothing answers (builtin on the target)."""

    def __init__(self, addr, write, size):
        super().__init__(14, "nothing answers")
        self.addr = addr
        self.write = write
        self.size = size


_models = []


def attach(base, size, model):
    """Put a model at [base, base + size).  Later ones hide earlier ones."""
    _models.insert(0, (base, size, model))


def detach_all():
    """Empty the address space again."""
    del _models[:]


def _find(base):
    for start, size, model in _models:
        if start <= base < start + size:
            return start, size, model
    return None


class Memory:
    """A model that is plain memory: buf is a bytearray, little endian."""

    def __init__(self, buf):
        self.buf = buf

    def read(self, off, bits):
        return int.from_bytes(self.buf[off : off + bits // 8], "little")

    def write(self, off, bits, value):
        self.buf[off : off + bits // 8] = value.to_bytes(bits // 8, "little")


class Seen(Memory):
    """Memory that keeps which accesses came: seen has (offset, bits[, value written])."""

    def __init__(self, buf):
        super().__init__(buf)
        self.seen = []

    def read(self, off, bits):
        self.seen.append((off, bits))
        return super().read(off, bits)

    def write(self, off, bits, value):
        self.seen.append((off, bits, value))
        super().write(off, bits, value)


class Regs:
    """As modules/mmio.  model: the device behind it, in place of one that attach() put there."""

    def __init__(self, base, size, width=32, name="", model=None):
        if width not in (8, 16, 32, 64):
            raise ValueError("width is 8, 16, 32 or 64")
        self.base = base
        self.size = size
        self.width = width
        self.name = name
        self.trace = None
        self._model = model
        self._origin = base

    def _check(self, off, bits):
        if off < 0 or off + bits // 8 > self.size:
            raise IndexError("offset 0x%x: the window has 0x%x bytes" % (off, self.size))
        if (self.base + off) % (bits // 8):
            raise ValueError("offset 0x%x is not aligned to %d bytes" % (off, bits // 8))

    def _at(self, off, bits, write):
        if self._model is not None:
            return self._model, self.base - self._origin + off
        found = _find(self.base + off)
        if found is None:
            raise BusError(self.base + off, write, bits // 8)
        start, _, model = found
        return model, self.base + off - start

    def _read(self, off, bits):
        self._check(off, bits)
        try:
            model, at = self._at(off, bits, False)
            value = model.read(at, bits) & ((1 << bits) - 1)
        except BusError:
            if self.trace is not None:
                self.trace.record(self, False, bits, off, 0, True)
            raise
        if self.trace is not None:
            self.trace.record(self, False, bits, off, value)
        return value

    def _write(self, off, bits, value):
        self._check(off, bits)
        value &= (1 << bits) - 1
        if self.trace is not None:
            self.trace.record(self, True, bits, off, value)
        try:
            model, at = self._at(off, bits, True)
            model.write(at, bits, value)
        except BusError:
            if self.trace is not None:
                self.trace.record(self, True, bits, off, value, True)
            raise

    def __getitem__(self, off):
        return self._read(off, self.width)

    def __setitem__(self, off, value):
        self._write(off, self.width, value)

    def read8(self, off):
        return self._read(off, 8)

    def read16(self, off):
        return self._read(off, 16)

    def read32(self, off):
        return self._read(off, 32)

    def read64(self, off):
        return self._read(off, 64)

    def write8(self, off, value):
        self._write(off, 8, value)

    def write16(self, off, value):
        self._write(off, 16, value)

    def write32(self, off, value):
        self._write(off, 32, value)

    def write64(self, off, value):
        self._write(off, 64, value)

    def wait(self, off, mask, value, timeout_us):
        clock = getattr(self._model, "clock", None)  # a model's own time passes in no time
        now = clock.ticks_us if clock else ticks_us
        diff = clock.ticks_diff if clock else ticks_diff
        start = now()
        while self[off] & mask != value:
            if diff(now(), start) >= timeout_us:
                return self[off] & mask == value
        return True

    def modify(self, off, mask, value):
        self[off] = self[off] & ~mask | value

    def set(self, off, bits):
        self[off] = self[off] | bits

    def clear(self, off, bits):
        self[off] = self[off] & ~bits

    def window(self, off, size, name="", width=0):
        if off < 0 or size <= 0 or off + size > self.size:
            raise IndexError("0x%x bytes at 0x%x: the window has 0x%x" % (size, off, self.size))
        part = Regs(self.base + off, size, width or self.width, name or self.name, self._model)
        part._origin = self._origin
        part.trace = self.trace
        return part

    def _elements(self, off, buf, width, step):
        bits = width or self.width
        count, rest = divmod(len(buf), bits // 8)
        if rest:
            raise ValueError("the buffer is not a whole number of elements")
        for i in range(count):
            yield off + i * step * (bits // 8), i * (bits // 8), bits

    def _fill(self, off, buf, width, step):
        for at, i, bits in self._elements(off, buf, width, step):
            buf[i : i + bits // 8] = self._read(at, bits).to_bytes(bits // 8, "little")

    def _drain(self, off, buf, width, step):
        for at, i, bits in self._elements(off, buf, width, step):
            self._write(at, bits, int.from_bytes(buf[i : i + bits // 8], "little"))

    def readinto(self, off, buf, width=0):
        self._fill(off, buf, width, 1)

    def writefrom(self, off, buf, width=0):
        self._drain(off, buf, width, 1)

    def fifo_read(self, off, buf, width=0):
        self._fill(off, buf, width, 0)

    def fifo_write(self, off, buf, width=0):
        self._drain(off, buf, width, 0)
