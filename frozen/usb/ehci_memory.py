"""What EHCI reads and writes in memory: queue heads and transfer descriptors (EHCI 1.0 §3).

Words of memory that hardware has, too, are accessed by mmio.Regs: one access each, in order.
"""

import dma
import mmio
from micropython import const

# Of a qTD (§3.5).
NEXT = const(0x00)
ALT = const(0x04)
TOKEN = const(0x08)
BUFFER = const(0x0C)  # 5 of them; their upper halves from 0x20
_SETUP = const(0x38)  # software's: the 8 bytes of a control request
_QTD_BYTES = const(64)
_BLOCK = const(4096)

END = const(1)  # of a link: T
ACTIVE = const(1 << 7)
HALTED = const(1 << 6)
PID_OUT = const(0)
PID_IN = const(1 << 8)
PID_SETUP = const(2 << 8)
ERRORS_3 = const(3 << 10)  # CERR
IOC = const(1 << 15)
TOGGLE = const(1 << 31)
_PAGES = const(5)


class Qtd:
    """A transfer descriptor.  r, at: its words.  link: the next of the same transfer, or None.

    bytes: of data it stands for, -1 for the stages of a control transfer that have none.
    """

    def __init__(self, r, at):
        self.r = r
        self.at = at
        self.phys = r.base + at
        self.link = None
        self.bytes = -1

    def fill(self, token, phys, n, wide):
        """n bytes at phys; token but the length.  Not active yet when token is not."""
        r, at = self.r, self.at
        r[at + BUFFER] = phys & 0xFFFFFFFF
        page = phys & ~4095
        end = phys + n
        i = 1
        while i < _PAGES and page + 4096 * i < end:
            r[at + BUFFER + 4 * i] = page + 4096 * i & 0xFFFFFFFF
            i += 1
        if wide:
            for i in range(_PAGES):
                r[at + 0x20 + 4 * i] = page + 4096 * i >> 32
        r[at + TOKEN] = token | n << 16

    def setup(self, data):
        """Keep the 8 bytes of a control request; where they are then."""
        for i in (0, 4):
            word = data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24
            self.r[self.at + _SETUP + i] = word
        return self.phys + _SETUP


class Memory:
    """All of a controller's.  wide: it reaches 64 bits, but structures in one 4 GiB segment."""

    def __init__(self, wide, name):
        self.wide = wide
        self.segment = None  # CTRLDSSEGMENT
        self._name = name
        self._blocks = []
        self._free = []

    def alloc(self, size, align):
        """A cleared dma.Buffer where structures may be, the caller's.  Raises OSError(ENOMEM)."""
        buffer = dma.alloc(size, align, "ehci")
        segment = buffer.phys >> 32
        wanted = self.segment
        if wanted is None:
            wanted = segment if self.wide else 0
        if segment != wanted:
            buffer.free()
            raise OSError(12, "ehci %s: memory out of its segment" % self._name)
        self.segment = segment
        return buffer

    def reaches(self, phys, n):
        """Whether data may be there."""
        return self.wide or phys + n <= 1 << 32

    def take(self, count):
        """The first of so many linked Qtds.  Raises OSError(ENOMEM)."""
        first = None
        try:
            while count:
                try:
                    qtd = self._free.pop()
                except IndexError:  # soft handlers take some, too: asking before is no use
                    self._grow()
                    continue
                qtd.link = first
                first = qtd
                count -= 1
        except BaseException:
            self.give(first)
            raise
        return first

    def give(self, qtd):
        """A list of them back."""
        while qtd is not None:
            following = qtd.link
            self._free.append(qtd)
            qtd = following

    def _grow(self):
        buffer = self.alloc(_BLOCK, _BLOCK)
        self._blocks.append(buffer)
        r = mmio.Regs(buffer.phys, _BLOCK, 32, "ehci qTDs")
        for at in range(0, _BLOCK, _QTD_BYTES):
            self._free.append(Qtd(r, at))

    def free(self):
        """Everything back: the controller is reset or silenced."""
        del self._free[:]
        while self._blocks:
            self._blocks.pop().free()
