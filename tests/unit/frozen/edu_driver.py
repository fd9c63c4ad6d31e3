"""A driver for QEMU's teaching device (QEMU docs/specs/edu), to be traced and replayed."""

import errno

from micropython import const
from probe import Map

_ID = const(0x00)  # RO
_LIVE = const(0x04)  # answers with the complement
_FACTORIAL = const(0x08)
_STATUS = const(0x20)
_STATUS_BUSY = const(1 << 0)  # RO
_IRQ_STATUS = const(0x24)  # RO
_IRQ_RAISE = const(0x60)  # WO
_IRQ_ACK = const(0x64)  # WO
_BUSY_US = const(1_000_000)  # observed: QEMU 7.2, below 1 ms

MAP = Map(
    "edu",
    "QEMU docs/specs/edu",
    """
    0x00 ID RO MAJOR@31:24 MINOR@23:16 MAGIC@7:0
    0x04 LIVE RW
    0x08 FACTORIAL RW
    0x20 STATUS RW BUSY@0/RO IRQ@7
    0x24 IRQ_STATUS RO
    0x60 IRQ_RAISE WO
    0x64 IRQ_ACK WO
    0x80 DMA_SRC:64 RW
    0x88 DMA_DST:64 RW
    0x90 DMA_COUNT:64 RW
    0x98 DMA_CMD:64 RW RUN@0 DIR@1 IRQ@2
    """,
)


class Edu:
    """regs: mmio.Regs of BAR 0.  Raises OSError(ENODEV) when another device answers."""

    MAP = MAP

    def __init__(self, regs):
        self._r = regs
        if regs[_ID] & 0xFF != 0xED:
            raise OSError(errno.ENODEV, "edu: ID is 0x%x" % regs[_ID])

    def alive(self):
        """Whether the device inverts what it is given."""
        self._r[_LIVE] = 0x12345678
        return self._r[_LIVE] == 0xEDCBA987

    def factorial(self, n):
        """n! modulo 2**32.  Raises OSError(ETIMEDOUT)."""
        self._r[_FACTORIAL] = n
        if not self._r.wait(_STATUS, _STATUS_BUSY, 0, _BUSY_US):
            raise OSError(errno.ETIMEDOUT, "edu: STATUS is 0x%x" % self._r[_STATUS])
        return self._r[_FACTORIAL]

    def raise_and_acknowledge(self, bits):
        """What the interrupt status was after `bits` were raised, and after."""
        self._r[_IRQ_RAISE] = bits
        raised = self._r[_IRQ_STATUS]
        self._r[_IRQ_ACK] = raised
        return raised, self._r[_IRQ_STATUS]


def session(regs):
    """What the recording in tests/data/traces/edu.jsonl shows."""
    edu = Edu(regs)
    return edu.alive(), edu.factorial(10), edu.factorial(20000), edu.raise_and_acknowledge(5)
