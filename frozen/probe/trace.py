"""What a driver does to its device: its register windows record each access, while it runs.

with probe.trace.on(dev) as t:
    dev.reset()
print(t)
"""

import sys
import trace as _trace

from micropython import const
from mmio import Regs

from probe.regs import Map
from probe.view import View

_ENTRIES = const(4096)
_DEPTH = const(4)  # of objects within objects


def windows(thing, map=None, depth=_DEPTH):
    """[(mmio.Regs, Map or None), …] in an object: itself, its attributes, their attributes.

    Lists, tuples and dicts are looked through.  A window's map is that of a View of it, else MAP
    of the object that holds it, else `map`.  Nothing is read from a device.
    """
    found = {}
    _walk(thing, map, depth, {}, found)
    return list(found.values())


def _walk(thing, map, depth, seen, found):
    if isinstance(thing, View):
        found[id(thing._regs)] = (thing._regs, thing._map)
    elif isinstance(thing, Regs):
        if id(thing) not in found or not found[id(thing)][1]:
            found[id(thing)] = (thing, map)
    elif depth > seen.get(id(thing), (None, -1))[1]:
        # The object is kept, so that the number stays its own.  One that is met nearer is looked
        # through again: it reaches farther.
        seen[id(thing)] = thing, depth
        for part in _parts(thing):
            _walk(part, getattr(thing, "MAP", map), depth - 1, seen, found)


def _parts(thing):
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return thing
    if isinstance(thing, (type, type(sys))):
        return ()
    return list(getattr(thing, "__dict__", {}).values())


class Trace:
    """A ring of accesses, and the windows that put them in.  Use `on()`.

    A context manager: leaving detaches; what was recorded stays.  print(t): one line an access,
    repeated reads of the same value as one.  Iteration gives trace.Ring's entries.
    """

    def __init__(self, entries=_ENTRIES):
        """entries: how many accesses are kept.  Raises ValueError, MemoryError."""
        self.ring = _trace.Ring(entries)
        self._things = []
        self._before = []  # (window, its trace before)
        self._maps = []  # (base, size, Map)

    def attach(self, thing, map=None, depth=_DEPTH):
        """Record the accesses to all windows found in an object.  Raises ValueError for none."""
        found = windows(thing, map, depth)
        if not found:
            raise ValueError("no register window in %r" % (thing,))
        if not self._things:
            self.ring.resume()  # detach() paused it
        self._things.append((thing, depth))
        for window, own in found:
            if own:
                self._maps.append((window.base, window.size, own))
            if window.trace is not self.ring:
                self._before.append((window, window.trace))
                window.trace = self.ring
        return self

    def detach(self):
        """Stop recording; every window is as it was."""
        self.ring.pause()
        for thing, depth in self._things:
            for window, _ in windows(thing, None, depth):
                if window.trace is self.ring:
                    window.trace = None  # made meanwhile, of one that was traced
        for window, before in self._before:
            window.trace = before
        self._things = []
        self._before = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.detach()

    def clear(self):
        """Forget what was recorded."""
        self.ring.clear()

    def mark(self, text):
        """Put a text in, to find a place again."""
        self.ring.mark(text)

    def __len__(self):
        return len(self.ring)

    def __iter__(self):
        return iter(self.ring)

    def register(self, window, offset):
        """(Map, offset in it) of an address in a window; (None, offset) where no map is known."""
        at = window.base + offset
        best = None
        for base, size, map in self._maps:
            if base <= at < base + size and (best is None or size < best[1]):
                best = base, size, map
        return (best[2], at - best[0]) if best else (None, offset)

    def text(self, entry):
        """'edu.STATUS=0x1 BUSY' of an entry, 'edu.STATUS=BusError' of a failed read."""
        map, offset = self.register(entry.what, entry.offset)
        if entry.value is None:
            words = (map and map.name(offset) or "+%#x" % offset) + "=BusError"
        else:
            words = map.text(offset, entry.value) if map else "+%#x=%#x" % (offset, entry.value)
            words += " BusError" if entry.fault else ""
        return entry.what.name + ("" if words[0] == "+" else ".") + words

    def lines(self):
        """Texts: µs since the first entry, direction, register, value, fields, caller."""
        import boot

        hz = boot.hw()["timer"][1]
        start = None
        last = None  # [of a read its address and value, times, what _row() takes…]
        for e in self.ring:
            start = e.ticks if start is None else start
            key = e.op == "R" and (e.what, e.offset, e.value)
            if last and key and last[0] == key:
                last[1] += e.times
                continue
            if last:
                yield _row(*last[1:])
            what = "-- " + e.what if e.op == "M" else self.text(e)
            where = "%s:%u %s" % (e.file, e.line, e.function)
            last = [key, e.times, (e.ticks - start) * 1000000 / hz, e.op, what, where]
        if last:
            yield _row(*last[1:])
        if self.ring.dropped:
            yield "(%u earlier ones were overwritten)" % self.ring.dropped

    def __str__(self):
        return "\n".join(self.lines())

    def __repr__(self):
        return "<Trace %u entries, %u overwritten>" % (len(self.ring), self.ring.dropped)

    def export(self, stream):
        """Write JSON lines to a stream (docs/reference/trace.md)."""
        from probe import tracefile

        tracefile.write(self, stream)

    def save(self, path):
        """Write JSON lines to a file, for `pyrallax trace` on the host and for tests."""
        with open(path, "w") as stream:
            self.export(stream)


def _row(times, us, op, what, where):
    if times > 1:
        what += " x%u" % times
    return "%10.1f %s %-58s %s" % (us, op, what, where)


def on(thing, map=None, entries=_ENTRIES, depth=_DEPTH):
    """Trace an object's register windows from now on: a Trace.

    thing: a driver, an mmio.Regs, a View, or a list of them.  map: Map that names the registers of
    windows that come without one.  Raises ValueError when there is no window.
    """
    if map is not None and not isinstance(map, Map):
        raise TypeError("map is a probe.Map")
    return Trace(entries).attach(thing, map, depth)


attach = on


def detach(t):
    """Stop a Trace."""
    t.detach()
