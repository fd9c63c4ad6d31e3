"""From the root pointer to the tables: what is followed and what is refused."""

import struct

import acpi
import amlbuild as b

_AT = 0x10000


class Image:
    """Memory with tables in it."""

    def __init__(self):
        self.data = bytearray(64)

    def add(self, table):
        at = _AT + len(self.data)
        self.data += table
        return at

    def read(self, address, size):
        if size <= 0 or address < _AT or address + size > _AT + len(self.data):
            raise ValueError("0x%x is no memory" % address)
        return self.data[address - _AT : address - _AT + size]

    def root(self, entries, signature="XSDT"):
        form = "<%d%s" % (len(entries), "Q" if signature == "XSDT" else "I")
        return self.add(b.table(signature, struct.pack(form, *entries), 1))

    def pointer(self, xsdt=0, rsdt=0, revision=2, length=36):
        rsdp = struct.pack(
            "<8sB6sBIIQB3x", b"RSD PTR ", 0, b"OEMIDX", revision, rsdt, length, xsdt, 0
        )
        rsdp = bytearray(rsdp)
        rsdp[8] = -sum(rsdp[:20]) & 0xFF
        rsdp[32] = -sum(rsdp) & 0xFF
        self.data[:36] = rsdp


def _fadt(dsdt=0, x_dsdt=0, facs=0, length=276):
    body = bytearray(length - 36)
    struct.pack_into("<II", body, 0, facs, dsdt)
    if length >= 148:
        struct.pack_into("<QQ", body, 96, 0, x_dsdt)
    return b.table("FACP", bytes(body), 6)


def _dsdt():
    return b.table("DSDT", b.device("DEV0", b.named("_HID", "ABCD0001")))


def _ssdt(name):
    return b.table("SSDT", b.device(name, b.named("_HID", "ABCD0002"), b.named("_STA", 0)))


def _system(image, log=None):
    return acpi.System(image.read, _AT, log)


def _whole(**fadt):
    image = Image()
    dsdt = image.add(_dsdt())
    entries = [image.add(_fadt(**(fadt or {"x_dsdt": dsdt}))), image.add(_ssdt("SSD0"))]
    image.pointer(image.root(entries + [image.add(_ssdt("SSD1"))]))
    return image, dsdt


def test_all_tables():
    image, dsdt = _whole()
    system = _system(image)
    assert [t.signature for t in system.tables] == ["RSDP", "XSDT", "FACP", "DSDT", "SSDT", "SSDT"]
    assert all(t.checksum_ok for t in system.tables) and not system.root.refused
    assert system.tables[3].addr == dsdt and system.tables[3].raw() == _dsdt()
    assert [t.revision for t in system.tables[:4]] == [2, 1, 6, 2]
    assert [d.path for d in system.devices()] == ["\\DEV0", "\\SSD0", "\\SSD1"]


def test_32_bit_pointers():
    image, dsdt = Image(), 0
    dsdt = image.add(_dsdt())
    image.pointer(rsdt=image.root([image.add(_fadt(dsdt=dsdt, length=116))], "RSDT"), revision=0)
    assert [t.signature for t in _system(image).tables] == ["RSDP", "RSDT", "FACP", "DSDT"]


def test_facs_has_no_checksum():
    image = Image()
    facs = image.add(struct.pack("<4sI56x", b"FACS", 64))
    image.pointer(image.root([image.add(_fadt(facs=facs))]))
    system = _system(image)
    assert system.tables[-1].signature == "FACS" and system.tables[-1].checksum_ok


def test_wrong_checksum_is_listed_and_not_used():
    image, dsdt = _whole()
    image.data[dsdt - _AT + 9] ^= 1
    lines = []
    system = _system(image, lines.append)
    assert [t.checksum_ok for t in system.tables] == [True, True, True, False, True, True]
    assert [d.path for d in system.devices()] == ["\\SSD0", "\\SSD1"]
    assert system.root.refused == [("DSDT", "wrong checksum")]
    assert lines == ["acpi: DSDT refused: wrong checksum"]


def test_wrong_root_pointers():
    for change in ((0, 0), (8, 1), (32, 1), (20, 0xFF), (24, 0xFF)):
        image, _ = _whole()
        image.data[change[0]] ^= change[1] or 0xFF
        if change[0] == 24:
            image.pointer(xsdt=7)
        system = _system(image)
        assert len(system.tables) <= 1 and system.root.refused, change
        assert system.devices() == []


def test_entries_that_lead_nowhere():
    image = Image()
    good = image.add(_dsdt())
    huge = image.add(struct.pack("<4sI28x", b"HUGE", 0xFFFFFFF0))
    tiny = image.add(struct.pack("<4sI28x", b"TINY", 35))
    root = _AT + len(image.data)
    assert root == image.root([good, 0, good, huge, tiny, root, 1 << 63])
    image.pointer(root)
    system = _system(image)
    assert [t.signature for t in system.tables] == ["RSDP", "XSDT", "DSDT"]
    assert [what for what, _ in system.root.refused] == ["entry %d" % n for n in range(1, 7)]


def test_root_that_is_none():
    image = Image()
    image.pointer(image.add(_dsdt()))
    assert _system(image).root.refused == [("DSDT", "it is no root table")]
    image = Image()
    image.pointer(image.root([0] * 513))
    assert _system(image).root.refused == [("XSDT", "513 entries")]


def test_find_and_tables_of_the_machine():
    image, _ = _whole()
    acpi._found = (_system(image), [])
    try:
        assert acpi.find("ABCD0001").path == "\\DEV0"
        assert acpi.find("ABCD0002") is None  # _STA says absent
        assert acpi.table("SSDT", 1).raw() == _ssdt("SSD1") and acpi.table("SSDT", 2) is None
        assert len(acpi.devices()) == 3 and len(acpi.tables()) == 6 and acpi.refused() == []
        acpi._found = (None, [])
        assert acpi.tables() == [] and acpi.devices() == [] and acpi.refused() == []
        for function, argument in ((acpi.find, "X"), (acpi.table, "X"), (acpi.dump, "X")):
            try:
                function(argument)
            except OSError as why:
                assert why.args[0] == 19
            else:
                raise AssertionError("no ENODEV")
    finally:
        acpi.reload()


def test_all_tables_together_are_bounded():
    """Many big tables that lie over one another are as much of the heap as they say."""

    class Big(Image):
        def read(self, address, size):
            if address >= _AT + 0x100000:
                assert size <= 0x400000
                return bytearray(struct.pack("<4sI", b"OEMX", 0x400000) + bytes(size - 8))
            return Image.read(self, address, size)

    image = Big()
    image.pointer(image.root([_AT + 0x100000 + 64 * i for i in range(20)]))
    system = _system(image)
    assert [t.signature for t in system.tables] == ["RSDP", "XSDT"] + 3 * ["OEMX"]
    assert len(system.root.refused) == 17 and "too many" in system.root.refused[0][1]
