"""The frozen reading of AML against iasl: all constructs, and the Parallels-shaped tables."""

import sys
from pathlib import Path

import pytest

from pyrallax import ROOT, asljudge, iasl
from pyrallax.vm import acpi as twin

sys.path[:0] = [str(ROOT / "frozen" / "bus"), str(ROOT / "tests" / "sim")]
import aml  # noqa: E402
from acpi_devices import Device  # noqa: E402

pytestmark = [pytest.mark.host, pytest.mark.probe]


@pytest.fixture(scope="module")
def rich() -> bytes:
    return iasl.compile_asl((Path(__file__).parent / "rich.asl").read_text())


def _space(*tables: bytes) -> aml.Namespace:
    space = aml.Namespace()
    for table in tables:
        space.load(table)
    return space


def _view(space: aml.Namespace, capsys) -> list[tuple]:
    scope: dict = {}
    exec(asljudge.VIEW, scope)
    capsys.readouterr()
    scope["view"]([Device(space, node) for node in space.devices])
    return asljudge.parse(capsys.readouterr().out)


def test_all_constructs(rich, capsys):
    space = _space(rich)
    assert space.refused == [] and space.skipped == []
    viewed = _view(space, capsys)
    assert len(viewed) == 7
    # iasl shows what a method returns, not what the name that it returns holds
    values = {path: values for path, values, *_ in viewed}
    assert values["\\_SB.PCI0.LNKA"].pop("_CRS") == values["\\_SB.PCI0.LNKA"]["_PRS"]
    told = asljudge.disagreements([rich], viewed)
    assert told == ["\\_SB.PCI0.LNKA: skipped ['_DIS', '_SRS'], iasl has ['_CRS', '_DIS', '_SRS']"]


def test_objects_that_are_no_devices(rich):
    space = _space(rich)
    kinds = {
        "\\MUT0": "Mutex",
        "\\EVT0": "Event",
        "\\REG0": "OperationRegion",
        "\\REG1": "OperationRegion",
        "\\FLDC": "FieldUnit",
        "\\IDXB": "FieldUnit",
        "\\BNKA": "FieldUnit",
        "\\DTR0": "DataRegion",
        "\\TWO": "Method",
        "\\_SB.PWR0": "PowerResource",
        "\\_SB.THM0": "ThermalZone",
        "\\_SB.FARA": "External",
        "\\_SB.DEVA": "Device",  # the alias leads there
    }
    assert {path: space.find(path).kind for path in kinds} == kinds
    assert space.find("\\_SB.DEVA").path == "\\_SB.DEV0"


def test_attributes(rich):
    space = _space(rich)
    found = {d.path: d for d in (Device(space, node) for node in space.devices)}
    pci, dev = found["\\_SB.PCI0"], found["\\_SB.DEV0"]
    assert (pci.hid, pci.cids) == ("PNP0A08", ("PNP0A03", "QEMU0001"))
    assert pci.value("_CBA") == 0x4010000000 and pci.value("_BBN") == 0x40
    assert pci.windows == [
        ("bus", 0x40, 0x7F, 0, 16, False),
        ("mem", 0x10000000, 0x1FFFFFFF, 0x100, 32, True),
        ("mem", 0x8000000000, 0x80FFFFFFFF, 0, 64, False),
        ("io", 0, 0xFFFF, 0x3EFF0000, 32, False),
        ("mem", 0x1000, 0x1FFF, 0, 64, False),
    ]
    assert pci.prt == [
        (0x1FFFF, 0, "\\_SB.PCI0.LNKA", 40),
        (0x1FFFF, 1, "\\_SB.PCI0.LNKB", 5),
        (0x2FFFF, 2, "\\_SB.PCI0.LNKA", 41),
        (0x3FFFF, 3, "", 99),
    ]
    assert found["\\_SB.PCI0.LNKA"].irqs == [(40, "edge", "low"), (41, "edge", "low")]
    assert (dev.hid, dev.cls, dev.sta, dev.cca) == ("PRL4010", (1, 6, 1), 11, None)
    assert dev.memory == [(0x02140000, 0x2000), (0x1000, 0x100), (0x1000, 0x200)]
    assert dev.irqs[0] == (34, "level", "high")
    assert found["\\_SB.PCI0.LATE"].cca == 1  # from above
    assert found["\\_SB.THM0.FAN0"].hid == "PNP0C0B"
    assert not any(d.refused for d in found.values())


def test_ssdt_adds_to_the_dsdt(rich, capsys):
    more = iasl.compile_asl(
        """DefinitionBlock ("", "SSDT", 1, "PYRLX ", "MORE    ", 1)
        {
            External (\\_SB.PCI0, DeviceObj)
            Scope (\\_SB.PCI0)
            {
                Device (S000) { Name (_ADR, 0x00040000) Name (ALL, Ones) Name (_SUN, 4) }
            }
        }"""
    )
    space = _space(rich, more)
    assert space.refused == []
    assert space.devices[-1].path == "\\_SB.PCI0.S000"
    viewed = _view(space, capsys)[-1:]
    assert viewed[0][1]["ALL_"] == 0xFFFFFFFF  # §5.2.11.1: revision 1 has 32-bit integers
    del viewed[0][1]["ALL_"]
    (told,) = asljudge.disagreements([more], viewed)
    assert "ALL" in told


@pytest.mark.parametrize("machine", [twin.Machine(), twin.Machine(gic=2, cpus=(0, 1, 3, 2))])
def test_parallels_shape(machine, capsys):
    dsdt = twin.dsdt(machine)
    space = _space(dsdt)
    assert space.refused == [] and len(space.devices) == len(machine.cpus) + 1
    assert asljudge.disagreements([dsdt], _view(space, capsys)) == []
    uart = Device(space, space.find("\\_SB.COM0"))
    assert uart.matches("ARMH0011") and uart.memory == [(machine.uart, 0x1000)]
    assert uart.irqs == [(machine.uart_intid, "level", "high")]
