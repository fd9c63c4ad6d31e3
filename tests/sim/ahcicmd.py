"""Module ahcicmd for unit tests: the same contract as modules/ahcicmd, in Python.

Commands go through memory of the simulated dma and registers of the simulated mmio, so that a
model of a controller sees what the real one would.  idle(): set by the test, lets time pass.
ctrl_c: set by the test to how many Ctrl-C there will be while somebody waits.
"""

import struct

import dma

WRITE, FUA, QUEUED, LBA48, ATAPI = 1, 2, 4, 8, 16
DONE, ATTENTION, TIMEOUT, CANCELLED = 0, 1, 2, 3
_PATIENCE_MS = 1500
_IS, _CMD, _TFD, _SERR, _SACT, _CI = 0x10, 0x18, 0x20, 0x30, 0x34, 0x38
_CHANGE = 1 << 6 | 1 << 22
_ERRORS = 1 << 24 | 0xF << 27
_EAGAIN, _EBUSY, _EINVAL, _EROFS, _EIO = 11, 16, 22, 30, 5
_BYTES_MAX = 23 * 0x400000
_PRDS = 24

idle = None
ctrl_c = 0
raised = []  # what attend() raised


def _bytes(buf):
    """A memoryview of a buffer's bytes, whatever its items are: as C sees it."""
    view = memoryview(buf)
    size = len(bytes(view[:1]))
    if size < 2:
        return view
    if hasattr(view, "cast"):
        return view.cast("B")
    import uctypes

    return memoryview(uctypes.bytearray_at(uctypes.addressof(buf), size * len(view)))


class Hba:
    def __init__(self, regs):
        self.regs = regs
        self.ports = {}
        self.notify = None
        self.irq = False
        self.irqs = self.missing = self.plugged = 0
        self.queued = []  # for notify: run by softly()
        self.closed = False

    def close(self):
        self.closed = True

    def interrupt(self, line):
        self.irqs += 1
        for round in range(4):
            shown = self.regs[8]
            if not shown and round:
                break
            for n in range(32):
                port = self.ports.get(n)
                bit = shown >> n & 1
                if port is None and bit:
                    self._empty(n)
                elif port and (bit or not round and port.active):
                    before = port.attention
                    if port._service() and not bit:
                        self.missing += 1
                    if port.attention and not before and not port._waiting:
                        self.queued.append(port)
            if not shown:
                break
            self.regs[8] = shown

    def _empty(self, n):
        at = 0x100 + 0x80 * n
        bits = self.regs[at + _IS]
        self.regs[at + _SERR] = 1 << 16 | 1 << 26
        self.regs[at + _IS] = bits
        if bits & _CHANGE:
            self.plugged |= 1 << n
            self.queued.append(n)

    def softly(self):
        """Call notify for what is queued, as the scheduler would."""
        while self.queued:
            self.notify(self.queued.pop(0))


class Slot:
    fields = None  # what, lba, blocks
    outcome = 0

    def __init__(self):
        self.at = []  # addresses its buffers have


