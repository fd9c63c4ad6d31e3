"""pci.lspci(): functions printed as pciutils' lspci does, in the fields that both have."""

import lspci_caps
import pci_caps
import pci_ids
from lspci_flags import flags

# One register: words with the number of the bit that gives + or -.  PCI 3.0 §6.2.
_CONTROL = (
    "I/O@0 Mem@1 BusMaster@2 SpecCycle@3 MemWINV@4 VGASnoop@5 ParErr@6 Stepping@7 SERR@8 "
    "FastB2B@9 DisINTx@10"
)
_STATUS = "Cap@4 66MHz@5 UDF@6 FastB2B@7 ParErr@8"
_STATUS_END = ">TAbort@11 <TAbort@12 <MAbort@13 >SERR@14 <PERR@15 INTx@3"
_SECONDARY = "66MHz@5 FastB2B@7 ParErr@8"
_SECONDARY_END = ">TAbort@11 <TAbort@12 <MAbort@13 <SERR@14 <PERR@15"
_BRIDGE = "Parity@0 SERR@1 NoISA@2 VGA@3 VGA16@4 MAbort@5 >Reset@6 FastB2B@7"
_TIMERS = "PriDiscTmr@8 SecDiscTmr@9 DiscTmrStat@10 DiscTmrSERREn@11"
_DEVSEL = ("fast", "medium", "slow", "??")


def show(functions, options=""):
    """Print functions; options as pci.lspci()."""
    verbose = options.count("v")
    for f in functions:
        for line in lines(f, verbose, options.count("n")):
            print(line)
        count = (0, 64, 64, 256, 4096)[min(options.count("x"), 4)]
        if count:
            hexdump(f, count)
        if verbose or count:
            print()


def hexdump(f, count):
    """Print the first bytes of configuration space, 16 a line."""
    buf = bytearray(count)
    f.cfg.readinto(0, buf)
    for at in range(0, count, 16):
        row = " ".join(["%02x" % value for value in buf[at : at + 16]])
        print("%02x: %s" % (at, row))


def size_text(size):
    """4096 as "4K"."""
    for unit in ("", "K", "M", "G"):
        if size < 1024:
            return "%d%s" % (size, unit)
        size >>= 10
    return "%dT" % size


def _named(vendor, device, name, numeric):
    """Vendor and device in words, in numbers, or both."""
    code = "%04x:%04x" % (vendor, device)
    maker = pci_ids.vendor_name(vendor)
    if numeric == 1:
        return code
    tail = " [%s]" % code if numeric else ""
    if name:
        return "%s %s%s" % (maker or "%04x" % vendor, name, tail)
    if maker:
        return "%s Device%s" % (maker, tail or " %04x" % device)
    return "Device" + (tail or " " + code)


def title(f, numeric=0, verbose=1):
    """The first line of a function."""
    kind = pci_ids.class_name(f.class_) or "Class"
    code = "%04x" % (f.class_ >> 8)
    text = "%s %s" % (f.bdf, code if numeric == 1 else kind)
    text += " [%s]" % code if numeric > 1 else (" " + code if kind == "Class" else "")
    text += ": " + _named(f.vendor, f.device, pci_ids.device_name(f.vendor, f.device), numeric)
    if f.rev:
        text += " (rev %02x)" % f.rev
    interface = pci_ids.interface_name(f.class_)
    if verbose and (f.class_ & 0xFF or interface):
        text += " (prog-if %02x%s)" % (f.class_ & 0xFF, " [%s]" % interface if interface else "")
    return text


def subsystem_text(f, vendor, device, numeric):
    """A subsystem in words."""
    name = pci_ids.subsystem_name(f.vendor, f.device, vendor, device)
    return _named(vendor, device, name, numeric)


