"""A model of an AHCI controller for unit tests, with faults to inject (AHCI 1.3.1 §3, §5, §6).

Commands end when time passes (Clock), one a millisecond.  A command that is not as the chapters
on memory structures want it is an AssertionError.

faults: {index of a command: what happens to it}, counted from 0 over everything the ports execute:
  "unc" "abrt" "idnf" "icrc"  the device reports that error
  "drq"                       the same as "abrt", and stays busy
  "ifs" "hbfs" "overflow"     an interface error, a bus error, an overflow
  "hang"                      it never ends
  "wedge"                     the same, and only a reset of the controller brings the port back
  "lost"                      it ends without an interrupt
  "no-is"                     with one, but IS does not show the port (observed: Parallels)
  "unplug"                    the device goes
"""

import struct

import dma

_ERR = {"unc": 0x40, "abrt": 0x04, "idnf": 0x10, "icrc": 0x84, "drq": 0x04}
_FATAL = {"ifs": 1 << 27, "hbfs": 1 << 29, "overflow": 1 << 24}
_CHANGES = 1 << 6 | 1 << 22
GHC, IS = 0x04, 0x08
P_CLB, P_FB, P_IS, P_IE, P_CMD = 0x00, 0x08, 0x10, 0x14, 0x18
P_TFD, P_SIG, P_SSTS, P_SCTL, P_SERR, P_SACT, P_CI = 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x38
PARALLELS_CAP = 0xCE247F05  # reference §3.1


class Clock:
    """The module time for drivers under test: it passes when somebody waits."""

    def __init__(self):
        self.us = 0
        self.watchers = []

    def pass_us(self, us):
        self.us += us
        for watcher in list(self.watchers):
            watcher()

    def ticks_us(self):
        self.pass_us(100)
        return self.us

    def ticks_ms(self):
        return self.ticks_us() // 1000

    def ticks_add(self, a, b):
        return a + b

    def ticks_diff(self, a, b):
        return a - b

    def sleep_us(self, us):
        self.pass_us(us)

    def sleep_ms(self, ms):
        for _ in range(ms):
            self.pass_us(1000)


