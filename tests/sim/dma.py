"""Module dma for unit tests: buffers with made-up physical addresses, and the way back."""

_BASE = 0x50000000
_pieces = []  # (address, buffer)
_next = _BASE


class Buffer(bytearray):
    """As modules/dma's, without guards."""

    phys = None
    name = ""

    def free(self):
        self.phys = None
        for i in range(len(_pieces)):
            if _pieces[i][1] is self:
                del _pieces[i]
                return


def _place(buf, size, align):
    global _next
    at = (_next + align - 1) // align * align
    _next = at + size + 4096
    _pieces.append((at, buf))
    return at


def alloc(size, align=64, name=""):
    """A cleared Buffer."""
    buf = Buffer(size)
    buf.name = name
    buf.phys = _place(buf, size, align)
    return buf


class Loan:
    """What borrow() gives: a physical address for somebody's buffer."""

    def __init__(self, buf):
        self.lent = buf
        self.phys = _place(buf, len(buf), 64)

    def free(self):
        hide(self.phys)
        self.phys = None


lend = True  # whether borrow() finds the memory within reach


def borrow(buf, write=True, wide=True):
    """As modules/dma: what hardware may take for buf, None where it does not reach it."""
    return Loan(buf) if lend else None


def memory(buffer):
    """A memoryview of what a transfer has as its buffer."""
    return memoryview(getattr(buffer, "lent", buffer))


def stats():
    """As modules/dma: buffers out comes first."""
    return len(_pieces), sum(len(b) for _, b in _pieces), 1 << 24, 0


def expose(buf, odd=False):
    """An address for somebody's buffer, until hide()."""
    return _place(buf, len(buf), 64) + odd


def hide(at):
    """The buffer that expose() gave this address has none any more."""
    for i in range(len(_pieces)):
        if _pieces[i][0] == at:
            del _pieces[i]
            return


def find(at, size):
    """(buffer, offset) of [at, at + size), which must lie in one.  Raises ValueError."""
    for base, buf in _pieces:
        if base <= at and at + size <= base + len(buf):
            return buf, at - base
    raise ValueError("nothing at 0x%x" % at)


def reset():
    """Nothing is out."""
    del _pieces[:]


stopped_at_reset = {}  # what stop_at_reset() was told, by address


def stop_at_reset(regs, how=None):
    """As modules/dma: a soft reset stops it so."""
    if how is None:
        stopped_at_reset.pop(regs.base, None)
    elif regs.base in stopped_at_reset:
        raise OSError(16, "in use")
    else:
        stopped_at_reset[regs.base] = how
