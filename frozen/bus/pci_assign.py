"""Addresses for BARs and bridge windows that have none; what has one keeps it."""

import pci_bars

_GRAIN = {"io": 0x1000, "mem": 0x100000, "pref": 0x100000}  # PCI-to-PCI Bridge 1.2 §3.2.5


class Space:
    """Ranges of bus addresses and what of them is taken, ascending."""

    def __init__(self, ranges):
        self.ranges = ranges
        self.taken = []

    def reserve(self, first, last):
        """Mark a piece as taken; it may lie outside."""
        i = len(self.taken)
        while i and self.taken[i - 1][0] > first:
            i -= 1
        self.taken.insert(i, (first, last))

    def take(self, size, align):
        """The lowest free multiple of `align` with `size` bytes, or None."""
        for low, high in self.ranges:
            at = -(-low // align) * align
            for first, last in self.taken:
                if at + size <= first:
                    break
                if last >= at:
                    at = -(-(last + 1) // align) * align
            if at + size - 1 <= high:
                self.reserve(at, at + size - 1)
                return at
        return None


def kind_of(bar):
    """Which kind of window a BAR belongs in: above 4 GiB goes what is 64-bit and prefetchable."""
    if bar.kind == "io":
        return "io"
    return "pref" if bar.bits == 64 and bar.prefetchable else "mem"


def _orphans(f):
    """BARs without an address."""
    return [bar for bar in f.bars if not bar.address and not bar.problem]


def _reserve(spaces, kind, first, last):
    """Mark what a BAR or window takes: ports, or addresses in both spaces of memory."""
    for each in ("io",) if kind == "io" else ("mem", "pref"):
        spaces[each].reserve(first, last)


def _pack(wants):
    """Bytes that (align, size) pieces take, the most aligned first from an aligned start."""
    at = 0
    for align, size in wants:
        at = -(-at // align) * align + size
    return at


class Assignment:
    """One pass over a Host whose functions have their resources read.  problems: texts."""

    def __init__(self, host):
        self.host = host
        self.problems = []
        self._needs = {}

    def run(self):
        """Give an address to all that lack one."""
        spaces = {kind: Space(self.host.ranges(kind)) for kind in _GRAIN}
        self._bus(self.host.children, spaces)

    def _need(self, bridge):
        """{kind: (align, size)} that the closed windows of a bridge have to hold."""
        found = self._needs.get(bridge)
        if found is not None:
            return found
        wants = {"io": [], "mem": [], "pref": []}
        has = [w.kind for w in bridge.windows]
        for f in bridge.children:
            for bar in _orphans(f):
                kind = kind_of(bar)
                kind = "mem" if kind == "pref" and "pref" not in has else kind
                wants[kind].append((bar.size, bar.size))
            for window in f.windows:
                if not window.base:
                    kind = "mem" if window.kind == "pref" and "pref" not in has else window.kind
                    piece = self._need(f).get(window.kind)
                    if piece:
                        wants[kind].append(piece)
        found = {}
        for window in bridge.windows:
            pieces = wants[window.kind]
            if pieces:
                pieces.sort(reverse=True)
                grain = _GRAIN[window.kind]
                size = -(-_pack(pieces) // grain) * grain
                found[window.kind] = (max(grain, pieces[0][0]), size)
        self._needs[bridge] = found
        return found

    def _bus(self, functions, spaces):
        """Place what the functions of a bus lack in the spaces of that bus, largest first."""
        wants = []
        for f in functions:
            for bar in f.bars:
                if bar.address:
                    _reserve(spaces, bar.kind, bar.address, bar.address + bar.size - 1)
            for window in f.windows:
                if window.base:
                    _reserve(spaces, window.kind, window.base, window.limit)
            for bar in _orphans(f):
                wants.append((bar.size, bar.size, len(wants), kind_of(bar), f, bar))
            for window in f.windows:
                if not window.base:
                    align, size = self._need(f).get(window.kind, (1, 0))
                    if size:
                        wants.append((align, size, len(wants), window.kind, f, window))
                    else:
                        pci_bars.open_window(f.cfg, window, _GRAIN[window.kind], 0)
        wants.sort(key=lambda want: (-want[0], want[2]))
        for align, size, _, kind, f, thing in wants:
            self._place(spaces, align, size, kind, f, thing)
        for f in functions:
            if f.children:
                self._bus(f.children, self._inside(f))

    def _place(self, spaces, align, size, kind, f, thing):
        at = spaces[kind].take(size, align)
        if at is None and kind == "pref":
            at = spaces["mem"].take(size, align)
        elif at is None and kind == "mem" and thing.bits == 64 and f.parent is None:
            at = spaces["pref"].take(size, align)
        if at is None or at + size - 1 >> thing.bits:
            self.problems.append("%s: no room for 0x%x bytes of %s" % (f.bdf, size, kind))
        elif isinstance(thing, pci_bars.Bar):
            pci_bars.place(f.cfg, thing, at)
        else:
            pci_bars.open_window(f.cfg, thing, at, at + size - 1)

    def _inside(self, bridge):
        """The spaces of the bus behind a bridge."""
        found = {kind: Space([]) for kind in _GRAIN}
        for window in bridge.windows:
            if window.base:
                found[window.kind].ranges = [(window.base, window.limit)]
        return found


def check(host, functions):
    """Mark BARs that must not be used and return texts: overlaps, outside of windows, over RAM."""
    problems = []
    pieces = {"io": [], "mem": []}
    silent = []
    for f in functions:
        for bar in f.bars:
            if bar.address:
                found = pieces["io" if bar.kind == "io" else "mem"]
                found = found if pci_bars.decodes(f.cfg, bar) else silent
                found.append((bar.address, bar.address + bar.size - 1, f, bar))
                bar.problem = bar.fault or _outside(host, f, bar)
    for found in pieces.values():
        _overlaps(found)
    for rom in silent:
        _beside(rom, pieces["mem"])
    for f in functions:
        for bar in f.bars:
            if bar.problem:
                problems.append("%s BAR %d %s" % (f.bdf, bar.index, bar.problem))
    return problems


def _overlaps(found):
    """Mark what overlaps in a list of (first, last, Function, Bar)."""
    found.sort(key=lambda piece: (piece[0], piece[1]))
    for i in range(len(found) - 1):
        first, last, f, bar = found[i]
        after = found[i + 1][0]
        if bar.assumed and first < after <= last:  # a guess gives way to its neighbour
            bar.size = after - first
            found[i] = (first, after - 1, f, bar)
    reach = None
    for piece in found:
        first, last, f, bar = piece
        if reach is not None and first <= reach[1]:
            other = reach[3]
            bar.problem = "overlaps %s BAR %d" % (reach[2].bdf, other.index)
            other.problem = other.problem or "overlaps %s BAR %d" % (f.bdf, bar.index)
        if reach is None or last > reach[1]:
            reach = piece


def _beside(rom, found):
    """Mark a ROM that is off where it overlaps; it takes nothing from the others."""
    first, last, _, bar = rom
    for piece in found:
        if piece[0] <= last and first <= piece[1]:
            bar.problem = bar.problem or "overlaps %s BAR %d" % (piece[2].bdf, piece[3].index)
    found.append(rom)


def _outside(host, f, bar):
    first, last = bar.address, bar.address + bar.size - 1
    if bar.kind != "io":
        for base, size in host.ram:
            if first < base + size and base <= last:
                return "lies over RAM"
    if f.parent is None:
        return _outside_host(host, bar, first, last)
    if f.parent.class_ & 0xFF == 1:  # subtractive: forwards what nobody claims
        return None
    for window in f.parent.windows:
        if window.base and window.base <= first and last <= window.limit:
            if (window.kind == "io") == (bar.kind == "io"):
                return None
    return "lies outside the windows of %s" % f.parent.bdf


def _outside_host(host, bar, first, last):
    windows = [w for w in host.windows if (w[0] == "io") == (bar.kind == "io")]
    if not windows:
        return None
    for window in windows:
        if window[1] <= first and last <= window[2]:
            return None
    return "lies outside the host's windows"
