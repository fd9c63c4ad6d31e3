"""modules/trace, for unit tests: the ring that mmio.Regs.trace takes.  Callers are not known."""

from collections import namedtuple

Entry = namedtuple(
    "Entry",
    (
        "ticks",
        "op",
        "width",
        "offset",
        "value",
        "times",
        "what",
        "file",
        "line",
        "function",
        "fault",
    ),
)


class Ring:
    """As modules/trace.  One tick passes at every entry."""

    def __init__(self, entries):
        if entries < 1:
            raise ValueError("entries")
        self.capacity = entries
        self.paused = False
        self.clear()

    def clear(self):
        self.dropped = 0
        self._ticks = 0
        self._entries = []

    def pause(self):
        self.paused = True

    def resume(self):
        self.paused = False

    def _put(self, *what, fault=False):
        if self.paused:
            return
        self._ticks += 1
        self._entries.append(Entry(self._ticks, *what, "sim.py", self._ticks, "driver", fault))
        if len(self._entries) > self.capacity:
            self._entries.pop(0)
            self.dropped += 1

    def record(self, regs, write, bits, offset, value, fault=False):
        last = self._entries[-1] if self._entries and not self.paused else None
        op = "W" if write else "R"
        value = None if fault and not write else value
        # All code is one caller.
        alike = last and last[1:5] == (op, bits, offset, value) and last.what is regs
        if alike and not write and last.fault == fault:
            self._entries[-1] = Entry(*last[:5], last.times + 1, *last[6:])
        elif alike and write and fault and not last.fault:
            self._entries[-1] = Entry(*last[:10], True)
        else:
            self._put(op, bits, offset, value, 1, regs, fault=fault)

    def mark(self, text):
        self._put("M", 0, 0, 0, 1, text)

    def __len__(self):
        return len(self._entries)

    def __iter__(self):
        return iter(list(self._entries))
