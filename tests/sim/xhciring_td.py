"""Parts of module xhciring's stand-in: TDs, data in TRBs, histories."""

try:
    from time import ticks_us  # MicroPython
except ImportError:
    from time import monotonic_ns

    def ticks_us():
        return monotonic_ns() // 1000


HALF = 0xFFFFFFFF
_BOUNDARY = 65536


class Place:
    """Where a TD goes, and the TRB that hands it over."""

    def __init__(self, index, cycle, gate, control):
        self.index, self.cycle, self.gate, self.control = index, cycle, gate, control


class TD:
    """One TD on its ring: first to last TRB; start: a Link before it, or first."""

    def __init__(self, cookie, size, control=False):
        self.cookie, self.size, self.control = cookie, size, control
        self.start = self.first = self.last = self.cycle = self.actual = 0
        self.cut = self.dead = False

    def ends(self, index, before, size, code, residual):
        """Note what an event says; whether the TD has ended."""
        if code == 28:
            moved = min(residual, before + size)
        elif code == 27 or residual > size:
            moved = before
        else:
            moved = before + size - residual
        if code in (26, 27, 28):
            if not self.cut:
                self.actual = moved
            return False
        good = code in (1, 13)
        if self.control and good:
            if index == self.last:
                self.actual = self.actual if self.cut else moved
                return True
            if index != self.first:
                self.actual, self.cut = moved, True
            return False
        if not self.cut:
            self.actual = moved
        return index == self.last or not good or code == 13 or residual != 0


def pieces(address, length):
    """[(address, bytes)] that cross no multiple of 64 KiB; at least one."""
    out = []
    while length or not out:
        size = min(length, _BOUNDARY - address % _BOUNDARY)
        out.append((address, size))
        address += size
        length -= size
    return out


def td_size(total, before, size, mps, legacy):
    """xHCI 1.2 §4.11.2.4."""
    if legacy:
        return min(31, (total - before) >> 10)
    if before + size == total:
        return 0
    return min(31, (total + mps - 1) // mps - (before + size) // mps)


class History:
    """The last 256 TRBs."""

    def __init__(self):
        self._rows = []
        self._first = 0  # number of the oldest

    def now(self):
        return ticks_us()

    def put(self, address, parameter, status, control):
        self._rows.append([ticks_us(), address, parameter, status, control, 0, 0, 0])
        if len(self._rows) > 256:
            self._rows.pop(0)
            self._first += 1
        return self._first + len(self._rows) - 1

    def end(self, note, code, residual):
        if note >= self._first:
            row = self._rows[note - self._first]
            row[5:] = [code, residual, ticks_us() - row[0]]

    def entries(self):
        return [tuple(row) for row in self._rows]
