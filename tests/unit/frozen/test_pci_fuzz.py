"""Random configuration spaces: no exception, no endless walk, nothing used that overlaps.

PYRALLAX_FUZZ: how many machines to make, PYRALLAX_SEED: from where on.
"""

import os
import random

import lspci
import mmio
import pci
import pci_host
from pcisim import BASE, Device, Ecam

COUNT = int(os.getenv("PYRALLAX_FUZZ") or 400)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
READS_MAX = 40_000  # a machine of four buses; a walk without end passes any number
WINDOWS = (
    ("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False),
    ("io", 0, 0xFFFF, 0x3EFF0000, 32, False),
    ("mem", 0x8000000000, 0xFFFFFFFFFF, 0, 64, False),
)
CLASSES = (0x060400, 0x060401, 0x0C0330, 0x0C0320, 0x020000, 0x060000, 0xFFFFFF, 0x058000)
TELLING = (0, 0x40, 0x44, 0xFC, 0xFF, 1, 0x10, 0x05, 0x11, 0x09)


class Endless(Exception):
    """More accesses than any sound walk makes."""


class Counted(Ecam):
    """Counts accesses."""

    reads = 0

    def read(self, off, bits):
        self.reads += 1
        if self.reads > READS_MAX:
            raise Endless
        return Ecam.read(self, off, bits)


def noise(rng, buf, first, last, share):
    """Random bytes in some places, half of them such as chains are made of."""
    for _ in range(int((last - first) * share)):
        at = rng(last - first) + first
        buf[at] = TELLING[rng(len(TELLING))] if rng(2) else rng(256)


def address(rng):
    """Nothing, something in or near a window, or anything."""
    return (0, 0x10000000 + (rng(64) << 12), 0x17FFF000 + (rng(4) << 12), rng(1 << 30) << 2)[
        rng(4)
    ]


def device(rng, header):
    """A function that is sound, broken in places, or noise."""
    kind = rng(4)
    made = Device(0x1AF4 if rng(2) else rng(0xFFFF), rng(0x10000), CLASSES[rng(8)], header)
    bridge = header & 0x7F == 1
    if bridge and rng(8):
        made.put(8, 0x06040000)
    for index in range(2 if bridge else 6):
        low = (0, 0, 4, 12, 1, 8, rng(16))[rng(7)]
        made.put(0x10 + 4 * index, address(rng) & ~15 | low, -(16 << rng(20)) & 0xFFFFFFFF)
    if bridge:
        made.put(0x18, (0, 0x010100, 0x020100, 0x030302, rng(1 << 24))[rng(5)], 0xFFFFFF)
        made.put(0x20, (0, 0x10F01000, rng(1 << 30))[rng(3)], 0xFFF0FFF0)
    if kind:
        made.buf[6] |= 0x10
        made.buf[0x34] = 0x40
        noise(rng, made.buf, 0x40, 0x100, 0.7)
        noise(rng, made.buf, 0x100, 0x1000, 0.02)
        if rng(2):
            made.put(0x100, rng(0x30) | 0x10000 | (0x104, 0x100, 0x140, rng(4096))[rng(4)] << 20)
    if kind == 3:
        noise(rng, made.buf, 4, 0x40, 0.3)
        noise(rng, made.mask, 0, 0x1000, 0.02)
    return made


def machine(rng):
    mmio.detach_all()
    ecam = Counted(4)
    above = [None]
    for _ in range(1 + rng(8)):
        header = (0, 0, 0, 1, 1, 0x81, 0x80, rng(256))[rng(8)]
        made = device(rng, header)
        ecam.add(rng(3), rng(8) // 7, made, behind=above[rng(len(above))])
        if header & 0x7F == 1:
            above.append(made)
    windows = WINDOWS[: rng(4)]
    ram = [(0x18000000, 0x1000000)] if rng(2) else ()
    return ecam, pci.Bus([pci_host.Host(BASE, 0, 3, windows=windows, ram=ram)])


def usable(bus):
    """(space, first, last) of each BAR that nothing was found wrong with."""
    return sorted(
        (bar.kind == "io", bar.address, bar.address + bar.size - 1)
        for f in bus.functions
        for bar in f.bars
        if bar.address and not bar.problem
    )


def try_one(rng):
    ecam, bus = machine(rng)
    bus.scan()
    for f in bus.functions:
        assert f.host.first <= f.bus <= f.host.last
        for cap in f.capabilities():
            cap.fields()
        list(lspci.lines(f, 2, 2))
        f.intid
    before = None
    for piece in usable(bus):
        assert before is None or before[0] != piece[0] or before[2] < piece[1], (before, piece)
        before = piece
    bus.scan(bus.functions)


def test_random_machines():
    for seed in range(SEED, SEED + COUNT):
        random.seed(seed)
        try:
            try_one(lambda n: random.getrandbits(30) % n)
        except Exception as why:
            print("PYRALLAX_SEED=%d" % seed)
            raise why
