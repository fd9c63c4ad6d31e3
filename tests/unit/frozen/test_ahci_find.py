"""Where AHCI controllers are: what AML says, what it leaves out, the fixed address."""

import struct

import acpi
import ahci_find
import ahcicmd
import amlbuild as b
import dma
import mmio
from ahci_devices import Disk
from ahci_model import Clock, Hba

AREA = "storage"

AT = 0x10000  # of the tables
FIXED = 0x02140000


class Function:
    """A PCI function with its registers at an address, 0 for none."""

    class_ = 0x010601
    bdf = "00:05.0"

    def __init__(self, address):
        self.address = address

    def bar_of(self, n):
        assert n == 5
        if not self.address:
            raise ValueError("no BAR")
        return self


def system(*terms):
    """acpi.System of a machine with these terms in its DSDT."""
    dsdt = b.table("DSDT", b"".join(terms))
    fadt = bytearray(240)
    struct.pack_into("<Q", fadt, 104, AT + 1024)
    xsdt = b.table("XSDT", struct.pack("<Q", AT + 512), 1)
    rsdp = bytearray(struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 0, b"OEMIDX", 2, 0, 36, AT + 64, 0))
    rsdp[8] = -sum(rsdp[:20]) & 0xFF
    rsdp[32] = -sum(rsdp) & 0xFF
    data = bytearray(8192)
    for at, part in ((0, rsdp), (64, xsdt), (512, b.table("FACP", bytes(fadt), 6)), (1024, dsdt)):
        data[at : at + len(part)] = part
    return acpi.System(lambda address, size: data[address - AT : address - AT + size], AT, None)


def places(*terms, functions=(), fallback=None, at_fixed=True):
    """(name, base, INTID or None) of what is found."""
    before = ahci_find._pci, acpi._found
    mmio.detach_all()
    if at_fixed:
        mmio.attach(FIXED, 0x2000, Hba(Clock(), {0: Disk()}))
    ahci_find._pci = lambda: list(functions)
    acpi._found = (system(*terms), [])
    try:
        found = ahci_find.places(fallback)
        return [(p.name, p.base, getattr(p, "_intid", None)) for p in found]
    finally:
        ahci_find._pci, acpi._found = before
        mmio.detach_all()


def ahc0(*resources, hid="PRL4010", sta=None):
    terms = [b.named("_HID", hid)] if hid else [b.named("_CLS", [1, 6, 1])]
    if sta is not None:
        terms.append(b.named("_STA", sta))
    if resources:
        terms.append(b.named("_CRS", b.template(*resources)))
    return b.device("AHC0", *terms)


def test_as_on_parallels():
    crs = b.memory32(FIXED, 0x2000), b.interrupt(34)
    assert places(ahc0(*crs)) == [("\\AHC0", FIXED, 34)]
    assert places(ahc0(*crs, sta=15), fallback=True) == [("\\AHC0", FIXED, 34)]
    assert places(ahc0(*crs, sta=0)) == []
    # Another address and line are as good.
    assert places(ahc0(b.memory32(0x5000000, 0x1000), b.interrupt(77))) == [
        ("\\AHC0", 0x5000000, 77)
    ]


def test_by_class():
    crs = b.memory32(0x5000000, 0x1000), b.interrupt(77)
    assert places(ahc0(*crs, hid=None)) == [("\\AHC0", 0x5000000, 77)]
    assert places(ahc0(hid=None)) == []  # nothing says that it is Parallels'


def test_without_an_interrupt():
    """The known line at the known address; elsewhere it is found by trying."""
    assert places(ahc0(b.memory32(FIXED, 0x2000))) == [("\\AHC0", FIXED, 34)]
    assert places(ahc0(b.memory32(0x5000000, 0x1000))) == [("\\AHC0", 0x5000000, None)]


def test_without_memory():
    assert places(ahc0()) == [("\\AHC0", FIXED, 34)]
    assert places(ahc0(b.interrupt(77))) == [("\\AHC0", FIXED, 77)]
    assert places(ahc0(), at_fixed=False) == []  # nothing answers there
    assert places(ahc0(), fallback=False) == []


def test_without_memory_beside_another():
    other = b.device(
        "SATA",
        b.named("_CLS", [1, 6, 1]),
        b.named("_CRS", b.template(b.memory32(0x5000000, 0x1000), b.interrupt(77))),
    )
    assert places(ahc0(), other) == [("\\SATA", 0x5000000, 77), ("\\AHC0", FIXED, 34)]


def test_when_told_to_look():
    assert places() == [] and places(at_fixed=False, fallback=True) == []
    assert places(fallback=True) == [("0x2140000", FIXED, 34)]


def test_functions_of_pci():
    f = Function(0x10000000)
    assert places(functions=[f, Function(0)]) == [("00:05.0", 0x10000000, None)]
    # One that AML describes, too, is that one place.
    crs = b.memory32(0x10000000, 0x1000), b.interrupt(40)
    assert places(ahc0(*crs), functions=[f]) == [("\\AHC0", 0x10000000, 40)]


def test_what_is_plausible():
    class Words(Hba):
        def read(self, off, bits):
            return words.get(off, 0)

    for words, good in (
        ({0: 0xCE247F05, 0x0C: 0x3F, 0x10: 0x10100}, True),
        ({0: 0xCE247F05, 0x0C: 0x7F, 0x10: 0x10100}, False),  # more ports than CAP.NP
        ({0: 0xCE247F05, 0x0C: 0, 0x10: 0x10100}, False),
        ({0: 0xFFFFFFFF, 0x0C: 0xFFFFFFFF, 0x10: 0xFFFFFFFF}, False),
        ({}, False),
    ):
        regs = mmio.Regs(FIXED, 0x2000, 32, "x", Words(Clock(), {}))
        assert ahci_find.plausible(regs) == good, words


def test_the_fixed_address_drives_a_disk():
    from ahci import Controller

    dma.reset()
    mmio.detach_all()
    clock = Clock()
    ahcicmd.idle = lambda: clock.sleep_ms(1)
    mmio.attach(FIXED, 0x2000, Hba(clock, {0: Disk()}))
    before = ahci_find._pci, acpi._found
    ahci_find._pci, acpi._found = list, (system(ahc0()), [])
    try:
        (place,) = ahci_find.places()
        c = Controller(place, irq=False, log=lambda level, text: None, clock=clock)
        assert c.disks[0].readblocks(0, bytearray(512)) == 0
        c.deinit()
    finally:
        ahci_find._pci, acpi._found = before
        mmio.detach_all()
