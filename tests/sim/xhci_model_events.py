"""Interrupter and event ring of the model of an xHCI controller (xHCI 1.2 §4.9.4, §4.17)."""

import struct

import dma

IMAN, IMOD, ERSTSZ, ERSTBA, ERDP = 0x20, 0x24, 0x28, 0x30, 0x38
_EINT = 8


class Events:
    """The part of Xhci that posts events and interrupts."""

    pended = False

    def write_runtime(self, off, value):
        regs = self.interrupter
        if off == IMAN:
            regs[IMAN] = value & 2 | (regs[IMAN] & 1 & ~value)
        elif off == ERDP:
            regs[ERDP] = value & ~8 | (regs[ERDP] & 8 & ~value)
        else:
            regs[off] = value
            if off == ERSTBA + 4:  # §5.5.2.3.2: writing it starts the ring
                self.segment = self.entry = 0
                self.cycle = 1

    def pointer(self, at):
        return self.interrupter[at] & ~63 | self.interrupter[at + 4] << 32

    def segments(self):
        """[(address, entries)] of the event ring."""
        table, off = dma.find(self.pointer(ERSTBA), 16 * self.interrupter[ERSTSZ])
        out = []
        for i in range(self.interrupter[ERSTSZ]):
            base, size = struct.unpack_from("<QI", table, off + 16 * i)
            assert base % 64 == 0 and 16 <= size <= 4096
            out.append((base, size))
        return out

    def event(self, low, high, status, kind, flags=0):
        """Post an event, unless the ring is full or nothing runs."""
        if not self.command & 1:
            return
        segments = self.segments()
        base, size = segments[self.segment]
        at = base + 16 * self.entry
        entry, segment = self.entry + 1, self.segment
        if entry == size:
            entry, segment = 0, (self.segment + 1) % len(segments)
        dequeue = self.interrupter[ERDP] & ~15 | self.interrupter[ERDP + 4] << 32
        if segments[segment][0] + 16 * entry == dequeue:
            self.lost += 1
            return
        buf, off = dma.find(at, 16)
        struct.pack_into("<IIII", buf, off, low, high, status, kind << 10 | flags | self.cycle)
        if segment == 0 and entry == 0:
            self.cycle ^= 1
        self.segment, self.entry = segment, entry
        self.interrupter[IMAN] |= 1
        self.interrupter[ERDP] |= 8
        self.status |= _EINT
        self.interrupt()

    def interrupt(self):
        if self.line and self.command & 4 and self.interrupter[IMAN] == 3:
            if "msi-clears-ip" in self.variants:
                self.interrupter[IMAN] = 2
            self.pended = True
