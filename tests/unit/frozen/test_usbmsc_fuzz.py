"""Random damage to what a USB disk says: status, data, sense; no exception, no hang, no leak.

PYRALLAX_FUZZ: how many disks, PYRALLAX_SEED: from where on.
"""

import os
import random

import usb_storage
import usbmsc
import usbscsi
from usb_hcd import Rig

AREA = "usb"
COUNT = int(os.getenv("PYRALLAX_FUZZ") or 300)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
LIMIT_MS = 2_000_000  # of virtual time, for four requests of which each may cost three times 30 s
ERRORS = (0, -5, -19, -30, -95, -123)


def damaged(raw):
    """Bytes like these, some changed, some missing or too many."""
    raw = bytearray(raw)
    how = random.getrandbits(3)
    if how < 5 and raw:
        for _ in range(1 + random.getrandbits(2)):
            raw[random.getrandbits(16) % len(raw)] = random.choice((0, 1, 0x7F, 0x80, 0xFF, 5, 6))
    elif how == 5:
        raw = raw[: random.getrandbits(16) % (len(raw) + 1)]
    elif how == 6:
        raw += bytes([random.getrandbits(8) for _ in range(1 + random.getrandbits(4))])
    else:
        raw = bytearray([random.getrandbits(8) for _ in range(len(raw))])
    return bytes(raw)


class Rotten(usb_storage.Storage):
    """rate: one of so many answers is damaged."""

    def __init__(self, rate):
        super().__init__(64)
        self.rate = rate
        self.mangle = self.rot
        for n in range(64):
            if random.getrandbits(3) == 0:
                self.trouble[n] = random.choice(("fail", "stall-data", "stall-status", "short"))
        self.sense = tuple([random.getrandbits(bits) for bits in (4, 7, 3)])

    def rot(self, kind, raw):
        return raw if random.getrandbits(16) % self.rate else damaged(raw)


def case(seed):
    random.seed(seed)
    model = Rotten(random.choice((2, 4, 8, 16)))
    rig = Rig({1: model})
    usbmsc.start()
    rig.settle()
    for disk in usbmsc.disks():
        last = disk.blocks - 1
        for status in (
            disk.readblocks(0, bytearray(min(8, disk.blocks) * disk.block_size)),
            disk.writeblocks(min(last, 1), bytes(500), 3),
            disk.readblocks(last, bytearray(disk.block_size)),
            disk.flush(),
        ):
            assert status in ERRORS, (seed, status)
    assert rig.clock.ticks_ms() < LIMIT_MS, seed
    rig.close()
    assert usbmsc.storages() == [] and usbmsc._names == [], seed


def test_rotten_disks():
    del usbmsc._storages[:]
    del usbmsc._names[:]
    for n in range(COUNT):
        case(SEED * 1_000_003 + n)


def test_sense():
    assert usbscsi.sense_of(b"\x70\0\x06\0\0\0\0\x0a\0\0\0\0\x28\x01") == (6, 0x28, 1)
    assert usbscsi.sense_of(b"\xf0\0\xe2\0\0\0\0\0") == (2, 0, 0)
    assert usbscsi.sense_of(b"\x72\x03\x11\x02\0\0\0\0") == (3, 0x11, 2)
    random.seed(SEED)
    for _ in range(10 * COUNT):
        n = random.getrandbits(5)
        raw = bytes([random.choice((0x70, 0x71, 0x72, 0x73, 0xF0, random.getrandbits(8)))])
        raw = (raw + bytes([random.getrandbits(8) for _ in range(n)]))[:n]
        key, code, qualifier = usbscsi.sense_of(raw)
        assert 0 <= key < 16 and 0 <= code < 256 and 0 <= qualifier < 256
        assert len(usbscsi.text_of(raw)) <= n
