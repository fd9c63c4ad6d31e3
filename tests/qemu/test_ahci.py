"""AHCI disks on QEMU's ich9-ahci: found, described, read, written, flushed."""

import hashlib

import pytest
from ahcidisks import MIB, drive, image, machine, parts_of_blocks, value

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
    parts_of_blocks(repl, data)
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


_SCATTERED = """
import dma, mmu, uctypes
pages = [dma.alloc(4096, 4096) for _ in range(40)]
def mapped(va, write=True):
    "40 pages at va, in the reverse order of their physical addresses."
    for n, page in enumerate(pages): mmu.map(va + n * 4096, pages[39 - n].phys, 4096, write=write)
    return uctypes.bytearray_at(va, len(pages) * 4096)
"""


@pytest.mark.parametrize("va", [1 << 40, 0x5000000000, 0x04000000])
def test_buffers_that_are_not_in_one_piece(vm_factory, tmp_path, va):
    """Where mmu.map put pages from anywhere; VA == PA holds for none of these."""
    data = image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec(f"import hashlib\n{_SCATTERED}\nm = mapped({va})\nn = d.port.requests")
    assert value(repl, "(d.readblocks(2048, m), d.port.requests - n)") == (0, 2)
    wanted = data[MIB : MIB + 40 * 4096]
    assert value(repl, "hashlib.sha256(m).digest()") == hashlib.sha256(wanted).digest()
    # At an offset into a page, and through the pages themselves.
    assert value(repl, "d.readblocks(2048, memoryview(m)[1000:1000 + 20 * 512])") == 0
    assert value(repl, "bytes(memoryview(m)[1000:11240])") == wanted[:10240]
    assert value(repl, "bytes(memoryview(pages[39])[1000:])") == wanted[:3096]
    assert value(repl, "(d.writeblocks(9000, m), d.writev(9500, [m, pages[0]]))") == (0, 0)
    on_disk = (tmp_path / "d0").read_bytes()[9000 * 512 :][: 40 * 4096]
    assert on_disk[1000:11240] == wanted[:10240] and on_disk[11240:] == wanted[11240:]
    assert (tmp_path / "d0").read_bytes()[9500 * 512 :][: 40 * 4096] == on_disk
    # A mapping that may not be written to is read by the disk all the same.
    repl.exec(f"m = mapped({va}, write=False)")
    assert value(repl, "(d.writeblocks(8000, m), d.port.gone)") == (0, 0)
    assert (tmp_path / "d0").read_bytes()[8000 * 512 :][: 40 * 4096] == on_disk


def test_many_buffers(vm_factory, tmp_path):
    image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    repl.exec("bufs = [bytes([n]) * 512 * (1 + n % 3) for n in range(100)]\nn = d.port.requests")
    # One at an odd address is bounced between the others.
    repl.exec("odd = memoryview(bytearray(b'x' * 1025))[1:]\nbufs.insert(50, odd)")
    assert value(repl, "(d.writev(700, bufs), d.port.requests - n)") == (0, 7)
    wanted = b"".join(bytes([n]) * 512 * (1 + n % 3) for n in range(50)) + b"x" * 1024
    wanted += b"".join(bytes([n]) * 512 * (1 + n % 3) for n in range(50, 100))
    assert value(repl, "d.flush()") == 0
    assert (tmp_path / "d0").read_bytes()[700 * 512 :][: len(wanted)] == wanted
    for call in ("[b'']", "[bytes(512), 1]", "5", "[bytes(511)]", "[bytes(512)] * 65536"):
        assert value(repl, f"d.writev(1, {call})") == -22, call
    assert value(repl, "(d.writev(d.blocks, []), d.writev(d.blocks, [bytes(512)]))") == (0, -22)


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
        "d.readblocks(1 << 64, b)",
        "d.readblocks(0, b, 1 << 64)",
        "d.writeblocks((1 << 64) + 5, b)",
        "d.writev(1 << 64, [b])",
        "d.port.submit(0, 1 << 64, b)",
        "d.writeblocks(65535, bytearray(1024))",
        "d.readblocks('0', b)",
        "d.readblocks(0, 'text')",
        "d.ioctl(99, 0)",
        "d.trim(65535, 2)",
    ):
        assert value(repl, call) == -22, call
    assert value(repl, "d.readblocks(65535, b)") == 0
    # An integer that is no small one in MicroPython.
    repl.exec("from array import array\nq = array('Q', [65535])[0]")
    calls = (
        "(d.readblocks(q, b), d.writeblocks(q, b), d.writev(q, [b]), d.readblocks(q - q, b, q))"
    )
    assert value(repl, calls) == (0, 0, 0, 0)
    assert value(repl, "d.port.result(d.port.submit(0, q, b)) in (0, 1)")


def test_memory_above_4_gib(vm_factory, tmp_path):
    """Where Parallels' RAM goes on; a controller that does not reach it has it bounced."""
    data = image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"), memory=5120)
    repl.exec("import hashlib, uctypes\nm = uctypes.bytearray_at(0x140000000, 1 << 20)")
    wanted = hashlib.sha256(data[MIB : 2 * MIB]).digest()
    for wide, commands in ((1, 1), (0, 16)):
        repl.exec(f"m[:4] = bytes(4)\nd.port.wide = {wide}\nn = d.port.requests")
        assert value(repl, "(d.readblocks(2048, m), d.port.requests - n)") == (0, commands)
        assert value(repl, "hashlib.sha256(m).digest()") == wanted
        assert value(repl, f"d.writeblocks({9000 + wide * 3000}, m)") == 0
    assert value(repl, "d.flush()") == 0
    on_disk = (tmp_path / "d0").read_bytes()
    assert on_disk[9000 * 512 :][:MIB] == on_disk[12000 * 512 :][:MIB] == data[MIB : 2 * MIB]


def test_smart(vm_factory, tmp_path):
    image(tmp_path / "d0")
    repl = machine(vm_factory, drive(0, tmp_path / "d0"))
    assert value(repl, "d.healthy()") is True
    table = value(repl, "d.smart()")
    assert set(table) >= {1, 3, 4, 5, 9, 12, 190}  # QEMU's attributes
    assert all(0 < value <= 200 and 0 < worst <= 200 for value, worst, raw in table.values())
