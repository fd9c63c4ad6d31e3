"""ACPI on the target, table by table and device by device, against iasl on the same bytes."""

import ast
import binascii
import struct

import pytest

from pyrallax import asljudge, iasl
from pyrallax.vm import acpi as twin
from pyrallax.vm.config import PARALLELS

pytestmark = [pytest.mark.boot, pytest.mark.probe]

BRIDGES = [
    "pcie-root-port,id=rp0,chassis=1",
    "pcie-root-port,id=rp1,chassis=2",
    "pcie-pci-bridge,id=pb0,bus=rp0",
    "virtio-rng-pci,bus=rp1",
    "edu,bus=pb0,addr=1",
]
MANY = [f"virtio-rng-pci,addr={slot}" for slot in range(2, 12)] + ["qemu-xhci", "edu"]
TOPOLOGIES = {
    "gicv2": {"gic": 2},
    "gicv3-its": {"gic": 3},
    "gicv2-4-cpus": {"gic": 2, "cpus": 4},
    "gicv3-4-cpus": {"gic": 3, "cpus": 4},
    "no-its": {"gic": 3, "machine_options": "its=off"},
    "smmu": {"gic": 3, "machine_options": "iommu=smmuv3"},
    "bridges": {"gic": 3, "device": BRIDGES},
    "expander": {"gic": 3, "device": ["pxb-pcie,id=pxb,bus_nr=64", "pcie-root-port,bus=pxb"]},
    "12-functions": {"gic": 3, "device": MANY},
    "8-gib": {"gic": 3, "memory": 8192},
    "uefi-gicv2": {"machine": "uefi", "gic": 2},
    "uefi-gicv3-its": {"machine": "uefi", "gic": 3},
    "uefi-display": {"machine": "uefi", "gic": 3, "display": "ramfb"},
    "uefi-4-cpus": {"machine": "uefi", "gic": 3, "cpus": 4},
    "uefi-bridges": {"machine": "uefi", "gic": 3, "cpus": 4, "device": BRIDGES},
    "v2m-4-cpus": PARALLELS | {"cpus": 4},
    "uefi-v2m": PARALLELS | {"machine": "uefi"},
}
DECODED = {"FACP", "APIC", "MCFG", "GTDT", "SPCR", "DBG2", "IORT", "PPTT", "BGRT", "XSDT", "FACS"}

_TABLES = """
import acpi, binascii
for t in acpi.tables():
    print((t.signature, t.addr, t.length, t.revision, t.checksum_ok, binascii.hexlify(t.raw())))
"""


def _tables(repl) -> list[tuple]:
    """(signature, address, checksum_ok, bytes) as the target has them."""
    found = []
    for line in repl.exec(_TABLES).splitlines():
        signature, addr, length, revision, good, text = ast.literal_eval(line)
        data = binascii.unhexlify(text)
        assert length == len(data)
        assert revision == data[15 if signature == "RSDP" else 8]
        found.append((signature, addr, good, data))
    return found


def _check_tables(repl) -> dict[str, bytes]:
    """Pointers, sums and fields; the tables by signature."""
    found = _tables(repl)
    assert [t[0] for t in found][:2] == ["RSDP", "XSDT"]
    rsdp, xsdt = found[0][3], found[1]
    assert struct.unpack_from("<Q", rsdp, 24)[0] == xsdt[1]
    listed = [p for (p,) in struct.iter_unpack("<Q", xsdt[3][36:])]
    by_address = {addr: (signature, data) for signature, addr, _, data in found}
    assert set(listed) <= set(by_address)
    assert len(found) == len({addr for _, addr, _, _ in found})
    for signature, _, good, data in found:
        assert good and (signature == "FACS" or sum(data) & 0xFF == 0), signature
        if signature in DECODED:
            shown = ast.literal_eval(repl.exec(f"print(acpi.table({signature!r}).fields())"))
            assert iasl.disagreements(data, shown) == [], signature
    facp = next(data for signature, _, _, data in found if signature == "FACP")
    dsdt = struct.unpack_from("<Q", facp, 140)[0] or struct.unpack_from("<I", facp, 40)[0]
    assert by_address[dsdt][0] == "DSDT"
    return {signature: data for signature, _, _, data in found}


