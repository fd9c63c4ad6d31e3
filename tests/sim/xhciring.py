"""Module xhciring for unit tests: modules/xhciring in Python, over models of memory and registers.

TRBs are in memory of dma, where a model of a controller finds them.  A callback is called at the
end of the interrupt instead of softly.
"""

import dma
import mmio
from xhciring_ring import Ring  # noqa: F401
from xhciring_td import HALF, History

TRANSFER = 32
COMMAND = 33
PORT = 34
HOST = 37
LOST = 256

_USBSTS = 0x04
_FAILED = 1 << 2 | 1 << 12
_EINT = 1 << 3
_EHB = 8


class Controller:
    """Consumer of events."""

    def __init__(self, op, runtime, doorbells, *, segments=1, entries=256, queue=256):
        if not 1 <= segments <= 8 or not 16 <= entries <= 4096 or entries & (entries - 1):
            raise ValueError("segments, entries or queue")
        self._op, self._runtime, self._doorbells = op, runtime, doorbells
        self._segments, self._entries, self._size = segments, entries, queue
        self._memory = dma.alloc(entries * 16 * segments + 128, entries * 16, "xhci")
        self.rings = {}
        self._queue = []
        self._ports = []
        self._history = History()
        self._stats = {
            "interrupts": 0, "spurious": 0, "events": 0, "transfers": 0, "commands": 0, "ports": 0,
            "foreign": 0, "late": 0, "lost": 0, "full": 0,
        }  # fmt: skip
        self.callback = None
        self.dead = 0
        self._told = self._blocked = self.closed = False
        self._index, self._cycle = 0, 1

    def program(self):
        n = self._entries * self._segments * 16
        self._memory[:n] = bytes(n)
        for s in range(self._segments):
            entry = (self._memory.phys + s * self._entries * 16) | self._entries << 64
            self._memory[n + 16 * s : n + 16 * s + 16] = entry.to_bytes(16, "little")
        self._index, self._cycle = 0, 1
        self.dead, self._told, self._blocked = 0, False, False
        self._runtime[8] = self._segments
        self._pair(0x18, self._memory.phys)
        self._pair(0x10, self._memory.phys + n)
        self._runtime[0] = 3

    def _pair(self, off, value):
        self._runtime[off] = value & HALF
        self._runtime[off + 4] = value >> 32

    def _erdp(self, flags):
        at = self._memory.phys + 16 * self._index | self._index // self._entries & 7 | flags
        self._runtime[0x18] = at & HALF

    def _peek(self):
        at = 16 * self._index
        raw = self._memory[at : at + 16]
        control = int.from_bytes(raw[12:], "little")
        if control & 1 != self._cycle:
            return None
        return int.from_bytes(raw[:8], "little"), int.from_bytes(raw[8:12], "little"), control

    def _drain(self):
        for turn in range(4):
            n = 0
            self._blocked = False
            while True:
                event = self._peek()
                if event is None:
                    break
                if not self._take(*event):
                    self._blocked = True
                    break
                self._stats["events"] += 1
                self._history.put(self._memory.phys + 16 * self._index, *event)
                self._index += 1
                if self._index == self._entries * self._segments:
                    self._index = 0
                    self._cycle ^= 1
                n += 1
            if n == 0 and turn:
                break
            self._erdp(0 if self._blocked else _EHB)
            if self._blocked:
                break

    def _fail(self, status):
        self.dead = self.dead or status
        if not self._told:
            self._told = self._put(HOST, 0, 0, -1, 0, 0, self.dead)

    def _attend(self):
        try:
            status = self._op[_USBSTS]
        except mmio.BusError:
            status = HALF
        if status == HALF or status & _FAILED:
            self._fail(status)
            return True
        if status & _EINT:
            self._op[_USBSTS] = _EINT
        return bool(status & _EINT)

    def interrupt(self, line):
        if self.closed:
            return
        before = self._stats["events"]
        self._stats["interrupts"] += 1
        cause = self._attend()
        self._runtime[0] = 1 if self.dead else 3
        if not self.dead:
            self._drain()
        self._stats["spurious"] += not cause and before == self._stats["events"]
        while self._queued() and self.callback is not None:
            self.callback(self)

    def poll(self):
        if self._peek() is not None:
            self._drain()
        else:
            self._attend()
        return self._queued()

    def serve(self):
        if not self.closed and self._queued() and self.callback is not None:
            self.callback(self)

    def _queued(self):
        return len(self._queue) + len(self._ports)

    def next(self, record):
        if self._queue:
            got = self._queue.pop(0)
        elif self._ports:
            got = (PORT, 0, self._ports.pop(0), -1, 1, 0, 0, self._history.now())
        else:
            return False
        for i in range(8):
            record[i] = got[i]
        if self._blocked and len(self._queue) <= self._size // 2:
            self._drain()
        return True

    # ---- events

    def _put(self, *record):
        if len(self._queue) >= self._size:
            self._stats["full"] += 1
            return False
        self._queue.append(record + (self._history.now(),))
        return True

    def _count(self, what):
        self._stats[what] += 1
        return True

    def _take(self, parameter, status, control):
        kind = control >> 10 & 0x3F
        if kind == PORT:
            port = parameter >> 24 & 255
            if port not in self._ports:
                self._ports.append(port)
            return self._count("ports")
        if kind == 39:
            return True
        if not TRANSFER <= kind < 39:
            return self._count("foreign")
        code, slot, dci = status >> 24, control >> 24, control >> 16 & 31
        if kind > COMMAND or kind == COMMAND and code == 24:
            return self._put(kind, slot, dci, -1, code, status & 0xFFFFFF, parameter)
        self._stats["transfers" if kind == TRANSFER else "commands"] += 1
        ring = self.rings.get((0, 0) if kind == COMMAND else (slot, dci))
        if kind == TRANSFER and (not slot or control & 4 or code in (14, 15)):
            ring = None
        index = -1 if ring is None else ring.index_of(parameter)
        if index < 0:
            return self._count("foreign")
        td, before, size, note = ring.shadows[index]
        if td is None or td not in ring.tds or td.dead or not td.first <= index <= td.last:
            return self._count("late")
        while ring.oldest() is not td:
            if not self._finish(ring, kind, slot, LOST, status):
                return False
            self._stats["lost"] += 1
        if len(self._queue) >= self._size:
            self._stats["full"] += 1
            return False
        ring.past.end(note, code, status & 0xFFFFFF)
        if kind == TRANSFER and not td.ends(index, before, size, code, status & 0xFFFFFF):
            return True
        if kind == TRANSFER and code not in (1, 13):
            ring.held = True
        return self._finish(ring, kind, slot, code, status)

    def _finish(self, ring, kind, slot, code, status):
        td = ring.oldest()
        actual = td.actual if kind == TRANSFER else status & 0xFFFFFF
        if not self._put(kind, slot, ring.dci, td.cookie, code, actual, ring.address_of(td.last)):
            return False
        ring.retire()
        return True

    def stats(self):
        out = dict(self._stats)
        out["queued"] = self._queued()
        return out

    def history(self):
        return self._history.entries()

    def deinit(self):
        if not self.closed:
            self.closed = True
            self._memory.free()

    # ---- for Ring

    def ring(self, slot, dci):
        try:
            self._doorbells[4 * slot] = dci
        except mmio.BusError:
            self._fail(HALF)
            return -19
        return 0
