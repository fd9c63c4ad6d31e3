"""Finding functions: root buses, bridges and what is behind, bus numbers where none are set."""

from micropython import const

import pci_bars
import pci_caps
from pci_function import Function

_BUSES = const(0x18)  # primary, secondary, subordinate: PCI-to-PCI Bridge 1.2 §3.2.5.3
_DEPTH_MAX = const(32)
_DOWNSTREAM = (4, 6)  # root port, downstream port: one device behind


class Walk:
    """One pass over a Host.  functions: all, in order of address; problems: texts.

    known: Functions by bdf, used again where they still are.
    """

    def __init__(self, host, known=None):
        self.host = host
        self._known = known or {}
        self.functions = []
        self.problems = []
        host.children = []

    def run(self, roots):
        """Walk from these root buses; the host's range bounds them."""
        for i in range(len(roots)):
            last = roots[i + 1] - 1 if i + 1 < len(roots) else self.host.last
            self._bus(roots[i], last, None, 0)
        self.functions.sort(key=lambda f: f.address)
        return self

    def _present(self, bus, single):
        """Functions that answer on a bus, in order."""
        host = self.host
        read = host.ecam.read32
        base = host.offset(bus, 0, 0)
        found = []
        for dev in range(1 if single else 32):
            at = base | dev << 15
            ids = read(at)
            if not self._there(ids, bus, dev):
                continue
            count = 8 if read(at + 0x0C) >> 23 & 1 else 1
            for fn in range(count):
                if fn == 0 or self._there(read(at | fn << 12), bus, dev):
                    found.append((dev, fn))
        return found

    def _there(self, ids, bus, dev):
        if ids & 0xFFFF in (0xFFFF, 0):
            return False
        if ids == 0xFFFF0001:
            self.problems.append("%02x:%02x does not come out of reset" % (bus, dev))
            return False
        return True

    def _bus(self, bus, last, parent, depth):
        """Walk one bus whose numbers below may go up to `last`; the highest in use."""
        siblings = parent.children if parent else self.host.children
        bridges = []
        try:
            present = self._present(bus, parent is not None and _single(parent))
        except OSError:  # MCFG names more buses than there are
            self.problems.append("bus %02x: its configuration space does not answer" % bus)
            return bus
        for dev, fn in present:
            f = self._function(bus, dev, fn, parent)
            siblings.append(f)
            self.functions.append(f)
            if f.header > 1:
                self.problems.append("%s has header type 0x%02x" % (f.bdf, f.header))
            elif f.bridge:
                bridges.append(f)
        if not bridges:
            return bus
        if depth == _DEPTH_MAX:
            self.problems.append("bus %02x: bridges behind it are not followed" % bus)
            return bus
        return self._below(bus, last, bridges, depth)

    def _function(self, bus, dev, fn, parent):
        f = Function(self.host, bus, dev, fn, parent)
        old = self._known.get(f.bdf)
        if old is None or not old.same(f):
            return f
        old.parent = parent
        old.children = []
        return old

    def _below(self, bus, last, bridges, depth):
        """Walk what is behind the bridges of a bus: numbered ones first, then the others.

        A range lies within its parent's and beside its siblings', so the walk is a tree and ends.
        """
        top = bus
        taken = []
        fresh = []
        for f in bridges:
            numbers = f.cfg.read32(_BUSES)
            first, final = numbers >> 8 & 0xFF, numbers >> 16 & 0xFF
            sound = numbers & 0xFF == bus and bus < first <= final <= last
            if sound and not any(first <= high and low <= final for low, high in taken):
                taken.append((first, final))
                f.secondary, f.subordinate = first, final
                top = max(top, final)
                self._bus(first, final, f, depth + 1)
                continue
            if first or final:
                self.problems.append("%s has bus numbers %06x" % (f.bdf, numbers & 0xFFFFFF))
                self._number(f, 0, 0, 0)  # forwards nothing of its siblings' meanwhile
            fresh.append(f)
        for f in fresh:
            if top == last:
                self.problems.append("%s: no bus number is left for it" % f.bdf)
                continue
            # As far as it may reach while it is walked, then cut to what there is.
            first = top + 1
            self._number(f, bus, first, last)
            top = self._bus(first, last, f, depth + 1)
            self._number(f, bus, first, top)
        return top

    def _number(self, f, primary, second, subordinate):
        keep = f.cfg.read32(_BUSES) & 0xFF000000
        f.cfg.write32(_BUSES, keep | subordinate << 16 | second << 8 | primary)
        f.secondary, f.subordinate = second, subordinate


def _single(bridge):
    """Whether a PCIe link is below: device 0 alone answers there (PCIe 5.0 §7.3.1)."""
    cap = bridge.capability(pci_caps.PCIE)
    return cap is not None and cap.fields()["type"] in _DOWNSTREAM


def read_resources(functions):
    """Read the BARs and windows of all whose BARs were not read before."""
    for f in functions:
        if f.bars is None:
            f.bars = pci_bars.read(f)
            if f.bridge:
                f.windows = pci_bars.bridge_windows(f.cfg)
