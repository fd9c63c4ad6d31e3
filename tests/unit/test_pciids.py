"""The table of PCI names: what is in it, that it unpacks, that it is the same each time."""

import sys
from pathlib import Path

import pytest

from pyrallax import ROOT
from pyrallax.image import pciids

pytestmark = [pytest.mark.host, pytest.mark.probe]

SMALL = """
# comment
1af4  Red Hat, Inc.
\t1000  Virtio network device
\t\t1af4 0001  Thing
1b36  Red Hat, Inc.
\t0008  QEMU PCIe Host bridge
8086  Intel Corporation
\t10d3  82574L Gigabit Network Connection
\t\t1af4 1100  QEMU Virtual Machine
\t10d4  Something else
C 02  Network controller
\t00  Ethernet controller
C 0c  Serial bus controller
\t03  USB controller
\t\t30  XHCI
"""


@pytest.fixture
def names(monkeypatch):
    """frozen/bus/pci_ids over the table of a text."""

    def load(text, **options):
        monkeypatch.syspath_prepend(str(ROOT / "frozen/bus"))
        monkeypatch.syspath_prepend(str(ROOT / "tests/sim"))
        table = type(sys)("pci_table")
        table.DATA = pciids.build(text, **options)
        monkeypatch.setitem(sys.modules, "pci_table", table)
        monkeypatch.delitem(sys.modules, "pci_ids", raising=False)
        import pci_ids

        return pci_ids

    yield load
    sys.modules.pop("pci_ids", None)


def test_names_unpack(names):
    ids = names(SMALL)
    assert ids.vendor_name(0x1AF4) == "Red Hat, Inc."
    assert ids.device_name(0x1AF4, 0x1000) == "Virtio network device"
    assert ids.device_name(0x8086, 0x10D3) == "82574L Gigabit Network Connection"
    assert ids.device_name(0x8086, 0x10D4) is None  # nobody wanted it
    assert ids.subsystem_name(0x8086, 0x10D3, 0x1AF4, 0x1100) == "QEMU Virtual Machine"
    assert ids.class_name(0x020000) == "Ethernet controller"
    assert ids.class_name(0x029900) == "Network controller"
    assert ids.class_name(0x990000) is None
    assert ids.interface_name(0x0C0330) == "XHCI"
    assert ids.vendor_name(0xFFFF) is None and ids.vendor_name(0) is None


def test_all_of_the_systems_file_fits_and_unpacks(names):
    text = pciids.find_ids().read_text("utf-8", "replace")
    data = pciids.build(text)
    assert len(data) <= 64 * 1024
    ids = names(text)
    chosen = pciids.choose(pciids.Ids(text))
    assert len(chosen) > 2000
    for table, key, name in chosen:
        number = int.from_bytes(key, "big")
        got = (
            lambda n: ids.class_name(n << 16 | 0xFE00),  # a subclass without a name
            lambda n: ids.class_name(n << 8),
            ids.interface_name,
            ids.vendor_name,
            lambda n: ids.device_name(n >> 16, n & 0xFFFF),
            lambda n: ids.subsystem_name(*_four(n)),
        )[table](number)
        assert got == name, key.hex()


def _four(number):
    return number >> 48, number >> 32 & 0xFFFF, number >> 16 & 0xFFFF, number & 0xFFFF


def test_a_limit_is_kept_and_what_matters_comes_first(names):
    text = pciids.find_ids().read_text("utf-8", "replace")
    assert len(pciids.build(text, limit=12_000)) <= 12_000
    ids = names(text, limit=12_000)
    assert ids.class_name(0x0C0300) == "USB controller"
    assert ids.device_name(0x1AF4, 0x1000) == "Virtio network device"


def test_same_input_same_bytes():
    assert pciids.build(SMALL) == pciids.build(SMALL)


def test_a_missing_file_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(pciids, "_PLACES", ())
    assert pciids.main([str(tmp_path / "t.py")]) == 1
    assert "make setup" in capsys.readouterr().err
    assert not Path(tmp_path / "t.py").exists()
