"""Base address registers and bridge windows: what they say and hold (PCI 3.0 §6.2.5)."""

from micropython import const

_COMMAND = const(0x04)
_COMMAND_DECODE = const(0x3)  # I/O and memory space enable
_COMMAND_LIVE = const(0x6)  # memory space, bus master
_BAR0 = const(0x10)
_ROM = (0x30, 0x38, 0)  # by header type
_COUNT = (6, 2, 0)
_IO_BASE = const(0x1C)  # PCI-to-PCI Bridge 1.2 §3.2.5
_MEM_BASE = const(0x20)
_PREF_BASE = const(0x24)
_PREF_UPPER = const(0x28)
_IO_UPPER = const(0x30)
_USB = const(0x0C03)
_HOST_BRIDGE = const(0x0600)
_ONES = const(0xFFFFFFFF)
_IO_MASK = const(0xFFFFFFFC)  # PCI 3.0 §6.2.5.1, §6.2.5.2
_MEM_MASK = const(0xFFFFFFF0)
_ROM_MASK = const(0xFFFFF800)
_ROM_ENABLE = const(1 << 0)

# Windows of USB controllers, which are not sized while firmware's address is in them.
# (vendor, device, subsystem vendor): bytes.
_KNOWN_USB = {
    (0x1033, 0x0194, 0x1AB8): 0x1000,  # observed: Parallels
    (0x8086, 0x265C, 0x1AB8): 0x400,  # observed: Parallels
    (0x1033, 0x0194, 0x1AF4): 0x4000,  # QEMU's models, docs/specs of 7.2
    (0x1B36, 0x000D, 0x1AF4): 0x4000,
    (0x8086, 0x24CD, 0x1AF4): 0x1000,
    (0x8086, 0x293A, 0x1AF4): 0x1000,
    (0x8086, 0x293C, 0x1AF4): 0x1000,
}
# By programming interface otherwise: UHCI 1.1 §2.1, OHCI 1.0a §7, EHCI 1.0 §2, xHCI 1.2 §5.
_USB_SIZE = {0x00: 0x20, 0x10: 0x1000, 0x20: 0x400, 0x30: 0x10000}


class Bar:
    """One base address register.

    index: its number, 6 for the expansion ROM; kind: "mem", "io" or "rom"; address: on the bus,
    0 while unassigned; size in bytes; bits: 32 or 64; assumed: the size was not measured;
    problem: text why it must not be used, or None; fault: the same of the register itself.
    """

    def __init__(self, index, reg, kind, address, size, bits=32, prefetchable=False):
        self.index = index
        self.reg = reg
        self.kind = kind
        self.address = address
        self.size = size
        self.bits = bits
        self.prefetchable = prefetchable
        self.assumed = False
        self.problem = None
        self.fault = None

    def __repr__(self):
        text = "<bar %d %s%d 0x%x+0x%x" % (
            self.index,
            self.kind,
            self.bits,
            self.address,
            self.size,
        )
        text += " prefetchable" if self.prefetchable else ""
        text += " size assumed" if self.assumed else ""
        return text + ((" " + self.problem) if self.problem else "") + ">"


class Window:
    """What a bridge forwards of one kind ("io", "mem", "pref"): base to limit on the bus.

    base 0: not programmed, or closed.  limit is inside; bits: of what it can hold.
    """

    def __init__(self, kind, base, limit, bits):
        self.kind = kind
        self.bits = bits
        self.base = base if 0 < base <= limit else 0
        self.limit = limit if self.base else 0


def _bars_of(cfg, count):
    """[index, register, low dword] of each, the upper half of a 64-bit one left out."""
    found = []
    i = 0
    while i < count:
        raw = cfg.read32(_BAR0 + 4 * i)
        found.append((i, _BAR0 + 4 * i, raw))
        i += 2 if raw & 7 == 4 and i + 1 < count else 1
    return found


def read(f):
    """List of the Bars of a function, sized where that is allowed.

    Decoding is off while a register holds all ones and comes back as it was (PCI 3.0 §6.2.5.1).
    A USB controller that firmware gave an address, or that is live, is not touched: taking its
    window away disturbs Parallels' USB emulation (observed there).
    """
    cfg = f.cfg
    if f.header > 1:
        return []
    raw = _bars_of(cfg, _COUNT[f.header])
    command = cfg.read16(_COMMAND)
    if f.class_ >> 8 == _USB and (command & _COMMAND_LIVE or any(low & ~15 for _, _, low in raw)):
        return _assume(f, raw)
    found = []
    off = command & _COMMAND_DECODE and f.class_ >> 8 != _HOST_BRIDGE
    if off:
        cfg.write16(_COMMAND, command & ~_COMMAND_DECODE)
    try:
        for index, reg, low in raw:
            bar = _size(cfg, index, reg, low)
            if bar:
                found.append(bar)
        bar = _size_rom(cfg, _ROM[f.header])
        if bar:
            found.append(bar)
    finally:
        if off:
            cfg.write16(_COMMAND, command)
    return found


def address_of(cfg, bar):
    """Address on the bus that the registers of a Bar hold now."""
    low = cfg.read32(bar.reg) & {"rom": _ROM_MASK, "io": _IO_MASK, "mem": _MEM_MASK}[bar.kind]
    return low | cfg.read32(bar.reg + 4) << 32 if bar.bits == 64 else low


def _swap(cfg, reg, old, probe):
    """What `reg` reads after `probe` was written; `old` is in it again afterwards."""
    cfg.write32(reg, probe)
    got = cfg.read32(reg)
    cfg.write32(reg, old)
    return got


