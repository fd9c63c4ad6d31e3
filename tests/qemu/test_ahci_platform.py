"""AHCI as Parallels has it: no PCI function to the driver, but PRL4010 of ACPI with a level line.

QEMU's virt has no such device.  A replaced ACPI set describes the registers and the line of a PCI
function (reference: notes for the twin).
"""

import hashlib

import pytest
from ahcidisks import MIB, image, value

from pyrallax.vm import acpi

pytestmark = pytest.mark.storage

SLOT = 5
INTID = 35 + SLOT % 4  # QEMU's virt: INTA of a slot is SPI 3 to 6 in turn


def start(vm_factory, folder, boot, gic, ahci):
    """The prompt of a machine with a disk and a CD, whose tables say where AHCI is."""
    folder.mkdir()
    extra = acpi.arguments(acpi.Machine(gic=gic, ahci=ahci), folder)
    extra += ["-drive", f"if=none,id=d0,format=raw,snapshot=on,file={folder.parent}/d0"]
    device = [f"ich9-ahci,id=a,addr={SLOT}", "ide-hd,drive=d0,bus=a.0", "ide-cd,bus=a.1"]
    vm = vm_factory(machine=boot, gic=gic, machine_options="acpi=off", device=device, extra=extra)
    return vm.repl()


@pytest.mark.parametrize("boot", ["direct", "uefi"])
@pytest.mark.parametrize("gic", [2, 3])
def test_prl4010(vm_factory, tmp_path, boot, gic):
    data = image(tmp_path / "d0")
    first = start(vm_factory, tmp_path / "first", boot, gic, None)
    base = value(first, "__import__('pci').find(class_=0x0106).bar_of(5).address")
    repl = start(vm_factory, tmp_path / "second", boot, gic, (base, 0x1000, INTID))
    repl.exec("import ahci, hashlib, irq\nc, = ahci.probe()\nd, = c.disks")
    assert value(repl, "(c.name, c.line.intid, c.line.trigger == irq.LEVEL)") == (
        "\\_SB.AHC0",
        INTID,
        True,
    )
    repl.exec("b = bytearray(1 << 20)\nassert d.readblocks(2048, b) == 0")
    assert value(repl, "hashlib.sha256(b).digest()") == (
        hashlib.sha256(data[MIB : 2 * MIB]).digest()
    )
    assert value(repl, "[d.readblocks(n * 8, b) for n in range(50)]") == [0] * 50
    assert value(repl, "(c.hba.irqs >= 51, d.port.lost, c.line.state)") == (True, 0, "ok")
    assert value(repl, "[cd.ready() for cd in c.cdroms]") == [-123]
    repl.exec("ahci.release()")
    assert value(repl, "[s for s in irq.stats() if s[2] and 'AHC0' in s[2]]") == []


def other_line(vm_factory, folder, gic, intid):
    """The prompt of a machine whose tables name another line, or none; `c`, `d` are there."""
    image(folder / "d0")
    first = start(vm_factory, folder / "first", "direct", gic, None)
    base = value(first, "__import__('pci').find(class_=0x0106).bar_of(5).address")
    repl = start(vm_factory, folder / "second", "direct", gic, (base, 0x1000, intid))
    repl.exec("import ahci\nc, = ahci.probe()\nd, = c.disks\nb = bytearray(512)")
    assert value(repl, "[d.readblocks(n, b) for n in range(20)]") == [0] * 20
    return repl


def test_a_wrong_line_in_crs(vm_factory, tmp_path):
    """Nothing comes on it, and everything works all the same."""
    repl = other_line(vm_factory, tmp_path, 2, INTID + 100)
    assert value(repl, "(c.hba.irqs, c.hba.irq)") == (0, False)
    assert value(repl, "'no interrupt comes' in str(__import__('klog').read()[0])")


@pytest.mark.parametrize("gic", [2, 3])
def test_no_line_in_crs_is_found(vm_factory, tmp_path, gic):
    repl = other_line(vm_factory, tmp_path, gic, None)
    assert value(repl, "(c.line.intid, c.hba.irqs >= 20, d.port.lost)") == (INTID, True, 0)


def test_no_resources_at_all(vm_factory, tmp_path):
    """The fixed address of Parallels, which mmu.map lets lead to QEMU's controller; its line is
    another device's here, so that the driver ends up polling.
    """
    data = image(tmp_path / "d0")
    repl = start(vm_factory, tmp_path / "set", "direct", 2, ())
    repl.exec("import acpi, ahci, ahci_find, mmu, pci")
    assert value(repl, "[(d.memory, d.irqs) for d in acpi.devices() if d.matches('PRL4010')]") == [
        ([], [])
    ]
    # Nothing answers there yet: not found, no fault.
    assert value(repl, "[p.name for p in ahci_find.places()]") == ["00:05.0"]
    repl.exec("f = pci.find(class_=0x0106)\nf.enable()")
    repl.exec("mmu.map(0x02140000, f.bar_of(5).address, 0x1000, type=mmu.DEVICE)")
    repl.exec("place = ahci_find.places()[0]\nc = ahci.Controller(place)\nd, = c.disks")
    assert value(repl, "(c.name, place.base)") == ("\\_SB.AHC0", 0x02140000)
    repl.exec("b = bytearray(4096)")
    assert value(repl, "(d.readblocks(2048, b), bytes(b[:16]), c.hba.irq)") == (
        0,
        data[MIB : MIB + 16],
        False,
    )
    assert value(repl, "(c.deinit(), d.readblocks(0, b))") == (None, -19)
