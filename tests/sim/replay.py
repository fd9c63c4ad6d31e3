"""A recorded trace as a device: what probe.trace wrote, behind the windows of tests/sim/mmio.py.

    replay = Replay(path)      # or lines
    driver(replay.window("edu"))
    replay.finish()

Runs on CPython and on MicroPython's unix port.
"""

import json

import mmio


class Mismatch(AssertionError):
    """The driver did what it did not do when it was recorded.  str(): what, and the line."""


class Replay:
    """Puts models at the windows of a recording.

    source: a path, or lines of text.  Strict: each access must be the next of the recording.  Else
    writes must come as they were recorded, while reads may be more or fewer, as of a driver that
    polls at another speed: between two writes the values of a register come in order, and its
    last one stays.
    """

    def __init__(self, source, strict=False):
        head, self._entries = _load(source)
        self.windows = head["windows"]
        self._strict = strict
        self._next = 0  # of the entries
        self._taken = {}  # loose: indices of reads since the last write
        self._last = {}  # loose: address -> the value it had last
        # A window may be a part of another one.
        for window in sorted(self.windows, key=lambda w: -w["size"]):
            mmio.attach(window["base"], window["size"], _Device(self, window))

    def window(self, name, index=0):
        """An mmio.Regs of the window of that name, or of that map; index: of several."""
        found = [w for w in self.windows if name in (w["name"], w["map"])]
        if index >= len(found):
            raise KeyError(name)
        w = found[index]
        return mmio.Regs(w["base"], w["size"], w["width"], w["name"])

    def finish(self):
        """Raise Mismatch when the driver left out a write; strict: anything."""
        for entry in self._entries[self._next :]:
            if self._strict or entry["op"] == "W":
                raise Mismatch("left out: %s" % _show(entry))

    def access(self, op, address, bits, value, name):
        """What the device answers.  Raises Mismatch."""
        did = "%s of %u bits %s" % ("read" if op == "R" else "write", bits, name)
        if op == "W":
            did += " = 0x%x" % value
        if self._strict or op == "W":
            return self._expect(op, address, bits, value, did)
        return self._poll(address, bits, did)

    def _expect(self, op, address, bits, value, did):
        """The next entry; loose: the next write."""
        at = self._next
        while not self._strict and at < len(self._entries) and self._entries[at]["op"] == "R":
            self._note(self._entries[at])
            at += 1
        if at == len(self._entries):
            raise Mismatch("%s: the recording has ended" % did)
        entry = self._entries[at]
        alike = (entry["op"], entry["address"], entry["bits"]) == (op, address, bits)
        if not alike or (op == "W" and entry["v"] != value):
            raise Mismatch("%s: recorded was %s" % (did, _show(entry)))
        self._next = at + 1
        self._taken = {}
        return _answer(entry)

    def _note(self, entry):
        self._last[(entry["address"], entry["bits"])] = entry

    def _poll(self, address, bits, did):
        key = (address, bits)
        for at in range(self._next, len(self._entries)):
            entry = self._entries[at]
            if entry["op"] == "W":
                break
            if at not in self._taken and (entry["address"], entry["bits"]) == key:
                self._taken[at] = True
                self._note(entry)
                return _answer(entry)
        if key in self._last:
            return _answer(self._last[key])
        for entry in self._entries[self._next :]:  # earlier than it was recorded
            if (entry["op"], entry["address"], entry["bits"]) == ("R", address, bits):
                return _answer(entry)
        raise Mismatch("%s: never read in the recording" % did)


class _Device:
    """One window of the recording."""

    def __init__(self, replay, window):
        self._replay = replay
        self._base = window["base"]
        self._name = window["name"]

    def _access(self, op, off, bits, value):
        name = "%s+0x%x" % (self._name, off)
        return self._replay.access(op, self._base + off, bits, value, name)

    def read(self, off, bits):
        return self._access("R", off, bits, 0)

    def write(self, off, bits, value):
        self._access("W", off, bits, value)


def _answer(entry):
    """The entry's value, or the BusError that came in its place."""
    if entry.get("fault"):
        raise mmio.BusError(entry["address"], entry["op"] == "W", entry["bits"] // 8)
    return entry["v"]


def _show(entry):
    text = "%s of %u bits %s+0x%x" % (
        "read" if entry["op"] == "R" else "write",
        entry["bits"],
        entry["window"],
        entry["off"],
    )
    if entry["reg"]:
        text += " (%s)" % entry["reg"]
    if entry["op"] == "W":
        text += " = 0x%x" % entry["v"]
    return text + ", line %u, by %s:%s" % (entry["number"], entry["file"], entry["line"])


def _load(source):
    if isinstance(source, str):
        with open(source) as stream:
            source = stream.read().split("\n")
    lines = [(number, json.loads(line)) for number, line in enumerate(source, 1) if line.strip()]
    head = lines[0][1]
    if (head.get("schema"), head.get("version")) != ("pyrallax-trace", 1):
        raise ValueError("no trace that this program knows: %r" % head.get("schema"))
    if head["dropped"]:
        raise ValueError("the recording lacks its first %u entries" % head["dropped"])
    entries = []
    for number, entry in lines[1:]:
        if entry["op"] != "M":
            window = head["windows"][entry["w"]]
            entry["number"] = number
            entry["window"] = window["name"]
            entry["address"] = window["base"] + entry["off"]
            for _ in range(entry["n"]):
                entries.append(entry)
    return head, entries