def _check_devices(repl, tables: dict[str, bytes]) -> int:
    viewed = asljudge.parse(repl.exec(asljudge.VIEW + "view(acpi.devices())"))
    blocks = [data for signature, data in tables.items() if signature in ("DSDT", "SSDT")]
    assert asljudge.disagreements(blocks, viewed) == []
    # QEMU 11.1 lists a table twice; fw_cfg hands that over as it is, edk2 does not.
    listed = struct.unpack(f"<{len(tables['XSDT']) // 8 - 4}Q", tables["XSDT"][36:])
    twice = [n for n, address in enumerate(listed) if address in listed[:n]]
    refused = repl.eval("acpi.refused()")
    assert refused == [(f"entry {n}", f"0x{listed[n]:x} is listed already") for n in twice]
    return len(viewed)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_equals_iasl(vm_factory, topology):
    options = TOPOLOGIES[topology]
    repl = vm_factory(**options).repl(60)
    tables = _check_tables(repl)
    since_6_2 = {"PPTT"} if "machine_type" in options else set()
    assert DECODED - {"BGRT", "FACS"} - since_6_2 <= set(tables)
    assert ("BGRT" in tables) == (options.get("display") is not None)  # edk2's logo
    cpus = options.get("cpus", 1)
    assert _check_devices(repl, tables) >= 32 + cpus
    uart = repl.eval("(lambda d: (d.path, d.memory, d.irqs))(acpi.find('ARMH0011'))")
    assert uart == ("\\_SB.COM0", [(0x09000000, 0x1000)], [(33, "level", "high")])
    assert repl.eval("len([d for d in acpi.devices() if d.hid == 'ACPI0007'])") == cpus
    repl.exec("pci = [d for d in acpi.devices() if d.path == '\\\\_SB.PCI0'][0]")
    assert repl.eval("pci.matches('PNP0A08') and acpi.find('PNP0A08') is not None")
    root = repl.eval("(pci.cid, pci.value('_CBA'), pci.windows)")
    assert root[:2] == ("PNP0A03", 0x4010000000)
    assert ("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False) in root[2]
    prt = repl.eval("pci.prt[:8]")
    wired = [(slot << 16 | 0xFFFF, pin, (slot + pin) % 4) for slot in (0, 1) for pin in range(4)]
    link = "\\_SB.L00" if ".L00" in prt[0][2] else "\\_SB.PCI0.GSI"  # QEMU 11.1, 7.2
    assert prt == [(a, pin, f"{link}{n}", 35 + n) for a, pin, n in wired]
    assert repl.eval("acpi.find('PRL4010')") is None


@pytest.mark.parametrize("gicr_in_gicc", [False, True])
def test_parallels_shape_on_direct_boot(vm_factory, tmp_path, gicr_in_gicc):
    """fw_cfg's loader on a script of ours: no SPCR, PPTT, IORT; FACS and PCCT."""
    machine = twin.Machine(cpus=(0, 1, 3, 2), gicr_in_gicc=gicr_in_gicc)
    extra = twin.arguments(machine, tmp_path)
    vm = vm_factory(gic=3, cpus=4, machine_options="acpi=off", extra=extra)
    repl = vm.repl(60)
    tables = _check_tables(repl)
    made = twin.tables(machine)
    assert set(tables) == {"RSDP", "XSDT", *made}
    for signature in set(made) - {"FACP"}:  # it has pointers
        assert tables[signature] == made[signature], signature
    assert _check_devices(repl, tables) == 5
    assert repl.eval("acpi.table('SPCR')") is None


def test_without_acpi(vm_factory):
    repl = vm_factory(machine_options="acpi=off").repl()
    assert (
        repl.exec(
            """
import acpi
print(acpi.tables(), acpi.devices(), acpi.refused())
for f in (acpi.namespace, lambda: acpi.find('PNP0A08'), lambda: acpi.table('APIC')):
    try:
        f()
    except OSError as e:
        print(e.errno, e)
"""
        ).splitlines()
        == ["[] [] []"] + ["19 [Errno 19] ENODEV: this machine has no ACPI tables"] * 3
    )


def test_dump_at_the_prompt(vm_factory):
    said = vm_factory(gic=3).repl().exec("import acpi\nacpi.dump('APIC')\nacpi.dump('DSDT')")
    assert '[000h 0000   4]                      Signature : "APIC"' in said
    assert "[02Ch 0044   1]                  Subtable Type : 0C" in said
    assert "    0024: 10 " in said  # the AML of the DSDT, as bytes


def test_pointers_to_nowhere(vm_factory):
    """A root table whose entries lead to devices, to nothing and to itself."""
    repl = vm_factory().repl()
    said = repl.exec(
        """
import acpi, physmem, struct, uctypes
def seal(b, at, n):
    b[at] = 0
    b[at] = -sum(b[:n]) & 0xff
    return b
good = seal(bytearray(struct.pack('<4sIBB26x', b'GOOD', 36, 1, 0)), 9, 36)
xsdt = bytearray(36 + 8 * 6)
at = uctypes.addressof
entries = (at(good), 0x09000000, 1 << 50, at(xsdt), 0, 0x40000001)
struct.pack_into('<4sIBB', xsdt, 0, b'XSDT', len(xsdt), 1, 0)
struct.pack_into('<6Q', xsdt, 36, *entries)
seal(xsdt, 9, len(xsdt))
rsdp = bytearray(struct.pack('<8sB6sBIIQB3x', b'RSD PTR ', 0, b'PYRLX ', 2, 0, 36, at(xsdt), 0))
seal(rsdp, 8, 20)
seal(rsdp, 32, 36)
s = acpi.System(physmem.ram().read, at(rsdp))
print([t.signature for t in s.tables], [what for what, why in s.root.refused])
print(s.devices())
for address in (0, 0x09000000, 1 << 50):
    print(acpi.System(physmem.ram().read, address).tables)
"""
    ).splitlines()
    assert said[0] == str((["RSDP", "XSDT", "GOOD"], [f"entry {n}" for n in range(1, 6)]))[
        1:-1
    ].replace("], [", "] [")
    assert said[1:] == ["[]"] * 4


_SMBIOS = "type=1,manufacturer=Maker,product=Thing,uuid=00112233-4455-6677-8899-aabbccddeeff"


@pytest.mark.parametrize("machine", ["direct", "uefi"])
def test_smbios(vm_factory, machine):
    repl = vm_factory(machine=machine, cpus=2, extra=["-smbios", _SMBIOS]).repl(60)
    repl.exec("from probe import smbios\nsystem = smbios.find(1)[0]")
    names = "('Manufacturer', 'Product Name', 'UUID')"
    assert repl.eval(f"[system[n] for n in {names}]") == [
        "Maker",
        "Thing",
        "00112233-4455-6677-8899-aabbccddeeff",
    ]
    assert repl.eval("[s['Core Count'] for s in smbios.find(4)]") == [2]
    assert repl.eval("smbios.find(16)[0]['Maximum Capacity']") == 512 * 1024
    assert repl.eval("smbios.structures()[-1].type") == 127
