"""Bus time for interrupt endpoints: which frames, which microframes.

EHCI 1.0 §4.12, USB 2.0 §5.11.3.  Times are worst cases in ns.  Behind a transaction translator the
start-splits of one microframe have to fit into one of the slow bus, so that the complete-splits
two to four later find an answer.
"""

from micropython import const

_ENOSPC = const(28)
FRAMES = const(32)  # the longest period; a device may be asked more often than it wants
_HIGH_NS = const(100_000)  # of 125 µs, USB 2.0 §5.5.4: 80 %
_SLOW_NS = const(125_000)
_START_UFRAMES = const(4)  # start-splits in 0 to 3: all complete-splits are in the same frame
_COMPLETE = const(0x1C)  # << start: §4.12.2.1


class Slot:
    """What an endpoint has: frames phase + n × period, microframes of smask (and cmask)."""

    def __init__(self, period, phase, smask, cmask, high_ns, slow, slow_ns):
        self.period = period
        self.phase = phase
        self.smask = smask
        self.cmask = cmask
        self.high_ns = high_ns
        self.slow = slow  # the translator's loads, or None
        self.slow_ns = slow_ns


def _high(n):
    """ns of a transaction of n bytes at high speed."""
    return 917 + (3 + 28 * n // 3) * 2083 // 1000 + 5


def _slow(speed, n, is_in):
    """ns of the same on the bus behind the translator; 1 µs for its host's delay."""
    bits = 3 + 28 * n // 3
    if speed == "low":
        return 64_060 + 2000 + (bits * 677 if is_in else bits * 667) + 1000
    return 9_107 + bits * 84 + 1000


class Budget:
    """Loads of all microframes."""

    def __init__(self):
        self._high = [0] * (8 * FRAMES)
        self._slow = {}  # (hub, port or 0): loads of a translator

    def take(self, endpoint, translator=None):
        """A Slot with the least load.  translator: who translates, anything hashable.

        Raises OSError(ENOSPC).
        """
        speed, n = endpoint.device.speed, min(endpoint.mps, 1024) * (min(endpoint.mult, 2) + 1)
        slow, slow_ns = None, 0
        if translator is not None:
            slow = self._slow.setdefault(translator, [0] * (8 * FRAMES))
            slow_ns = _slow(speed, n, endpoint.is_in)
        uframes = max(1, endpoint.interval_us // 125)
        gap = 1  # between microframes, where there are several in a frame
        while gap < 8 and 2 * gap <= uframes:
            gap *= 2
        period = 1
        while period < FRAMES and 16 * period <= uframes:
            period *= 2
        best = None
        for phase in range(period):
            for first in range(gap if slow is None else _START_UFRAMES):
                smask, cmask = 1 << first, 0
                if slow is not None:
                    cmask = _COMPLETE << first
                else:
                    for i in range(first, 8, gap):
                        smask |= 1 << i
                slot = Slot(period, phase, smask, cmask, _high(n), slow, slow_ns)
                load = self._load(slot)
                if load is not None and (best is None or load < best[0]):
                    best = load, slot
        if best is None:
            text = "endpoint 0x%02x of %s: no bus time" % (endpoint.address, endpoint.device.name)
            raise OSError(_ENOSPC, text)
        self._add(best[1], 1)
        return best[1]

    def give(self, slot):
        """It is free again."""
        self._add(slot, -1)

    def _load(self, slot):
        """The highest load that it would make; None when that is too high."""
        high = most = 0
        for i, start in _uframes(slot):
            high = max(high, self._high[i] + slot.high_ns)
            if start:
                most = max(most, slot.slow[i] + slot.slow_ns)
        if high > _HIGH_NS or most > _SLOW_NS and most > slot.slow_ns:
            return None
        return high + most

    def _add(self, slot, sign):
        for i, start in _uframes(slot):
            self._high[i] += sign * slot.high_ns
            if start:
                slot.slow[i] += sign * slot.slow_ns


def _uframes(slot):
    """(microframe, whether the translator starts then) of all that a Slot has."""
    for frame in range(slot.phase, FRAMES, slot.period):
        for i in range(8):
            if (slot.smask | slot.cmask) >> i & 1:
                yield 8 * frame + i, slot.slow is not None and slot.smask >> i & 1
