"""The frozen decoder of ACPI tables against iasl, on every structure of iasl's templates."""

import struct
import sys

import pytest

from pyrallax import ROOT, iasl
from pyrallax.vm import acpi as twin

sys.path[:0] = [str(ROOT / "frozen" / "bus"), str(ROOT / "tests" / "sim")]
import acpi_fields  # noqa: E402

pytestmark = [pytest.mark.host, pytest.mark.probe]

SIGNATURES = ["APIC", "FACP", "MCFG", "GTDT", "SPCR", "DBG2"]
SIGNATURES += ["IORT", "PPTT", "BGRT", "XSDT", "FACS"]
GIC = range(0x0B, 0x10)  # MADT subtables that are decoded


def _arm(madt: bytes) -> bytes:
    """A MADT without the subtables of other architectures."""
    kept, at = b"", 44
    while at < len(madt):
        kept += madt[at : at + madt[at + 1]] if madt[at] in GIC else b""
        at += madt[at + 1]
    return twin.table("APIC", 5, madt[36:44] + kept)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_template(signature):
    data = iasl.template(signature)
    if signature == "APIC":
        data = _arm(data)
        assert {data[at] for at in _subtables(data)} == set(GIC)
    assert iasl.disagreements(data, acpi_fields.fields(signature, data)) == []


def _subtables(madt: bytes) -> list[int]:
    found, at = [], 44
    while at < len(madt):
        found.append(at)
        at += madt[at + 1]
    return found


@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("gicr_in_gicc", [False, True])
def test_parallels_shape(gic, gicr_in_gicc):
    machine = twin.Machine(gic=gic, cpus=(0, 1, 3, 2), gicr_in_gicc=gicr_in_gicc)
    for signature, data in twin.tables(machine).items():
        if signature not in ("DSDT", "PCCT"):
            assert iasl.disagreements(data, acpi_fields.fields(signature, data)) == [], signature


def test_values_that_templates_leave_at_zero():
    """Every byte differs from its neighbours, so a field at a wrong place shows."""
    for signature in ("FACP", "GTDT", "SPCR", "BGRT"):
        data = bytearray(iasl.template(signature))
        for at in range(36, len(data)):
            counted = signature == "GTDT" and at >= 88  # counts and offsets stay
            data[at] = data[at] if counted else at * 7 + 1 & 0xFF
        data = twin.checksummed(bytes(data))
        assert iasl.disagreements(data, acpi_fields.fields(signature, data)) == [], signature


def test_unknown_table_is_header_and_bytes():
    data = twin.table("OEMX", 1, bytes(range(40)))
    found = acpi_fields.fields("OEMX", data)
    assert found[0] == ("Signature", 0, "OEMX") and found[1] == ("Table Length", 4, 76)
    assert found[-1] == ("Data", 36, bytes(range(40)))


def test_rsdp():
    """iasl has no dump of it."""
    rsdp = struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 1, b"PYRLX ", 2, 3, 36, 4, 5)
    assert [(n, v) for n, _, v in acpi_fields.fields("RSDP", rsdp)] == [
        ("Signature", "RSD PTR "),
        ("Checksum", 1),
        ("Oem ID", "PYRLX "),
        ("Revision", 2),
        ("RSDT Address", 3),
        ("Length", 36),
        ("XSDT Address", 4),
        ("Extended Checksum", 5),
        ("Reserved", 0),
    ]


def test_dump(capsys):
    acpi_fields.dump("MCFG", twin.mcfg(twin.Machine()))
    said = capsys.readouterr().out
    assert '[000h 0000   4]                      Signature : "MCFG"' in said
    assert "[02Ch 0044   8]                   Base Address : 0000004010000000" in said