class Port:
    def __init__(self, hba, regs, number, memory, bounce):
        assert len(memory) >= 1280 + 33 * 512 and memory.phys % 1024 == 0
        self._hba = hba
        self._r = regs
        self._memory = memory
        self._bounce = bounce
        self.number = number
        self.attend = None
        self.blocks = 0
        self.block_size = 512
        self.timeout_ms = 10000
        self.slots = 32
        self.what = self.depth = self.wide = self.read_only = self.gone = self.dirty = 0
        self.taken = self.active = self.queued = self.held = self.causes = self.tfd = 0
        self.changed = self.late = self.attention = self.recovering = 0
        self.requests = self.lost = self._waiting = self._alone = 0
        self.awaited = self.cancelled = 0
        self._slots = [Slot() for i in range(32)]
        hba.ports[number] = self

    @property
    def irq(self):
        return self._hba.irq

    def close(self):
        if self._hba.ports.get(self.number) is self:
            del self._hba.ports[self.number]

    # ---- engine.c

    def _service(self):
        r = self._r
        bits = r[_IS]
        if bits:
            r[_IS] = bits
        if bits & _CHANGE:
            r[_SERR] = 1 << 16 | 1 << 26
            self.changed = self.attention = 1
        errors = bits & _ERRORS
        if self.active:
            left = r[_CI]
            if self.queued:
                left |= r[_SACT]
            if not errors or self.queued:
                ended = self.active & ~left
                for i in range(32):
                    if ended >> i & 1:
                        self._slots[i].outcome = 0
                self.active &= ~ended
                self.queued &= ~ended
        if errors:
            if not self.causes:
                self.tfd = r[_TFD]
            self.causes |= errors
            self.attention = 1
        return bits != 0

    def _recheck(self):
        before = self.active
        self._service()
        self.lost += self.irq and self.active != before

    def _issue(self, i, queued):
        self.active |= 1 << i
        self.requests += 1
        if queued:
            self.queued |= 1 << i
            self._r[_SACT] = 1 << i
        self._r[_CI] = 1 << i

    def _issue_and_wait(self, i, timeout_ms):
        self._waiting += 1
        self._issue(i, False)
        why = self._wait(1 << i, True, timeout_ms)
        self._waiting -= 1
        return why

    def _wait(self, mask, all_of, timeout_ms):
        # One idle() is a millisecond; every tenth the port is looked at all the same.
        self._waiting += 1
        why = TIMEOUT
        for ms in range(timeout_ms + 1):
            if ms % 10 == 9:
                self._recheck()
            elif not self.irq:
                self._service()
            left = self.active & mask
            if not left if all_of else left != mask:
                why = DONE
                break
            if self.attention:
                why = ATTENTION
                break
            if ctrl_c and ms >= _PATIENCE_MS:
                self.late = self.attention = 1
                why = CANCELLED
                break
            idle()
        self._waiting -= 1
        return why

    def _table(self, i, table, fis, pieces, what, cdb=b""):
        at = 1280 + 512 * table
        memory = self._memory
        memory[at : at + 20] = fis
        memory[at + 64 : at + 80] = bytes(cdb) + bytes(16 - len(cdb))
        n = 0
        for phys, left in pieces:
            while left:
                part = min(left, 0x400000)
                entry = phys & 0xFFFFFFFF, phys >> 32, 0, part - 1
                struct.pack_into("<IIII", memory, at + 128 + 16 * n, *entry)
                phys, left, n = phys + part, left - part, n + 1
        assert n <= _PRDS
        flags = 5 | (32 if what & ATAPI else 0) | (64 if what & WRITE else 0) | n << 16
        struct.pack_into("<IIQ", memory, 32 * i, flags, 0, memory.phys + at)

    def _build(self, i, queued):
        what, lba, blocks = self._slots[i].fields
        f = bytearray(20)
        write, count = what & WRITE, blocks & 0xFFFF
        if queued:
            f[2] = 0x61 if write else 0x60
            f[3], f[11], f[12] = count & 255, count >> 8, i << 3
            f[7] = 0x40 | (0x80 if what & FUA else 0)
        elif what & LBA48:
            f[2] = (0x3D if what & FUA else 0x35) if write else 0x25
            f[7], f[12], f[13] = 0x40, count & 255, count >> 8
        else:
            f[2] = 0xCA if write else 0xC8
            f[7], f[12] = 0x40 | lba >> 24, count & 255
        f[0], f[1] = 0x27, 0x80
        f[4:7] = (lba & 0xFFFFFF).to_bytes(3, "little")
        if what & LBA48:
            f[8:11] = (lba >> 24).to_bytes(3, "little")
        self._table(i, i, f, self._slots[i].at, what)

    # ---- transfer.c

    def _attend(self):
        if self.recovering:
            return
        try:
            self.attend(self)
            if self.active or self.held:
                raise AssertionError("attend() left 0x%x, 0x%x" % (self.active, self.held))
        except Exception as why:
            raised.append(why)
            self._r.clear(_CMD, 1)
            self.recovering = self.active = self.queued = self.held = self.cancelled = 0
            self.attention = 1
        self.late = 0

    def _ill(self, why, mine):
        global ctrl_c
        if why != DONE:
            self.late |= why == TIMEOUT
            if why == CANCELLED:
                ctrl_c -= 1
                self.cancelled |= self.active & mine
            self._attend()

    def _refusal(self):
        return -self.gone if self.gone else -_EBUSY if self.recovering else 0

    def _reap(self, i):
        slot = self._slots[i]
        for at, _ in slot.at:
            dma.hide(at)
        slot.at = []
        self.taken &= ~(1 << i)
        self.awaited &= ~(1 << i)
        return slot.outcome

    def _start(self, what, lba, views, queued):
        fits = self.active == self.queued if queued else not self.active
        room = [i for i in range(self.depth if queued else self.slots) if not self.taken >> i & 1]
        if not fits or not room:
            return -_EAGAIN
        i = room[0]
        slot = self._slots[i]
        self.taken |= 1 << i
        slot.at = [(dma.expose(view), len(view)) for view in views]
        blocks = sum([len(view) for view in views]) // self.block_size
        slot.fields = what & 3 | self.what, lba, blocks
        slot.outcome = -_EIO
        self._build(i, queued)
        self.dirty |= what & WRITE
        self._issue(i, queued)
        return i

    def _mended(self):
        if self.attention and not self.recovering:
            self._attend()
            if self.attention and not self.gone:
                return -_EIO
        return 0

    def _ended(self, i):
        return not (self.active | self.held) >> i & 1

    def _some(self, mask, all_of):
        why = self._wait(mask, all_of, self.timeout_ms)
        self._ill(why, mask if all_of else 0)
        return -4 if why == CANCELLED else 0

    def _one(self, what, lba, *views):
        while True:
            r = self._mended() or self._refusal()
            if r:
                return r
            i = self._start(what, lba, views, bool(self.depth and self.queued))
            if i >= 0:
                while not self._ended(i):
                    self._some(1 << i, True)
                return self._reap(i)
            if not self.active:
                return i
            r = self._some(self.active, False)
            if r:
                return r

    def _range(self, block, off, size):
        fits = block >= 0 <= off and block * self.block_size + off + size <= (
            self.blocks * self.block_size
        )
        return 0 if fits else -_EINVAL

    def _transfer(self, what, block, view, off):
        r = self._refusal() or self._range(block, off, len(view))
        if not r and what & WRITE and self.read_only:
            r = -_EROFS
        bs = self.block_size
        at = block * bs + off
        done = 0
        while not r and done < len(view):
            lba, skip = divmod(at + done, bs)
            left = len(view) - done
            if skip or left < bs:
                n = min(left, bs - skip)
                part = memoryview(self._bounce)[:bs]
                r = self._one(what & ~3, lba, part)
                if not r and what & WRITE:
                    part[skip : skip + n] = view[done : done + n]
                    r = self._one(what, lba, part)
                elif not r:
                    view[done : done + n] = part[skip : skip + n]
            else:
                limit = 65536 if self.what & LBA48 else 256
                n = min(left // bs, limit, _BYTES_MAX // bs) * bs
                r = self._one(what, lba, view[done : done + n])
            done += n
        return r

    def readblocks(self, n, buf, off=0):
        return self._transfer(0, n, _bytes(buf), off)

    def writeblocks(self, n, buf, off=0):
        return self._transfer(WRITE, n, _bytes(buf), off)

    def writefua(self, n, buf, off=0):
        return self._transfer(WRITE | FUA, n, _bytes(buf), off)

    def submit(self, what, n, buf):
        view = memoryview(buf)
        r = self._refusal() or self._range(n, 0, len(view))
        if r:
            return r
        if self.attention:
            return -_EAGAIN
        i = self._start(what, n, [view], self.depth != 0)
        if i >= 0:
            self.awaited |= 1 << i
        return i

    def result(self, i):
        assert self.taken >> i & 1
        return 1 if (self.active | self.held) >> i & 1 else self._reap(i)

    def wake(self, tasks, push):
        for i in range(32):
            if (self.awaited & ~(self.active | self.held)) >> i & 1:
                self.awaited &= ~(1 << i)
                task = tasks[i]
                if task is None:
                    self._reap(i)
                elif task is not False:
                    tasks[i] = None
                    push(task)

    def writev(self, n, bufs):
        views = [memoryview(buf) for buf in bufs]
        size = sum([len(view) for view in views])
        r = self._refusal() or self._range(n, 0, size)
        if [view for view in views if not len(view) or len(view) % self.block_size]:
            r = -_EINVAL
        if not r and self.read_only:
            r = -_EROFS
        while not r and views:
            r = self._one(WRITE, n, *views[:_PRDS])
            n += sum([len(view) for view in views[:_PRDS]]) // self.block_size
            del views[:_PRDS]
        return r

    def gather(self, lbas, count, buf):
        view = memoryview(buf)
        step = count * self.block_size
        mine, following, result = [], 0, 0
        while following < len(lbas) or mine:
            while following < len(lbas) and not result:
                part = view[following * step : (following + 1) * step]
                slot = self.submit(0, lbas[following], part)
                if slot == -_EAGAIN:
                    break
                if slot < 0:
                    result = slot
                else:
                    mine.append(slot)
                following += 1
            if result:
                following = len(lbas)
            busy = 0
            for slot in mine:
                busy |= self.active & 1 << slot
            if busy:
                self._ill(self._wait(busy, False, self.timeout_ms), busy)
            elif not mine and following < len(lbas):
                r = self._mended() or self._refusal()
                if r or not self.active:
                    result, following = r or -_EAGAIN, len(lbas)
                else:
                    result = self._some(self.active, False)
            for slot in list(mine):
                if self._ended(slot):
                    result = self._reap(slot) or result
                    mine.remove(slot)
        return result

    # ---- port.c

    def run(self, fis, buf=None, what=0, timeout_ms=10000, cdb=b""):
        if self.gone:
            raise OSError(self.gone)
        assert len(fis) == 20
        if self.active:
            why = self._wait(self.active, True, self.timeout_ms)
            if why != DONE:
                return why
        at = dma.expose(buf) if buf else 0
        self._table(0, 32, fis, [(at, len(buf))] if buf else [], what, cdb)
        outcome = self._slots[0].outcome
        self._alone = 1
        why = self._issue_and_wait(0, timeout_ms)
        self._alone = int(why != DONE)
        self._slots[0].outcome = outcome
        if at:
            dma.hide(at)
        return why

    def poll(self):
        if not self.gone:
            self._recheck()
        return bool(self.attention and not self.gone)

    def halt(self):
        self.recovering = 1
        self._r.clear(_CMD, 1)
        stopped = self._r.wait(_CMD, 1 << 15, 0, 5000)
        self.held |= self.active & self.taken & ~self._alone
        self.cancelled &= self.held
        self._alone = 0
        self.active = self.queued = 0
        if not stopped:
            raise OSError(110)
        return self.held

    def rerun(self, i):
        assert self.held >> i & 1
        self._build(i, False)
        return self._issue_and_wait(i, self.timeout_ms)

    def finish(self, i, result):
        assert self.held >> i & 1
        self._slots[i].outcome = result
        self.held &= ~(1 << i)
        self.cancelled &= ~(1 << i)

    def request(self, i):
        return self._slots[i].fields
