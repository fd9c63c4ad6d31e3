"""Type Ring of module xhciring's stand-in, over memory of dma."""

import dma
from xhciring_td import TD, History, Place, pieces, td_size

_CHAIN, _IOC, _ISP, _IDT = 1 << 4, 1 << 5, 1 << 2, 1 << 6


class Ring:
    """Producer of TRBs."""

    def __init__(self, controller, slot, dci, *, entries=64, segments=1, mps=8, legacy=False):
        if (slot, dci) in controller.rings:
            raise OSError(17)
        if entries & (entries - 1) or not 4 <= entries <= 4096 or (slot == 0) != (dci == 0):
            raise ValueError("slot, dci or entries")
        controller.rings[slot, dci] = self
        self._controller = controller
        self.slot, self.dci, self.mps, self.held = slot, dci, mps, False
        self._entries, self._n, self._legacy = entries, entries * segments, legacy
        self._memory = dma.alloc(self._n * 16, entries * 16, "xhci")
        self._phys = self._memory.phys
        self.past = History()
        self.reset()

    def reset(self):
        self._memory[:] = bytes(len(self._memory))
        self.shadows = [(None, 0, 0, -1)] * self._n
        self.tds = []
        self._enqueue, self._begin, self._cycle = 0, 0, 1
        self.held = False

    # ---- memory

    def address_of(self, index):
        return self._phys + 16 * index

    def index_of(self, address):
        at = address - self._phys
        return at // 16 if 0 <= at < 16 * self._n and at % 16 == 0 else -1

    def _control(self, index, control):
        self._memory[16 * index + 12 : 16 * index + 16] = control.to_bytes(4, "little")

    def _body(self, index, parameter, status):
        self._memory[16 * index : 16 * index + 8] = parameter.to_bytes(8, "little")
        self._memory[16 * index + 8 : 16 * index + 12] = status.to_bytes(4, "little")

    # ---- TDs

    def oldest(self):
        for td in self.tds:
            if not td.dead:
                return td
        return None

    def retire(self):
        while self.tds and self.tds.pop(0).dead:
            pass
        if self.tds and self.oldest() is None:
            self._begin = self.tds[0].start
            self.tds = []

    def _free(self):
        start = self.tds[0].start if self.tds else self._begin
        return self._n - 1 - (self._enqueue - start) % self._n

    @property
    def room(self):
        slots = self._free() if self.tds else self._n - 1
        here = self._entries - 1 - self._enqueue % self._entries
        return max(min(here, slots), min(max(slots - here - 1, 0), self._entries - 1))

    def _link(self):
        at = self._enqueue
        end = at | (self._entries - 1)
        index = (end + 1) % self._n
        for i in range(at + 1, end + 1):
            self._control(i, self._cycle)
        control = 6 << 10 | (0 if index else 2) | self._cycle
        self._body(at, self.address_of(index), 0)
        self.shadows[at] = (None, 0, 0, -1)
        self.past.put(self.address_of(at), self.address_of(index), 0, control)
        return Place(index, self._cycle ^ (index == 0), at, control)

    def _submit(self, td, trbs):
        """trbs: [(parameter, status, control, before, bytes)]."""
        if self._controller is None or self._controller.closed or self._controller.dead:
            return -19
        n, usable, offset = len(trbs), self._entries - 1, self._enqueue % self._entries
        if n > usable:
            return -22
        need = n + (self._entries - offset if offset + n > usable else 0)
        if need > self._free() and not self.tds:
            self._begin = self._enqueue
        if need > self._free():
            return -28
        if offset + n <= usable:
            place = Place(self._enqueue, self._cycle, self._enqueue, 0)
        else:
            place = self._link()
        for i in range(n):
            parameter, status, control, before, size = trbs[i]
            index = place.index + i
            control |= place.cycle
            self._body(index, parameter, status)
            if index == place.gate:
                place.control = control
            else:
                self._control(index, control)
            note = self.past.put(self.address_of(index), parameter, status, control)
            self.shadows[index] = (td, before, size, note)
        td.start, td.first, td.last, td.cycle = (
            self._begin, place.index, place.index + n - 1, place.cycle,
        )  # fmt: skip
        self.tds.append(td)
        self._enqueue = self._begin = place.index + n
        self._cycle = place.cycle
        self._control(place.gate, place.control)
        return 0 if self.held else self._controller.ring(self.slot, self.dci)

    def command(self, control, cookie, parameter=0, status=0):
        if self.slot:
            return -22
        return self._submit(TD(cookie, 0), [(parameter, status, control & ~1, 0, 0)])

    def _data(self, address, length, kind, last):
        out, before = [], 0
        for at, size in pieces(address, length):
            end = before + size == length
            status = size | td_size(length, before, size, self.mps, self._legacy) << 17
            control = kind | (last if end else last & _ISP | _CHAIN)
            out.append((at, status, control, before, size))
            before += size
            kind = 1 << 10
        return out

    @property
    def _in(self):
        return self.dci > 1 and self.dci & 1

    def transfer(self, address, length, cookie):
        if not self.slot:
            return -22
        flags = _IOC | (_ISP if self._in else 0)
        return self._submit(TD(cookie, length), self._data(address, length, 1 << 10, flags))

    def immediate(self, data, cookie):
        size = len(data)
        if not self.slot or size > 8 or self._in:
            return -22
        trb = (int.from_bytes(bytes(data), "little"), size, 1 << 10 | _IDT | _IOC, 0, size)
        return self._submit(TD(cookie, size), [trb])

    def control(self, setup, address, length, cookie):
        if not self.slot or len(setup) != 8 or setup[6] | setup[7] << 8 != length:
            return -22
        inward = setup[0] >> 7
        trt = 0 if not length else 3 if inward else 2
        trbs = [(int.from_bytes(bytes(setup), "little"), 8, 2 << 10 | _IDT | trt << 16, 0, 0)]
        if length:
            kind = 3 << 10 | inward << 16
            trbs += self._data(address, length, kind, _ISP if inward else 0)
        back = 0 if length and inward else 1 << 16
        trbs.append((0, 0, 4 << 10 | _IOC | back, length, 0))
        return self._submit(TD(cookie, length, True), trbs)

    # ---- recovery

    def kick(self):
        self.held = False
        if self._controller is None or self._controller.dead:
            return -19
        return self._controller.ring(self.slot, self.dci)

    def _find(self, cookie):
        for td in self.tds:
            if not td.dead and td.cookie == cookie:
                return td
        return None

    def cancel(self, cookie):
        td = self._find(cookie)
        if td is None:
            return -2
        if td is self.oldest():
            self.retire()
            return 1
        td.dead = True
        self._body(td.first, self.address_of(td.last + 1), 0)
        self._control(td.first, 6 << 10 | td.cycle)
        oldest = self.oldest()
        return int(not oldest.actual and not oldest.cut)

    @property
    def position(self):
        for td in self.tds if self.held else ():
            td.actual, td.cut = 0, False
        td = self.oldest()
        if td is not None:
            return self.address_of(td.first) | td.cycle
        if self._enqueue % self._entries == self._entries - 1:
            place = self._link()
            self._control(place.gate, place.control)
            self._enqueue, self._cycle = place.index, place.cycle
        self._begin = self._enqueue
        return self.address_of(self._enqueue) | self._cycle

    def partial(self, cookie):
        td = self._find(cookie)
        return -2 if td is None else td.actual

    def take(self):
        td = self.oldest()
        if td is None:
            return -1
        self.retire()
        return td.cookie

    @property
    def address(self):
        return self._phys | 1

    @property
    def pending(self):
        return len([td for td in self.tds if not td.dead])

    def history(self):
        return self.past.entries()

    def free(self):
        if self._controller is not None:
            del self._controller.rings[self.slot, self.dci]
            self._controller = None
            self._memory.free()