class PortModel:
    def __init__(self, hba, n):
        self.hba = hba
        self.n = n
        self.device = None
        self.regs = {}
        self.commands = []  # codes of what was executed
        self.overrides = 0  # how often CLO was set
        self.reset()

    def reset(self):
        self.regs = dict.fromkeys(range(0, 0x80, 4), 0)
        self.regs[P_SIG] = 0xFFFFFFFF
        self.regs[P_TFD] = 0x7F
        self.waiting = []  # slots to execute, in order
        self.broken = False  # after an error, until ST is cleared
        self.stuck = False  # the engine does not stop: until COMRESET
        self.wedged = False  # nor is the device ready: until a reset of the controller
        self.locked = False  # after a queued command failed: only its error log can be read
        self.ready_at = None  # when the device sends its first FIS
        if self.device:
            self.link_up()

    def plug(self, device):
        self.device = device
        self.link_up()
        self.regs[P_SERR] |= 1 << 26 | 1 << 16
        self.raise_bits(_CHANGES)

    def unplug(self):
        self.device = None
        self.waiting = []
        self.regs[P_SSTS] = 0
        self.regs[P_TFD] = 0x7F
        self.regs[P_SERR] |= 1 << 16
        self.raise_bits(1 << 22)

    def link_up(self):
        if self.regs[P_CMD] & 2 or not self.hba.staggered:
            self.regs[P_SSTS] = 0x113
            self.regs[P_TFD] = 0x80
            self.ready_at = self.hba.clock.us + self.hba.spin_up_us

    def raise_bits(self, bits, lost=False, show=True):
        self.regs[P_IS] |= bits
        if self.regs[P_IS] & self.regs[P_IE] and not lost:
            if show:
                self.hba.status |= 1 << self.n
            self.hba.interrupt()

    def tick(self):
        r = self.regs
        ready = self.ready_at is not None and self.hba.clock.us >= self.ready_at
        if ready and self.device and r[P_CMD] & 1 << 4:
            self.ready_at = None
            r[P_TFD], r[P_SIG] = 0x50, self.device.signature
            self.raise_bits(1)
        if self.waiting and not self.broken and r[P_CMD] & 1:
            self.execute(self.waiting.pop(0))

    def execute(self, i):
        r = self.regs
        index = self.hba.count
        self.hba.count += 1
        fault = self.hba.faults.get(index)
        if fault in ("hang", "wedge"):
            self.broken = True
            self.wedged = fault == "wedge"
            self.stuck = self.hba.sticky or self.wedged
            r[P_TFD] = 0x80
            return
        if fault == "unplug":
            self.unplug()
            return
        if fault in _FATAL:
            self.broken = True
            self.raise_bits(_FATAL[fault])
            return
        fis, cdb, ranges, flags = self.command(i)
        queued = fis[2] in (0x60, 0x61)
        assert queued == bool(r[P_SACT] >> i & 1), "PxSACT and the command differ"
        assert not queued or fis[12] >> 3 == i, "the tag is not the slot"
        if fault in _ERR:
            status, error, data, wanted = 0x51, _ERR[fault], None, 0
        elif self.locked and not (fis[2] == 0x2F and fis[4] == 0x10):
            status, error, data, wanted = 0x51, 4, None, 0
        else:
            status, error, data, wanted = self.device.execute(fis, cdb)
            self.locked = False
        r[P_TFD] = error << 8 | status | (8 if fault == "drq" else 0)
        self.commands.append(fis[2])
        if status & 1:
            self.fail(i, queued, fis)
            return
        if data is not None:
            self.move(ranges, data)
            assert not flags & 64, "W is set for data from the device"
        elif wanted:
            assert flags & 64, "W is clear for data to the device"
            self.device.out(self.collect(ranges, wanted))
        r[P_CI] &= ~(1 << i)
        r[P_SACT] &= ~(1 << i)
        self.receive(0x58 if queued else 0x40)
        self.raise_bits(8 if queued else 1, fault == "lost", fault != "no-is")

    def fail(self, i, queued, fis):
        r = self.regs
        self.broken = True
        if queued:
            r[P_CI] &= ~(1 << i)  # it was sent; PxSACT stays
            page = bytearray(512)
            page[0], page[2], page[3] = i, 0x51, r[P_TFD] >> 8
            page[4:7], page[8:11] = fis[4:7], fis[8:11]
            self.device.page = bytes(page)
            self.locked = not self.hba.qemu_errors
        if self.hba.qemu_errors:
            # QEMU 7.2 clears PxCI of a command that failed, and goes on with what is queued.
            r[P_CI] &= ~(1 << i)
            self.broken = not queued
        self.raise_bits(1 << 30 | (8 if queued else 1))

    def command(self, i):
        """What is in memory for slot i: checked against §4.2."""
        r = self.regs
        list_at = r[P_CLB] | r[P_CLB + 4] << 32
        assert list_at % 1024 == 0
        buf, at = dma.find(list_at + 32 * i, 32)
        flags, done, table = struct.unpack_from("<IIQ", buf, at)
        assert flags & 31 == 5 and table % 128 == 0 and done == 0
        count = flags >> 16
        buf, at = dma.find(table, 128 + 16 * count)
        fis = bytes(buf[at : at + 20])
        assert fis[0] == 0x27 and fis[1] == 0x80
        ranges = []
        for n in range(count):
            where, _, size = struct.unpack_from("<QII", buf, at + 128 + 16 * n)
            assert where % 2 == 0 and size & 1 and size < 1 << 22, "odd range"
            ranges.append((where, size + 1))
        return fis, bytes(buf[at + 64 : at + 80]), ranges, flags

    def move(self, ranges, data):
        done = 0
        for where, size in ranges:
            buf, at = dma.find(where, size)
            part = data[done : done + size]
            buf[at : at + len(part)] = part
            done += size
        assert done >= len(data), "the ranges are too short"

    def collect(self, ranges, wanted):
        out = bytearray()
        for where, size in ranges:
            buf, at = dma.find(where, size)
            out += buf[at : at + size]
        assert len(out) == wanted
        return bytes(out)

    def receive(self, at):
        base = self.regs[P_FB] | self.regs[P_FB + 4] << 32
        buf, off = dma.find(base, 256)
        assert base % 256 == 0
        buf[off + at : off + at + 2] = b"\x34\x40"

    def read(self, off):
        r = self.regs
        if off == P_CMD:
            value = r[off] & ~(1 << 14 | 1 << 15)
            value |= (value & 1 or self.stuck) and 1 << 15
            return value | (1 << 14 if value & 1 << 4 else 0)
        if off == P_IS:
            link = (1 << 6 if r[P_SERR] & 1 << 26 else 0) | (1 << 22 if r[P_SERR] & 1 << 16 else 0)
            return r[off] & ~_CHANGES | link
        return r[off]

    def write(self, off, value):
        r = self.regs
        if off in (P_IS, P_SERR):
            r[off] &= ~value
        elif off in (P_CI, P_SACT):
            r[off] |= value
            if off == P_CI:
                assert r[P_CMD] & 1, "a command while the engine stands"
                assert value >> (self.hba.cap >> 8 & 31) < 2, "a slot that the controller has not"
                self.waiting += [i for i in range(32) if value >> i & 1]
        elif off == P_CMD:
            self.control(value)
        elif off == P_SCTL:
            if r[off] & 15 == 1 and value & 15 == 0 and self.device:
                self.stuck = self.wedged
                self.locked = False
                r[P_TFD], r[P_SIG] = 0x80, 0xFFFFFFFF
                self.link_up()
                if self.wedged:
                    self.ready_at = None
                r[P_SERR] |= 1 << 26 | 1 << 16
            elif value & 15 == 1:
                assert not r[P_CMD] & 1, "COMRESET with ST set (§10.4.2)"
                r[P_SSTS] = 0
            r[off] = value
        elif off not in (P_TFD, P_SIG, P_SSTS):
            if off in (P_CLB, P_FB):
                assert not r[P_CMD] & 1, "a new list while the engine runs"
            r[off] = value

    def control(self, value):
        r = self.regs
        old = r[P_CMD]
        if value & 8 and not old & 1:
            assert self.hba.cap >> 24 & 1, "CLO without SCLO"
            self.overrides += 1
            r[P_TFD] &= ~0x88
            value &= ~8
        if value & 1 and not old & 1:
            assert value & 1 << 4 and r[P_SSTS] & 15 == 3, "ST needs FRE and a device (§10.3.1)"
            assert not r[P_TFD] & 0x88, "ST with a busy device"
        if old & 1 and not value & 1:
            r[P_CI] = r[P_SACT] = 0
            self.waiting = []
            self.broken = False
        r[P_CMD] = value & 0x0FFFFFFF | value & 0xF0000000
        if value & 2 and not old & 2 and self.device and r[P_SSTS] == 0:
            self.link_up()