def lines(f, verbose=0, numeric=0):
    """All lines of a function."""
    yield title(f, numeric, verbose)
    if not verbose:
        return
    cfg = f.cfg
    command, status = cfg.read16(4), cfg.read16(6)
    vendor, device = f.subsystem
    if vendor not in (0, 0xFFFF):
        yield "\tSubsystem: " + subsystem_text(f, vendor, device, numeric)
    if verbose > 1:
        yield "\tControl: " + flags(_CONTROL, command)
        yield "\tStatus: %s DEVSEL=%s %s" % (
            flags(_STATUS, status),
            _DEVSEL[status >> 9 & 3],
            flags(_STATUS_END, status),
        )
    if command & 4:
        yield _latency(cfg)
    yield from _interrupt(f)
    for bar in f.bars:
        yield _region(bar, command, cfg)
    if f.bridge:
        yield from _bridge(f)

    def subsystem(f, vendor, device):
        return subsystem_text(f, vendor, device, numeric)

    caps, problem = pci_caps.walk(cfg, f.vendor)
    for cap in caps:
        yield from lspci_caps.lines(f, cap, verbose, subsystem)
    if problem:
        yield "\tProblem: " + problem
    for bar in f.bars:
        if bar.problem:
            yield "\tProblem: BAR %d %s" % (bar.index, bar.problem)


def _latency(cfg):
    text = "\tLatency: %d" % cfg.read8(0x0D)
    line = cfg.read8(0x0C)
    return text + (", Cache Line Size: %d bytes" % (4 * line) if line else "")


def _interrupt(f):
    pin = f.cfg.read8(0x3D)
    if not pin:
        return
    name = "?ABCD"[pin] if pin <= 4 else "?"
    number = f.intid  # of the GIC; lspci shows Linux's own number
    yield "\tInterrupt: pin %s routed to %s" % (
        name,
        "IRQ %d" % number if number is not None else "nothing",
    )


def _region(bar, command, cfg):
    tail = " [size=%s%s]" % (size_text(bar.size), ", assumed" if bar.assumed else "")
    if bar.kind == "rom":
        off = not (command & 2 and cfg.read32(bar.reg) & 1)
        place = "%08x" % bar.address if bar.address else "<unassigned>"
        return "\tExpansion ROM at %s%s%s" % (place, " [disabled]" if off else "", tail)
    off = not command & (1 if bar.kind == "io" else 2)
    tail = (" [disabled]" if off else "") + tail
    if bar.kind == "io":
        place = "%04x" % bar.address if bar.address else "<unassigned>"
        return "\tRegion %d: I/O ports at %s%s" % (bar.index, place, tail)
    place = "%08x" % bar.address if bar.address else "<unassigned>"
    kind = "%d-bit, %sprefetchable" % (bar.bits, "" if bar.prefetchable else "non-")
    return "\tRegion %d: Memory at %s (%s)%s" % (bar.index, place, kind, tail)


def _bridge(f):
    cfg = f.cfg
    numbers = cfg.read32(0x18)
    yield "\tBus: primary=%02x, secondary=%02x, subordinate=%02x, sec-latency=%d" % (
        numbers & 0xFF,
        numbers >> 8 & 0xFF,
        numbers >> 16 & 0xFF,
        numbers >> 24,
    )
    names = {"io": "I/O", "mem": "Memory", "pref": "Prefetchable memory"}
    for window in f.windows:
        if window.base:
            form = "%04x-%04x [size=%s]" if window.kind == "io" else "%08x-%08x [size=%s]"
            size = window.limit - window.base + 1
            text = form % (window.base, window.limit, size_text(size))
        else:
            text = "[disabled]"
        yield "\t%s behind bridge: %s [%d-bit]" % (names[window.kind], text, window.bits)
    status = cfg.read16(0x1E)
    yield "\tSecondary status: %s DEVSEL=%s %s" % (
        flags(_SECONDARY, status),
        _DEVSEL[status >> 9 & 3],
        flags(_SECONDARY_END, status),
    )
    control = cfg.read16(0x3E)
    yield "\tBridgeCtl: " + flags(_BRIDGE, control)
    yield "\t\t" + flags(_TIMERS, control)
