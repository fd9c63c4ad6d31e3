"""Where the registers of devices are: groups in a window, in a PCI function, in the machine."""

import boot
import mmio

from probe.view import View

_KINDS = {0x010601: "ahci", 0x0C0330: "xhci", 0x0C0320: "ehci"}
_VIRTIO = 0x1AF4
_VIRTIO_IDS = range(0x1000, 0x1080)  # VirtIO 1.2 §4.1.2: not all of this vendor's
ACPI = {  # by _HID or _CID
    "PRL4010": "ahci",
    "ARMH0011": "uart",
    "ARMHB000": "uart",
    "LNRO0005": "virtio_mmio",
    "PNP0D10": "xhci",
    "PNP0D20": "ehci",
}
_GICR_VLPIS = 1 << 1  # TYPER: two more frames follow (IHI 0069 §12.10)
_GICR_LAST = 1 << 4


def window(base, size, name):
    """mmio.Regs of an address, 32 bits an access."""
    return mmio.Regs(base, size, 32, name)


def _ahci(regs):
    from probe.maps import ahci

    implemented = regs.read32(0x0C)  # PI: the others must not be accessed (§3.1.4)
    return [("hba", View(ahci.HBA, regs, lambda r, i: not r.count or implemented >> i & 1))]


def _views(regs, groups):
    """A View of each (title, map, offset, bytes), cut at the window's end; none beyond it."""
    return [
        (title, View(map, regs.window(at, min(size, regs.size - at), regs.name)))
        for title, map, at, size in groups
        if at < regs.size
    ]


def _xhci(regs):
    from probe.maps import xhci

    length = regs.read32(0) & 0xFF
    sizes = regs.read32(4)  # HCSPARAMS1
    ports, interrupters, slots = sizes >> 24, sizes >> 8 & 0x7FF, sizes & 0xFF
    runtime, doorbells = regs.read32(0x18) & ~0x1F, regs.read32(0x14) & ~3
    groups = (
        ("capability", xhci.CAP, 0, min(length, 0x20) or 0x20),
        ("operational", xhci.OP, length, 0x400 + 16 * ports),
        ("runtime", xhci.RUNTIME, runtime, 0x20 + 32 * interrupters),
        ("doorbells", xhci.DOORBELL, doorbells, 4 * (slots + 1)),
    )
    return _views(regs, groups)


def _ehci(regs):
    from probe.maps import ehci

    length = regs.read32(0) & 0xFF
    size = 0x44 + 4 * (regs.read32(4) & 15)
    groups = (("capability", ehci.CAP, 0, 12), ("operational", ehci.OP, length, size))
    return _views(regs, groups)


def _uart(regs):
    from probe.maps import uart

    return [("uart", View(uart.PL011, regs))]


def _virtio_mmio(regs):
    from probe.maps import virtio

    return [("mmio", View(virtio.MMIO, regs))]


def _virtio(function):
    """Groups in the BARs that the vendor capabilities name (VirtIO 1.2 §4.1.4)."""
    from probe.maps import virtio

    maps = {1: ("common", virtio.COMMON), 3: ("isr", virtio.ISR)}
    found = []
    for capability in function.capabilities():
        fields = capability.fields()
        if fields.get("cfg_type") in maps:
            title, map = maps.pop(fields["cfg_type"])
            part = function.bar(fields["bar"]).window(
                fields["offset"], fields["size"], function.bdf
            )
            found.append((title, View(map, part)))
    return found


def _legacy(function):
    """Whether a virtio function has its registers in ports: no capability names a structure."""
    return not any("cfg_type" in each.fields() for each in function.capabilities())


def _virtio_legacy(function):
    """BAR 0, of ports (VirtIO 1.2 §4.1.4.10); the vectors are there while MSI-X is enabled."""
    from probe.maps import virtio

    vectors = any(c.id == 0x11 and c.fields()["enabled"] for c in function.capabilities())
    shown = lambda register, index: vectors or register.offset < 0x14  # noqa: E731
    return [("legacy", View(virtio.LEGACY, function.bar(0), shown))]


MAKERS = {
    "ahci": _ahci,
    "xhci": _xhci,
    "ehci": _ehci,
    "uart": _uart,
    "virtio_mmio": _virtio_mmio,
}


def bar_of(kind):
    """Number of the BAR that has a controller's registers."""
    return 5 if kind == "ahci" else 0  # AHCI 1.3.1 §2.1.11


def kind_of(function):
    """ "ahci", "virtio" …, None for a function that has no map here."""
    if function.vendor == _VIRTIO and function.device in _VIRTIO_IDS:
        return "virtio"
    return _KINDS.get(function.class_)


def _groups(function, kind):
    """Groups in the BARs of a function."""
    if kind != "virtio":
        return MAKERS[kind](function.bar(bar_of(kind)))
    return _virtio_legacy(function) if _legacy(function) else _virtio(function)


def of_function(function):
    """Groups of a PCI function, its registers where a map is known and its header; and a note.

    The note says why the registers are missing.  Raises OSError where they cannot be reached.
    """
    from probe.maps import pci

    map = pci.TYPE1 if function.header == 1 else pci.TYPE0
    found = [("header", View(map, function.cfg.window(0, 64, function.bdf)))]
    kind = kind_of(function)
    if not kind:
        return found, "no map for class %06x" % function.class_
    command = function.cfg.read16(4)
    if kind == "virtio" and _legacy(function):
        if not command & 1:
            return found, "port decoding is off: pci.function(%r).enable(io=True)" % function.bdf
    elif not command & 2:  # COMMAND.MEMORY: nothing answers without
        return found, "memory decoding is off: pci.function(%r).enable()" % function.bdf
    try:
        return _groups(function, kind) + found, ""
    except (IndexError, ValueError) as why:
        return found, "its registers are not where it says: %s" % why


def redistributors(regions):
    """(base, TYPER) of each redistributor in the regions, as they lie (IHI 0069 §12.10)."""
    for base, size in regions:
        at = base
        while at + 0x20000 <= base + size:
            typer = window(at, 0x20000, "gicr").read64(8)
            yield at, typer
            if typer & _GICR_LAST:
                break
            at += 0x40000 if typer & _GICR_VLPIS else 0x20000


def system():
    """(name, base, size, map's name) of what the hand-off names; redistributors come last."""
    hw = boot.hw()
    gic = hw["gic"]
    three = gic["version"] >= 3
    if gic["gicd"]:
        yield "gicd", gic["gicd"], 0x10000 if three else 0x1000, "GICD3" if three else "GICD2"
    if gic["gicc"] and not three:
        yield "gicc", gic["gicc"], 0x2000, "GICC"
    for i, base in enumerate(gic["its"]):
        yield "its%u" % i, base, 0x20000, "ITS"
    for i, base in enumerate(gic["v2m"]):
        yield "v2m%u" % i, base, 0x1000, "V2M"
    if hw["uart"][0]:
        yield "uart", hw["uart"][0], 0x1000, "PL011"
    for i, found in enumerate(redistributors(gic["gicr"]) if three else ()):
        yield "gicr%u" % i, found[0], 0x20000, "GICR"


def system_view(name, base, size, map):
    if map == "PL011":
        from probe.maps.uart import PL011 as map
    else:
        from probe.maps import gic

        map = getattr(gic, map)
    return View(map, window(base, size, name))
