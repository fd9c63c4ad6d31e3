"""AHCI disks on QEMU's ich9-ahci: found, described, read, written, flushed."""

import hashlib

import pytest
from ahcidisks import MIB, drive, image, machine, value

pytestmark = pytest.mark.storage


@pytest.mark.parametrize("boot", ["direct", "uefi"])
@pytest.mark.parametrize("gic", [2, 3])
def test_read_and_write(vm_factory, tmp_path, boot, gic):
    data = image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"), machine=boot, gic=gic)
    repl.exec("import hashlib\nb = bytearray(1 << 20)\nassert d.readblocks(2048, b) == 0")
    assert (
        value(repl, "hashlib.sha256(b).digest()") == hashlib.sha256(data[MIB : 2 * MIB]).digest()
    )
    assert value(repl, "(d.name, d.blocks, d.block_size, d.ioctl(4, 0), d.ioctl(5, 0))") == (
        "sd0",
        65536,
        512,
        65536,
        512,
    )
    repl.exec("for i in range(len(b)): b[i] = i * 7 & 255")
    assert value(repl, "(d.writeblocks(9000, b), d.ioctl(3, 0), d.ioctl(2, 0))") == (0, 0, 0)
    wanted = bytes(i * 7 & 255 for i in range(MIB))
    assert (tmp_path / "d0").read_bytes()[9000 * 512 : 9000 * 512 + MIB] == wanted
    hba = "ahci.probe()[0].hba"
    assert value(repl, f"{hba}.irq and {hba}.irqs > 0 and d.port.lost == 0")


def test_parts_of_blocks(vm_factory, tmp_path):
    data = bytearray(image(tmp_path / "d0"))
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    for block, off, n in ((0, 0, 1), (3, 5, 100), (7, 511, 2), (10, 0, 1024), (20, 700, 3000)):
        at = block * 512 + off
        repl.exec(f"b = bytearray({n})\nassert d.readblocks({block}, b, {off}) == 0")
        assert value(repl, "bytes(b)") == data[at : at + n]
        repl.exec(f"w = bytes(i * 3 & 255 for i in range({n}))")
        assert value(repl, f"d.writeblocks({block}, w, {off})") == 0
        data[at : at + n] = bytes(i * 3 & 255 for i in range(n))
    assert value(repl, "d.flush()") == 0
    assert (tmp_path / "d0").read_bytes()[: len(data)] == data


def test_odd_buffers_are_bounced(vm_factory, tmp_path):
    data = image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec("import hashlib\nb = memoryview(bytearray(300 * 512 + 1))[1:]")
    assert value(repl, "d.readblocks(1, b)") == 0
    assert value(repl, "hashlib.sha256(b).digest()") == (
        hashlib.sha256(data[512 : 301 * 512]).digest()
    )
    assert value(repl, "d.writeblocks(10000, b)") == 0
    assert (tmp_path / "d0").read_bytes()[10000 * 512 :][: 300 * 512] == data[512 : 301 * 512]


def test_bad_arguments_give_einval(vm_factory, tmp_path):
    image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec("b = bytearray(512)")
    for call in (
        "d.readblocks(65536, b)",
        "d.readblocks(-1, b)",
        "d.readblocks(65535, b, 1)",
        "d.readblocks(0, b, -1)",
        "d.readblocks(1 << 62, b)",
        "d.readblocks(0, b, 1 << 62)",
        "d.writeblocks(65535, bytearray(1024))",
        "d.readblocks('0', b)",
        "d.readblocks(0, 'text')",
        "d.ioctl(99, 0)",
        "d.trim(65535, 2)",
    ):
        assert value(repl, call) == -22, call
    assert value(repl, "d.readblocks(65535, b)") == 0
