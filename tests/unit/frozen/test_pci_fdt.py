"""PCI hosts by device tree: windows, and which pin of which slot leads where."""

import pci_fdt

GIC = b"\0\0\x80\2"


def cells(*values):
    return b"".join(value.to_bytes(4, "big") for value in values)


def entry(slot, pin, spi, controller=GIC, kind=0):
    return cells(slot << 11, 0, 0, pin) + controller + cells(0, 0, kind, spi, 4)


def test_device_tree_ranges():
    cells = (0x01000000, 0, 0, 0, 0x3EFF0000, 0, 0x10000)
    cells += (0x02000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2EFF0000)
    cells += (0x43000000, 0x80, 0, 0x80, 0, 0x80, 0)
    data = b"".join(cell.to_bytes(4, "big") for cell in cells)
    assert pci_fdt.ranges(data) == [
        ("io", 0, 0xFFFF, 0x3EFF0000, 32, False),
        ("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False),
        ("mem", 0x8000000000, 0xFFFFFFFFFF, 0, 64, True),
    ]
    assert pci_fdt.ranges(data[:40]) == [("io", 0, 0xFFFF, 0x3EFF0000, 32, False)]


def test_routes_are_those_of_all_slots():
    """QEMU's way: four slots, the rest by the mask."""
    data = b"".join(
        entry(slot, pin, 3 + (slot + pin - 1) % 4) for slot in range(4) for pin in (1, 2, 3, 4)
    )
    props = {"interrupt-map": data, "interrupt-map-mask": cells(3 << 11, 0, 0, 7)}
    found = pci_fdt.routes(props, {GIC: 8})
    assert len(found) == 128
    assert found[0] == (0xFFFF, 0, 0x8002, 35) and found[1] == (0xFFFF, 1, 0x8002, 36)
    assert {(a >> 16, pin): intid for a, pin, _, intid in found}[(30, 3)] == 36


def test_a_map_without_a_mask_names_each_slot():
    found = pci_fdt.routes({"interrupt-map": entry(5, 1, 7) + entry(6, 2, 9, kind=1)}, {GIC: 8})
    assert found == [(0x5FFFF, 0, 0x8002, 39), (0x6FFFF, 1, 0x8002, 25)]


def test_broken_maps_end_where_they_break():
    whole = entry(1, 1, 7)
    assert pci_fdt.routes({}, {GIC: 8}) == []
    for at in range(len(whole)):
        assert pci_fdt.routes({"interrupt-map": whole[:at]}, {GIC: 8}) == []
    other = entry(1, 1, 7, cells(0x99))
    assert len(pci_fdt.routes({"interrupt-map": whole + other + whole}, {GIC: 8})) == 1
    assert pci_fdt.routes({"interrupt-map": whole}, {}) == []
    assert pci_fdt.routes({"interrupt-map": whole, "interrupt-map-mask": b"\0"}, {GIC: 8}) != []