class Hba:
    """regs at 0 of the model.  line(handler's argument) is called as the interrupt."""

    def __init__(
        self, clock, devices, cap=PARALLELS_CAP, ports=0x3F, version=0x10100, staggered=False
    ):
        self.clock = clock
        self.cap = cap
        self.pi = ports
        self.version = version
        self.staggered = staggered
        self.spin_up_us = 0
        self.faults = {}
        self.count = 0
        self.sticky = False
        self.qemu_errors = False
        self.incurable = False  # not even a reset of the controller helps
        self.bohc = None  # with BIOS hand-off: the register
        self.keeps = False  # the firmware does not let go
        self.ghc = 1 << 31
        self.status = 0
        self.line = None
        self.resets = 0
        self.ports = [PortModel(self, n) for n in range(32)]
        for n in devices:
            self.ports[n].device = devices[n]
            self.ports[n].link_up()
        clock.watchers.append(self.tick)

    def tick(self):
        for port in self.ports:
            port.tick()

    def interrupt(self):
        if self.ghc & 2 and self.line:
            self.line(None)

    def read(self, off, bits):
        assert bits == 32
        if off >= 0x100:
            return self.ports[(off - 0x100) // 0x80].read(off % 0x80)
        bohc = self.bohc
        return {
            0: self.cap,
            GHC: self.ghc,
            IS: self.status,
            0x0C: self.pi,
            0x10: self.version,
            0x24: bohc is not None,
            0x28: bohc or 0,
        }.get(off, 0)

    def write(self, off, bits, value):
        assert bits == 32
        if off >= 0x100:
            self.ports[(off - 0x100) // 0x80].write(off % 0x80, value)
        elif off == GHC:
            self.ghc = value & ~1
            if value & 1:
                self.resets += 1
                self.ghc = 0
                for port in self.ports:
                    kept = port.wedged and self.incurable
                    port.reset()
                    if kept:
                        port.wedged, port.stuck, port.ready_at = True, True, None
        elif off == IS:
            self.status &= ~value
            for port in self.ports:
                if port.read(P_IS) & port.regs[P_IE] and value >> port.n & 1:
                    self.status |= 1 << port.n
        elif off == 0x28:
            self.bohc = value & ~1 if value & 2 and not self.keeps else value
