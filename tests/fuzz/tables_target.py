"""Mutated tables against the frozen parsers; runs on MicroPython's unix port and on CPython.

    tables_target.py CORPUS SEED CASES

CORPUS: files named KIND-NAME.  Each case takes one, damages it, and reads it as its kind.  The
only exceptions that may leave a parser are ValueErrors, and no case may take longer than
caseloop.LIMIT_MS.
"""

import random
import struct

import acpi
import acpi_fields
import aml
import aml_resources
import caseloop
import fdt
import fwcfg_loader
from acpi_devices import Device
from probe import smbios

_INTERESTING = (0, 1, 0x3F, 0x40, 0x5B, 0x5C, 0x5E, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
_AT = 0x1000  # where the image of a `system` stands


def namespace(data):
    """Load, then ask for everything."""
    space = aml.Namespace()
    space.load(data)
    refused = len(space.refused)
    for node in space.devices[:40]:
        d = Device(space, node)
        _ = (d.path, d.hid, d.cids, d.uid, d.adr, d.sta, d.cca, d.cls, d.memory, d.irqs)
        _ = (d.windows, d.prt, d.skipped, d.resources("_PRS"), d.value("_DSD"))
        refused += len(d.refused)
    return refused


def system(data):
    """RSDP at the start of an image whose pointers are addresses in it."""

    def read(address, size):
        if size <= 0 or not _AT <= address <= _AT + len(data) - size:
            raise ValueError("outside")
        return data[address - _AT : address - _AT + size]

    found = acpi.System(read, _AT)
    found.devices()
    for table in found.tables[:20]:
        table.fields()
    return len(found.root.refused)


def fields(data):
    acpi_fields.fields(str(bytes(c & 0x7F for c in data[:4]), "ascii"), bytes(data))
    return 0


def resources(data):
    aml_resources.decode(data)
    return 0


def tree(data):
    def read(address, size):
        if size < 0 or address + size > len(data):
            raise ValueError("outside")
        return data[address : address + size]

    for name in ("qemu,fw-cfg-mmio", "arm,pl011", "virtio,mmio"):
        _ = [(n.path, n.props, n.reg) for n in fdt.Tree(read, 0).find(name)]
    return 0


def loader(data):
    """A script for files of 600 bytes."""

    def place(size, align):
        return 0x40000000, bytearray(size)

    fwcfg_loader.run(data, lambda name: bytes(600), place)
    return 0


def structures(data):
    smbios.decode(data)
    return 0


KINDS = {
    "namespace": namespace,
    "system": system,
    "fields": fields,
    "resources": resources,
    "tree": tree,
    "loader": loader,
    "structures": structures,
}


def _number(data):
    """A hostile value where a length or pointer could be."""
    size = random.choice((1, 2, 4, 8))
    at = random.randrange(max(1, len(data) - size))
    value = random.choice((0, 1, len(data), 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFF0, _AT, at))
    part = (value & ((1 << 8 * size) - 1)).to_bytes(size, random.choice(("little", "big")))
    data[at : at + size] = part[: len(data) - at]


def damage(data):
    """One to eight changes."""
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        if not len(data):
            break
        at = random.randrange(len(data))
        how = random.randrange(8)
        if how == 0:
            data[at] ^= 1 << random.randrange(8)
        elif how == 1:
            data[at] = random.choice(_INTERESTING)
        elif how == 2:
            data[at] = random.randrange(256)
        elif how == 3:
            data = data[:at]
        elif how == 4:
            _number(data)
        else:
            size = random.randrange(1, 40)
            chunk = data[at : at + size]
            if how == 5:  # again
                data = data[:at] + bytes(chunk) * random.randrange(1, 6) + data[at:]
            elif how == 6:  # away
                data = data[:at] + data[at + size :]
            else:  # nested in a package of itself
                data = data[:at] + bytes([0x12, 0x3F]) * random.randrange(1, 60) + data[at:]
    return data


def _seal(kind, data):
    """Right sums where a wrong one would end the case at once, in three of four."""
    if kind == "system" and len(data) >= 36 and random.randrange(4):
        data[8] = 0
        data[8] = -sum(data[:20]) & 0xFF
        data[32] = 0
        data[32] = -sum(data[:36]) & 0xFF
        for at in range(64, len(data) - 36, 8):
            length = struct.unpack_from("<I", data, at + 4)[0]
            known = bytes(data[at : at + 4]) in (b"XSDT", b"FACP", b"DSDT", b"APIC")
            if known and 36 <= length <= len(data) - at:
                data[at + 9] = 0
                data[at + 9] = -sum(data[at : at + length]) & 0xFF


def _damaged(kind, data):
    data = damage(data)
    _seal(kind, data)
    return data


if __name__ == "__main__":
    caseloop.run(_damaged, lambda n, kind, data: KINDS[kind](data) > 0)