def _size(cfg, index, reg, low):
    got = _swap(cfg, reg, low, _ONES)
    if got & 1:
        mask = got & _IO_MASK
        size = mask & -mask
        return Bar(index, reg, "io", low & _IO_MASK, size) if 4 <= size <= 0x10000 else None
    mask = got & _MEM_MASK
    address = low & _MEM_MASK
    bits = 32
    fault = None
    kind = got >> 1 & 3
    if kind == 2:
        if index == 5 or reg + 4 >= 0x18 and cfg.read8(0x0E) & 0x7F == 1:
            fault = "64 bits wide in the last register"
        else:
            bits = 64
            high = cfg.read32(reg + 4)
            address |= high << 32
            mask |= _swap(cfg, reg + 4, high, _ONES) << 32
    elif kind == 3:
        fault = "reserved type"
    if not mask:
        return None
    bar = Bar(index, reg, "mem", address, mask & -mask, bits, bool(got & 8))
    bar.problem = bar.fault = fault
    return bar


def _size_rom(cfg, reg):
    old = cfg.read32(reg)
    # The enable bit stays clear: a ROM may share its decoder with a BAR (PCI 3.0 §6.2.5.2).
    mask = _swap(cfg, reg, old, _ROM_MASK) & _ROM_MASK
    return Bar(6, reg, "rom", old & _ROM_MASK, mask & -mask) if mask else None


def decodes(cfg, bar):
    """Whether a Bar answers while its function decodes: all but a ROM that is not enabled."""
    return bar.kind != "rom" or bool(cfg.read32(bar.reg) & _ROM_ENABLE)


def _assume(f, raw):
    subsystem = f.cfg.read16(0x2C) if f.header == 0 else 0
    known = _KNOWN_USB.get((f.vendor, f.device, subsystem), 0)
    size = known or _USB_SIZE.get(f.class_ & 0xFF, 0x1000)
    found = []
    for index, reg, low in raw:
        address = low & (_IO_MASK if low & 1 else _MEM_MASK)
        wide = low & 7 == 4 and index + 1 < _COUNT[f.header]
        if wide:
            address |= f.cfg.read32(reg + 4) << 32
        if not address:
            continue
        kind = "io" if low & 1 else "mem"
        # A BAR is aligned to its size, so its address bounds what may be assumed.
        fits = min(size, address & -address)
        bar = Bar(index, reg, kind, address, fits, 64 if wide else 32, low & 9 == 8)
        bar.assumed = True
        found.append(bar)
    return found


def bridge_windows(cfg):
    """The Windows a bridge has; those it does not implement are left out."""
    found = []
    io = cfg.read16(_IO_BASE)
    if not io:  # zero is also what an unimplemented window reads
        cfg.write16(_IO_BASE, 0x00F0)
        if cfg.read16(_IO_BASE):
            cfg.write16(_IO_BASE, 0)
            io = 0x10000
    if io:
        upper = cfg.read32(_IO_UPPER) if io & 15 == 1 else 0
        base = (io & 0xF0) << 8 | (upper & 0xFFFF) << 16
        limit = io & 0xF000 | 0xFFF | upper >> 16 << 16
        found.append(Window("io", base, limit, 32 if io & 15 == 1 else 16))
    mem = cfg.read32(_MEM_BASE)
    found.append(Window("mem", (mem & 0xFFF0) << 16, mem & 0xFFF00000 | 0xFFFFF, 32))
    pref = cfg.read32(_PREF_BASE)
    probe = pref
    if not pref:
        cfg.write32(_PREF_BASE, 0x0000FFF0)
        probe = cfg.read32(_PREF_BASE)
        cfg.write32(_PREF_BASE, 0)
    if probe:
        base, limit = (pref & 0xFFF0) << 16, pref & 0xFFF00000 | 0xFFFFF
        wide = probe & 15 == 1
        if wide:
            base |= cfg.read32(_PREF_UPPER) << 32
            limit |= cfg.read32(_PREF_UPPER + 4) << 32
        found.append(Window("pref", base, limit, 64 if wide else 32))
    return found


def open_window(cfg, window, base, limit):
    """Make a bridge forward base to limit, inclusive; base > limit closes the window."""
    window.base = base if base <= limit else 0
    window.limit = limit if window.base else 0
    if window.kind == "io":
        cfg.write16(_IO_BASE, base >> 8 & 0xF0 | limit & 0xF000)
        if window.bits == 32:
            cfg.write32(_IO_UPPER, base >> 16 & 0xFFFF | limit >> 16 << 16)
        return
    value = base >> 16 & 0xFFF0 | limit & 0xFFF00000
    if window.kind == "mem":
        cfg.write32(_MEM_BASE, value)
        return
    # The upper halves first, closed meanwhile: no wrong range is ever open.
    cfg.write32(_PREF_BASE, 0x0000FFF0)
    if window.bits == 64:
        cfg.write32(_PREF_UPPER, base >> 32)
        cfg.write32(_PREF_UPPER + 4, limit >> 32)
    cfg.write32(_PREF_BASE, value)


def place(cfg, bar, address):
    """Give a BAR its address, decoding off meanwhile."""
    command = cfg.read16(_COMMAND)
    if command & _COMMAND_DECODE:
        cfg.write16(_COMMAND, command & ~_COMMAND_DECODE)
    cfg.write32(bar.reg, address & _ONES)
    if bar.bits == 64:
        cfg.write32(bar.reg + 4, address >> 32)
    if command & _COMMAND_DECODE:
        cfg.write16(_COMMAND, command)
    bar.address = address
