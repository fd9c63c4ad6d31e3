"""The stand-in for module xhciring does what tests/qemu/test_xhciring_fake.py asks."""

import dma
import mmio
import xhciring

AREA = "usb"


class Rig:
    """A controller whose registers are memory; the test writes its events."""

    def __init__(self, segments=2, queue=4):
        dma.reset()
        self.memory = bytearray(0x180)
        regs = mmio.Regs(0x1000, 0x180, 32, "fake", mmio.Memory(self.memory))
        self.op = regs.window(0, 0x40)
        self.runtime = regs.window(0x40, 0x20)
        self.bells = regs.window(0x100, 0x80)
        self.ctl = xhciring.Controller(
            self.op, self.runtime, self.bells, segments=segments, entries=16, queue=queue
        )
        self.ctl.program()
        self.index, self.cycle, self.count = 0, 1, 16 * segments
        self.ring = xhciring.Ring(self.ctl, 1, 3, entries=16, mps=64)
        self.base = self.ring.address - 1
        self.first = self.runtime[0x18]

    def post(self, where, code, kind, slot=0, dci=0, left=0):
        buf, at = dma.find(self.first + 16 * self.index, 16)
        control = kind << 10 | slot << 24 | dci << 16 | self.cycle
        trb = where | (code << 24 | left) << 64 | control << 96
        buf[at : at + 16] = trb.to_bytes(16, "little")
        self.index += 1
        if self.index == self.count:
            self.index = 0
            self.cycle ^= 1

    def records(self):
        got, record = [], [0] * 8
        while self.ctl.next(record):
            got.append(tuple(record[:6]))
        return got

    def trb(self, address):
        buf, at = dma.find(address, 16)
        words = [int.from_bytes(buf[at + i : at + i + 4], "little") for i in (0, 4, 8, 12)]
        return words[0] | words[1] << 32, words[2], words[3]


def test_around_the_rings():
    rig = Rig()
    seen = []
    for i in range(100):
        assert rig.ring.transfer(0x1000, 64, i) == 0 and rig.bells[4] == 3
        rig.post(rig.base + 16 * (i % 15), 13, 32, 1, 3, i % 65)
        rig.op[4] = 8
        rig.ctl.interrupt(None)
        n = (i + 1) % 32
        assert rig.runtime[0x18] == rig.first + 16 * n | 8 | n // 16
        seen += rig.records()
    assert seen == [(32, 1, 3, i, 13, 64 - i % 65) for i in range(100)]
    assert len(rig.ctl.history()) == 100 and len(rig.ring.history()) == 106
    stats = rig.ctl.stats()
    assert (stats["interrupts"], stats["transfers"], stats["foreign"]) == (100, 100, 0)


def test_a_full_queue_holds_interrupts_off():
    rig = Rig()
    for i in range(10):
        assert rig.ring.transfer(0x1000, 64, i) == 0
        rig.post(rig.base + 16 * i, 1, 32, 1, 3)
    rig.ctl.interrupt(None)
    erdp, record = [rig.runtime[0x18] - rig.first], [0] * 8
    for i in range(10):
        assert rig.ctl.next(record) and record[3] == i
        erdp.append(rig.runtime[0x18] - rig.first)
    assert erdp == [64, 64, 96, 96, 128, 128, 168, 168, 168, 168, 168]


def test_halted_held_and_brought_back():
    rig = Rig(queue=64)
    ring = rig.ring
    for i in range(4):
        assert ring.transfer(0x1000 * i, 64, i) == 0
    rig.post(rig.base, 6, 32, 1, 3, 64)
    rig.ctl.poll()
    assert rig.records() == [(32, 1, 3, 0, 6, 0)]
    rig.bells[4] = 0
    assert ring.transfer(0, 64, 4) == 0
    assert (ring.held, rig.bells[4], ring.pending) == (True, 0, 4)
    assert ring.position - rig.base == 0x11
    assert (ring.cancel(3), ring.cancel(3), ring.cancel(1)) == (1, -2, 1)
    assert ring.position - rig.base == 0x21
    assert rig.trb(rig.base + 0x30) == (rig.base + 0x40, 0, 6 << 10 | 1)
    ring.kick()
    assert (ring.held, rig.bells[4]) == (False, 3)
    assert (ring.take(), ring.take(), ring.take()) == (2, 4, -1)


def test_a_control_transfer_and_its_short_packet():
    rig = Rig(queue=64)
    ep0 = xhciring.Ring(rig.ctl, 1, 1, entries=16, mps=64)
    base = ep0.address - 1
    setup = bytes([0x80, 6, 0, 1, 0, 0, 18, 0])
    assert ep0.control(setup, 0x2000, 17, 9) == -22
    assert ep0.control(setup, 0x2000, 18, 9) == 0
    assert rig.trb(base) == (0x12000001000680, 8, 2 << 10 | 1 << 6 | 3 << 16 | 1)
    assert rig.trb(base + 16) == (0x2000, 18, 3 << 10 | 1 << 16 | 4 | 1)
    assert rig.trb(base + 32) == (0, 0, 4 << 10 | 1 << 5 | 1)
    rig.post(base + 16, 13, 32, 1, 1, 10)
    rig.ctl.poll()
    assert rig.records() == []
    rig.post(base + 32, 1, 32, 1, 1)
    rig.ctl.poll()
    assert rig.records() == [(32, 1, 1, 9, 1, 8)]


def test_events_about_nothing_and_missing_ones():
    rig = Rig(queue=64)
    for i in range(3):
        assert rig.ring.transfer(0x1000, 64, i) == 0
    for where in (0, rig.base + 8, rig.base - 16, rig.base + 256, (1 << 64) - 16):
        rig.post(where, 1, 32, 1, 3)
    rig.post(rig.base, 1, 32, 1, 4)
    rig.post(rig.base, 1, 33)
    rig.post(rig.base + 0x40, 1, 32, 1, 3)
    rig.post(5 << 24, 1, 34)
    rig.ctl.poll()
    assert rig.records() == [(34, 0, 5, -1, 1, 0)] and rig.ring.pending == 3
    stats = rig.ctl.stats()
    assert (stats["foreign"], stats["late"]) == (7, 1)
    rig.post(rig.base + 32, 1, 32, 1, 3)
    rig.ctl.poll()
    lost = xhciring.LOST
    assert rig.records() == [(32, 1, 3, 0, lost, 0), (32, 1, 3, 1, lost, 0), (32, 1, 3, 2, 1, 64)]


def test_a_controller_that_fails():
    rig = Rig()
    rig.op[4] = 1 << 2
    rig.ctl.interrupt(None)
    rig.ctl.interrupt(None)
    assert (rig.ctl.dead, rig.ring.transfer(0, 8, 1), rig.runtime[0]) == (4, -19, 1)
    assert rig.records() == [(37, 0, 0, -1, 0, 0)]
    rig.op[4] = 0
    rig.ctl.program()
    assert (rig.ctl.dead, rig.ring.transfer(0, 8, 1)) == (0, 0)
