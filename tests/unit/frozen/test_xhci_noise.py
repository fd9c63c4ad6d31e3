"""Capability registers of any content: a controller within its BAR, or an OSError.

PYRALLAX_FUZZ: how many to make, PYRALLAX_SEED: from where on.
"""

import os
import random

import mmio
from simtime import Clock
from xhci_caps import Caps
from xhci_model import Xhci

AREA = "usb"
COUNT = int(os.getenv("PYRALLAX_FUZZ") or 500)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
# CAPLENGTH, HCSPARAMS1 and 2, HCCPARAMS1, DBOFF, RTSOFF; the two Supported Protocols' dwords.
_WHERE = (0, 1, 2, 4, 5, 6, 0x1C1, 0x1C2, 0x1C3, 0x1C5, 0x1C6, 0x1C7)


class Noise:
    """A window of registers; read-only."""

    size = 0x1000
    clock = None

    def __init__(self, words):
        self.words = words

    def read(self, off, bits):
        return self.words[off // 4]


def test_noise():
    base = Xhci(Clock())
    good = [base.read(4 * i, 32) for i in range(0x400)]
    taken = 0
    for seed in range(SEED, SEED + COUNT):
        random.seed(seed)
        words = list(good)
        for _ in range(random.randint(1, 5)):
            at = random.choice(_WHERE)
            if seed & 1:
                words[at] ^= 1 << random.getrandbits(5)
            else:
                words[at] = random.getrandbits(16) << 16 | random.getrandbits(16)
        regs = mmio.Regs(0x10000000, 0x1000, 32, "xhci", Noise(words))
        try:
            c = Caps(regs, "noise", lambda level, text: None)
        except OSError as why:
            assert why.errno == 19, seed
            continue
        taken += 1
        for window in (c.op, c.runtime, c.doorbells):
            assert 0x10000000 < window.base and window.base + window.size <= 0x10001000, seed
        seen = 0
        for p in c.protocols:
            mask = ((1 << p.count) - 1) << p.first
            assert not seen & mask and not mask & 1 and mask >> c.ports + 1 == 0, seed
            seen |= mask
    assert COUNT // 20 < taken < COUNT, taken
