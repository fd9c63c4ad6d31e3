"""Where AHCI controllers are: PCI class 0106, and ACPI devices (PRL4010, or _CLS 01-06-01)."""

import mmio
from micropython import const

_ABAR = const(5)  # §2.1.11
_CLASS = const(0x0106)
_CLS = (1, 6, 1)
_HID = "PRL4010"
# Where Parallels has it when its AML does not say: reference §3.1, observed.
_BASE = const(0x02140000)
_BYTES = const(0x2000)
_INTID = const(34)
_GICD_ISPENDR = const(0x200)  # GIC architecture §8.9.16
_VERSIONS = (0x00000905, 0x00010000, 0x00010100, 0x00010200, 0x00010300, 0x00010301)


class PciPlace:
    """A PCI function.  name, base; open() gives its registers, hook() takes its interrupt."""

    def __init__(self, f):
        self.name = f.bdf
        self._f = f
        self.base = f.bar_of(_ABAR).address

    def open(self):
        """The registers, decoding and mastering on.  Raises OSError."""
        self._f.enable()
        return self._f.bar(_ABAR)

    def hook(self, handler):
        """Take the interrupt: message or line.  Raises OSError."""
        return self._f.irq(handler, hard=True, name="ahci %s" % self.name)

    def discover(self, provoke):
        """PCI tells: False."""
        return False

    def release(self):
        """Give the interrupt back."""
        self._f.release()


class PlatformPlace:
    """An ACPI device.  f: the PCI function whose registers these are, too; None on Parallels."""

    def __init__(self, name, base, size, intid, trigger="level", f=None):
        self.name = name
        self.base = base
        self._size = size
        self._intid = intid
        self._trigger = trigger
        self._f = f
        self._line = None

    def open(self):
        """The registers."""
        if self._f is not None:
            self._f.enable()
        return mmio.Regs(self.base, self._size, 32, "ahci %s" % self.name)

    def hook(self, handler):
        """Take the line.  Raises OSError."""
        import irq

        if self._intid is None:
            raise OSError(19, "no interrupt is known")
        trigger = irq.EDGE if self._trigger == "edge" else irq.LEVEL
        self._line = irq.request(
            self._intid, handler, trigger, hard=True, name="ahci %s" % self.name
        )
        return self._line

    def discover(self, provoke):
        """Find the line where tables do not tell: the SPI that pends after provoke().

        Whether there is exactly one.  Nobody else may be at work.
        """
        import irq

        if self._intid is not None:
            return False
        info = irq.info()
        gicd = mmio.Regs(info["gicd"], 0x1000, 32, "gicd")
        rows = range(1, info["lines"] // 32)  # 32 INTIDs each; the first row are no SPIs
        before = [gicd[_GICD_ISPENDR + 4 * row] for row in rows]
        provoke()
        found = []
        for row, old in zip(rows, before):
            new = gicd[_GICD_ISPENDR + 4 * row] & ~old
            found += [32 * row + bit for bit in range(32) if new >> bit & 1]
        if len(found) == 1:
            self._intid = found[0]
        return len(found) == 1

    def release(self):
        """Give the line back."""
        if self._line is not None:
            self._line.free()
            self._line = None


def _pci():
    import pci

    try:
        return [f for f in pci.find_all(class_=_CLASS) if f.class_ & 0xFF == 1]
    except OSError:
        return []


def _acpi():
    """What AML describes, [(path, base, size, intid, trigger)], and PRL4010 without memory,
    [(path, intid, trigger)].
    """
    import acpi

    out, bare = [], []
    try:
        devices = acpi.devices()
    except OSError:
        devices = []
    for d in devices:
        mine = d.matches(_HID)
        if not mine and d.cls != _CLS or d.sta is not None and not d.sta & 1:
            continue
        intid, trigger = (d.irqs[0][0], d.irqs[0][1]) if d.irqs else (None, "level")
        if d.memory:
            if intid is None and d.memory[0][0] == _BASE:
                intid = _INTID
            out.append((d.path, d.memory[0][0], d.memory[0][1], intid, trigger))
        elif mine:
            bare.append((d.path, intid or _INTID, trigger))
    return out, bare


def plausible(regs):
    """Whether an AHCI controller seems to be behind these registers.  Reads only."""
    try:
        cap, ports, version = regs[0x00], regs[0x0C], regs[0x10]
    except OSError:  # a BusError: nothing answers
        return False
    count = 0
    for n in range(32):
        count += ports >> n & 1
    return version in _VERSIONS and 0 < count <= (cap & 31) + 1


def places(fallback=None):
    """Every controller, as PciPlace or PlatformPlace; reads only.

    fallback: look at Parallels' fixed address; None: where ACPI names PRL4010 without resources.
    """
    functions = _pci()
    out = []
    described, bare = _acpi()
    for path, base, size, intid, trigger in described:
        behind = [f for f in functions if _at(f) == base]
        functions = [f for f in functions if f not in behind]
        out.append(PlatformPlace(path, base, size, intid, trigger, behind[0] if behind else None))
    known = any(place.base == _BASE for place in out)
    if (fallback or fallback is None and bare) and not known:
        path, intid, trigger = bare[0] if bare else ("0x%x" % _BASE, _INTID, "level")
        if plausible(mmio.Regs(_BASE, _BYTES, 32, "ahci")):
            out.append(PlatformPlace(path, _BASE, _BYTES, intid, trigger))
    for f in functions:
        if _at(f):
            out.append(PciPlace(f))
    return out


def _at(f):
    try:
        return f.bar_of(_ABAR).address
    except ValueError:
        return 0
