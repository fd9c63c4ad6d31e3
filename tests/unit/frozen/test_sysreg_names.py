"""System registers by name: the table, values, and what may be written."""

import sysreg as hardware
from probe import fields
from probe import sysreg as s
from probe.maps import sysregs
from raising import raises

_MIDR = (3, 0, 0, 0, 0)
_CSSELR = (3, 2, 0, 0, 0)


def setup(**values):
    hardware.registers.clear()
    codes = {name: code for code, name, _, _ in s._all()}
    for name, value in values.items():
        hardware.registers[codes[name]] = value


def test_names_and_codes_are_unique():
    table = s._all()
    assert len(table) > 150
    assert len({name for _, name, _, _ in table}) == len(table)
    assert len({code for code, _, _, _ in table}) == len(table)
    for code, name, _, _ in table:
        limits = (3, 7, 15, 15, 7)
        assert len(code) == 5 and all(n <= most for n, most in zip(code, limits)), name


def test_fields_parse_and_do_not_overlap():
    for _, name, access, text in s._all():
        assert access in fields.CLASSES, name
        seen = 0
        for field, hi, lo, _, _ in fields.parse(text, access):
            bits = (1 << hi + 1) - (1 << lo)
            assert not seen & bits, (name, field)
            seen |= bits


def test_counted_names():
    names = s.names()
    for name in ("ID_PFR0_EL1", "ID_PFR1_EL1", "ID_ISAR5_EL1", "PMEVCNTR5_EL0", "ICC_AP1R3_EL1"):
        assert name in names, name
    codes = {name: code for code, name, _, _ in s._all()}
    assert codes["ICC_IGRPEN1_EL1"] == (3, 0, 12, 12, 7)
    assert codes["PMEVTYPER3_EL0"] == (3, 3, 14, 12, 3)
    assert codes["ID_AA64AFR1_EL1"] == (3, 0, 0, 5, 5)


def test_what_is_safe_exists_and_can_be_written():
    access = {name: a for _, name, a, _ in s._all()}
    for name in sysregs.SAFE.split():
        assert access[name] not in ("RO", "RC"), name


def test_a_value_is_an_int_with_fields():
    setup(MIDR_EL1=0x610F0000 | 1 << 63)
    v = s.get("MIDR_EL1")
    assert int(v) == v == 0x610F0000 | 1 << 63 and v == v and v != 5 and v > 5 and not v < 5
    assert v >= v and v <= v and v >= 5 and not v <= 5
    assert v & 0xFF000000 == 0x61000000 == 0xFF000000 & v
    assert v >> 24 & 0xFF == 0x61 and v | 1 == 1 | v and v ^ v == 0 and v + 1 - 1 == v
    assert 1 + v - v == 1 and v - 1 < int(v) and ~v & 1 and bool(v) and v << 1 == int(v) * 2
    assert {int(v): 1}[v] == 1
    assert v.Implementer == 0x61 and v.Variant == 0 and v.Architecture == 15
    assert v.decode()[0] == ("Implementer", 0x61, "Apple")
    assert repr(v) == "MIDR_EL1=0x80000000610f0000 Implementer=Apple Architecture=ID"
    assert "PartNum" in raises(AttributeError, getattr, v, "Partnum")
    hardware.registers[_MIDR] = 0
    assert v.Implementer == 0x61  # as it was read


def test_what_cannot_be_read():
    setup(ICC_IAR1_EL1=5, ICC_EOIR1_EL1=0)
    assert "undefined" in raises(AttributeError, s.get, "MIDR_EL1")
    assert "no system register" in raises(AttributeError, s.get, "MIDR")
    assert "effects" in raises(AttributeError, s.get, "ICC_IAR1_EL1")
    assert "write only" in raises(AttributeError, s.get, "ICC_EOIR1_EL1")
    assert s.get("dump") is s.dump


def test_writes():
    setup(TPIDR_EL0=0, SCTLR_EL1=1, PMEVCNTR0_EL0=0)
    s.write("TPIDR_EL0", 5)
    assert s.get("TPIDR_EL0") == 5
    s.write("TPIDR_EL0", s.get("SCTLR_EL1"))
    assert s.get("TPIDR_EL0") == 1
    s.write("PMEVCNTR0_EL0", (1 << 64) - 1)
    assert "SCTLR_EL1" in raises(OSError, s.write, "SCTLR_EL1", 0)
    assert s.get("SCTLR_EL1") == 1
    s.write("SCTLR_EL1", 0, force=True)
    assert s.get("SCTLR_EL1") == 0
    assert "read-only" in raises(AttributeError, s.write, "MIDR_EL1", 0, force=True)
    assert "undefined" in raises(AttributeError, s.write, "TPIDRRO_EL0", 0)
    for bad in (-1, 1 << 64):
        assert "64 bits" in raises(ValueError, s.write, "TPIDR_EL0", bad)


class Selected:
    """Registers of which CCSIDR_EL1 follows CSSELR_EL1."""

    sizes = {0: 0x701FE01A, 1: 0x201FE012, 2: 0x70FFE07A}

    def __init__(self, registers):
        self.registers = registers

    def __contains__(self, code):
        return code in self.registers

    def __setitem__(self, code, value):
        self.registers[code] = value

    def __getitem__(self, code):
        if code == (3, 1, 0, 0, 0):
            return self.sizes[self.registers[_CSSELR]]
        return self.registers[code]


def test_caches():
    setup(CLIDR_EL1=0x0A200023, CSSELR_EL1=7, CCSIDR_EL1=0, ID_AA64MMFR2_EL1=0)
    before = hardware.registers
    hardware.registers = Selected(before)
    try:
        found = s.caches()
        assert hardware.registers[_CSSELR] == 7
    finally:
        hardware.registers = before
    assert found == [
        (1, "I", 64 * 3 * 256, 3, 256, 64),
        (1, "D", 64 * 4 * 256, 4, 256, 64),
        (2, "U", 64 * 16 * 2048, 16, 2048, 64),
    ]
