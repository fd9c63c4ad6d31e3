"""Windows of a PCI host from a device tree (Devicetree 0.4 §5, IEEE 1275 PCI binding 2.1 §4)."""

import mmio
from micropython import const

_MAGIC = const(0xD00DFEED)
_BEGIN = const(1)
_END_NODE = const(2)
_PROP = const(3)
_NOP = const(4)
_SIZE_MAX = const(0x200000)  # the boot protocol's bound
_ENTRY = const(28)  # child address of 3 cells, parent's and size of 2 each
_COMPATIBLE = b"pci-host-ecam-generic"


def _u32(blob, at):
    return blob[at] << 24 | blob[at + 1] << 16 | blob[at + 2] << 8 | blob[at + 3]


def _u64(blob, at):
    return _u32(blob, at) << 32 | _u32(blob, at + 4)


def _name(blob, at):
    end = blob.find(b"\0", at)
    return blob[at:end]


def _ranges(blob):
    """Property "ranges" of the first node that is an ECAM host, b"" for none."""
    at, strings = _u32(blob, 8), _u32(blob, 12)
    ranges, match = b"", False
    while at + 8 <= len(blob):
        token = _u32(blob, at)
        at += 4
        if token == _BEGIN:
            at += len(_name(blob, at)) + 4 & ~3
            ranges, match = b"", False
        elif token == _PROP:
            size, name = _u32(blob, at), _name(blob, strings + _u32(blob, at + 4))
            value = blob[at + 8 : at + 8 + size]
            at += 8 + (size + 3 & ~3)
            if name == b"ranges":
                ranges = value
            elif name == b"compatible":
                match = _COMPATIBLE in value
        elif token not in (_END_NODE, _NOP):
            break
        if match and ranges:
            return ranges
    return b""


def windows(base):
    """Tuples as acpi's Device.windows, of the tree at physical address `base`; [] for none."""
    head = mmio.Regs(base, 8, 8, "fdt")
    raw = bytearray(8)
    head.readinto(0, raw)
    size = _u32(raw, 4)
    if _u32(raw, 0) != _MAGIC or not 40 <= size <= _SIZE_MAX:
        return []
    blob = bytearray(size)
    mmio.Regs(base, size, 8, "fdt").readinto(0, blob)
    return decode(bytes(blob))


def decode(blob):
    """windows() of a tree's bytes."""
    ranges = _ranges(blob)
    found = []
    for at in range(0, len(ranges) - _ENTRY + 1, _ENTRY):
        flags = _u32(ranges, at)
        space = flags >> 24 & 3
        first, cpu, size = _u64(ranges, at + 4), _u64(ranges, at + 12), _u64(ranges, at + 20)
        if space and size:
            kind = "io" if space == 1 else "mem"
            bits = 64 if space == 3 else 32
            window = (kind, first, first + size - 1, cpu - first, bits, bool(flags >> 30 & 1))
            found.append(window)
    return found
