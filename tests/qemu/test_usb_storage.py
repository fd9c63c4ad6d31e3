"""Disks on QEMU's xHCI: usb-storage, usb-bot with several units, usb-uas; FAT and ext2 on them."""

import hashlib

import pytest
import usb_storage
from ahcidisks import MIB, image, parts_of_blocks, value
from usbmachines import at_word, plug
from usbredir import Server

pytestmark = pytest.mark.usb

_X = "qemu-xhci,id=x"


def backing(path, n=0, more=""):
    return ["-drive", f"if=none,id=u{n},format=raw,file={path}{more}"]


def stick(n=0, more=""):
    return f"usb-storage,bus=x.0,id=stick{n},drive=u{n}{more}"


def machine(vm_factory, *devices, extra=(), controller=_X, **options):
    """(VM, raw REPL) with everything probed; `d` the first disk."""
    vm = vm_factory(device=[controller, *devices], extra=list(extra), **options)
    repl = vm.repl()
    repl.exec(
        "import dma, hashlib, os, time, usb, usbmsc, usbtask, vfs\nusb.probe()\n"
        "d = usbmsc.disks()[0] if usbmsc.disks() else None",
        timeout=90,
    )
    return vm, repl


@pytest.mark.parametrize("controller", ["qemu-xhci", "nec-usb-xhci", "usb-ehci"])
def test_read_and_write(vm_factory, tmp_path, controller):
    data = image(tmp_path / "u0")
    _, repl = machine(
        vm_factory,
        stick(),
        extra=backing(tmp_path / "u0"),
        controller=f"{controller},id=x",
    )
    assert value(repl, "(d.name, d.blocks, d.block_size, d.ioctl(4, 0), d.ioctl(5, 0))") == (
        "ud0",
        65536,
        512,
        65536,
        512,
    )
    repl.exec("b = bytearray(3 << 20)\nassert d.readblocks(2048, b) == 0")
    wanted = hashlib.sha256(data[MIB : 4 * MIB]).digest()
    assert value(repl, "hashlib.sha256(b).digest()") == wanted
    repl.exec("for i in range(100000): b[i] = i * 7 & 255")
    assert value(repl, "(d.writeblocks(9000, b), d.ioctl(3, 0), d.ioctl(2, 0))") == (0, 0, 0)
    written = bytes(i * 7 & 255 for i in range(100000)) + data[MIB + 100000 : 4 * MIB]
    assert (tmp_path / "u0").read_bytes()[9000 * 512 : 9000 * 512 + len(written)] == written
    assert value(repl, "d.unit.bot.resets") == 0


def test_parts_of_blocks_and_odd_buffers(vm_factory, tmp_path):
    data = bytearray(image(tmp_path / "u0"))
    _, repl = machine(vm_factory, stick(), extra=backing(tmp_path / "u0"))
    parts_of_blocks(repl, data)
    repl.exec("b = memoryview(bytearray(300 * 512 + 1))[1:]")
    assert value(repl, "(d.readblocks(1, b), d.writeblocks(5000, b), d.flush())") == (0, 0, 0)
    data[5000 * 512 : 5300 * 512] = data[512 : 301 * 512]
    assert (tmp_path / "u0").read_bytes()[: len(data)] == data
    # Nowhere that the controller reaches in one piece: pages from anywhere.
    repl.exec(
        "import mmu, uctypes\npages = [dma.alloc(4096, 4096) for _ in range(40)]\nva = 1 << 40\n"
        "for n in range(40): mmu.map(va + n * 4096, pages[39 - n].phys, 4096)\n"
        "m = uctypes.bytearray_at(va, 40 * 4096)\nassert dma.borrow(m) is None"
    )
    assert value(repl, "d.readblocks(2048, m)") == 0
    assert value(repl, "hashlib.sha256(m).digest()") == (
        hashlib.sha256(data[MIB : MIB + 40 * 4096]).digest()
    )
    for call in (
        "d.readblocks(65536, b)",
        "d.readblocks(-1, b)",
        "d.readblocks(0, b, 1 << 64)",
        "d.readblocks('0', b)",
        "d.readblocks(0, 'text')",
        "d.writeblocks(0, 5)",
        "d.ioctl(99, 0)",
    ):
        assert value(repl, call) == -22, call


def test_borrowed_memory(vm_factory):
    repl = vm_factory().repl()
    repl.exec("import dma\nb = bytearray(100)\nl = dma.borrow(b)\nbefore = dma.stats()")
    repl.exec("memoryview(l)[3] = 7\nassert b[3] == 7 and dma.borrow(b).phys == l.phys")
    assert value(repl, "(len(memoryview(l)), dma.stats() == before)") == (100, True)
    assert value(repl, "(l.free(), l.free(), l.phys)") == (None, None, None)
    assert value(repl, "dma.borrow(b'12', False) is not None and dma.borrow(bytearray()) is None")
    for bad in ("dma.borrow(b'12')", "dma.borrow(5)", "memoryview(l)"):
        assert "TypeError" in repl.exec(f"try: {bad}\nexcept Exception as e: print(repr(e))")


def test_several_units(vm_factory, tmp_path):
    image(tmp_path / "u0")
    data = image(tmp_path / "u1", seed=2)
    extra = backing(tmp_path / "u0") + backing(tmp_path / "u1", 1, ",readonly=on")
    _, repl = machine(
        vm_factory,
        "usb-bot,bus=x.0,id=b",
        "scsi-hd,bus=b.0,scsi-id=0,lun=0,drive=u0",
        "scsi-cd,bus=b.0,scsi-id=0,lun=1,drive=u1",
        extra=extra,
    )
    assert value(repl, "[(x.name, x.blocks, x.block_size) for x in usbmsc.disks()]") == [
        ("ud0", 65536, 512),
        ("uc0", 16384, 2048),
    ]
    repl.exec("c = usbmsc.disks()[1]\nb = bytearray(2048)\nassert c.readblocks(5, b) == 0")
    assert value(repl, "bytes(b)") == data[5 * 2048 : 6 * 2048]
    assert value(repl, "(c.writeblocks(0, b), d.writeblocks(0, b))") == (-30, 0)


def test_uas_is_refused_by_name(vm_factory, tmp_path):
    image(tmp_path / "u0")
    _, repl = machine(
        vm_factory,
        "usb-uas,bus=x.0,id=b",
        "scsi-hd,bus=b.0,scsi-id=0,lun=0,drive=u0",
        extra=backing(tmp_path / "u0"),
    )
    said = repl.exec("import klog\nklog.dmesg()\nprint(usbmsc.disks())")
    assert "UAS (USB Attached SCSI) is not supported" in said and said.rstrip().endswith("[]")


def test_write_protected(vm_factory, tmp_path):
    image(tmp_path / "u0")
    _, repl = machine(vm_factory, stick(), extra=backing(tmp_path / "u0", 0, ",readonly=on"))
    assert value(repl, "(d.read_only, d.writeblocks(0, bytes(512)))") == (True, -30)
    repl.exec("d.read_only = False")
    assert value(repl, "d.writeblocks(0, bytes(512))") == -30


def test_a_block_that_cannot_be_read(vm_factory, tmp_path):
    data = image(tmp_path / "u0")
    debug = f"driver=blkdebug,node-name=b0,image.driver=file,image.filename={tmp_path / 'u0'}"
    debug += ",inject-error.0.event=read_aio,inject-error.0.sector=2000"
    extra = ["-blockdev", debug, "-blockdev", "driver=raw,node-name=u0,file=b0"]
    _, repl = machine(vm_factory, stick(0, ",rerror=report"), extra=extra)
    repl.exec("b = bytearray(512)")
    assert value(repl, "(d.readblocks(2000, b), d.readblocks(1999, b))") == (-5, 0)
    assert value(repl, "bytes(b)") == data[1999 * 512 : 2000 * 512]
    assert value(repl, "d.gone") is False


@pytest.mark.parametrize("system", ["fat", "ext2"])
def test_pulled_while_mounted(vm_factory, tmp_path, system):
    """Errors, no hang; plugged in again everything that was flushed is there."""
    (tmp_path / "u0").write_bytes(bytes(32 * MIB))
    node = f"driver=raw,node-name=u0,file.driver=file,file.filename={tmp_path / 'u0'}"
    vm, repl = machine(vm_factory, stick(0, ",share-rw=on"), extra=["-blockdev", node])
    if system == "fat":
        repl.exec("make = vfs.VfsFat\nmake.mkfs(d)")
    else:
        repl.exec("from ext2 import VfsExt2 as make\nmake.mkfs(d)")
    repl.exec(
        "vfs.mount(make(d), '/u')\nf = open('/u/kept', 'w'); f.write('x' * 70000); f.close()"
    )
    repl.exec("os.sync() if hasattr(os, 'sync') else None\nd.flush()\nf = open('/u/kept', 'rb')")
    if system == "ext2":
        repl.exec(
            "f.close()\nvfs.umount('/u')\nvfs.mount(make(d), '/u')\nf = open('/u/kept', 'rb')"
        )
    full = value(repl, "dma.stats()[0]")
    vm.qmp("device_del", id="stick0")
    repl.exec(
        "t = time.ticks_ms()\n"
        "while usb.devices():\n"
        "    time.sleep_ms(5)\n"
        "    assert time.ticks_diff(time.ticks_ms(), t) < 20000"
    )
    assert value(repl, f"(d.gone, usbmsc.disks(), dma.stats()[0] < {full})") == (True, [], True)
    assert value(repl, "(d.readblocks(0, bytearray(512)), d.ioctl(3, 0))") == (-19, -19)
    said = repl.exec(
        "t = time.ticks_ms()\n"
        "try: open('/u/new', 'w').write('y' * 100000)\n"
        "except OSError as e: print('write', e)\n"
        "try: f.seek(60000); f.read(); open('/u/other')\n"
        "except OSError as e: print('read', e)\n"
        "try: vfs.umount('/u')\n"
        "except OSError as e: print('umount', e)\n"
        "print(time.ticks_diff(time.ticks_ms(), t) < 5000)"
    )
    assert "write" in said and "read" in said and said.rstrip().endswith("True"), said
    again = {"driver": "usb-storage", "bus": "x.0", "id": "stick1", "drive": "u0"}
    plug(vm, **again, **{"share-rw": True})  # QEMU does not let go of the node
    repl.exec(
        "t = time.ticks_ms()\n"
        "while not usbmsc.disks():\n"
        "    time.sleep_ms(5)\n"
        "    assert time.ticks_diff(time.ticks_ms(), t) < 20000\n"
        "e = usbmsc.disks()[0]\nvfs.mount(make(e), '/v')"
    )
    assert value(repl, "(e.name, e is d, open('/v/kept').read() == 'x' * 70000)") == (
        "ud0",
        False,
        True,
    )
    assert value(repl, "dma.stats()[0]") == full


def test_async_reads(vm_factory, tmp_path):
    data = image(tmp_path / "u0")
    _, repl = machine(vm_factory, stick(), extra=backing(tmp_path / "u0"))
    repl.exec(
        "import asyncio\n"
        "turns = 0\n"
        "async def other():\n"
        "    global turns\n"
        "    while True:\n"
        "        turns += 1\n"
        "        await asyncio.sleep_ms(0)\n"
        "async def main():\n"
        "    asyncio.create_task(other())\n"
        "    bufs = [bytearray(100000) for _ in range(4)]\n"
        "    rs = await asyncio.gather(*[d.areadblocks(100 * n, bufs[n]) for n in range(4)])\n"
        "    return rs, [hashlib.sha256(b).digest() for b in bufs]\n"
        "rs, sums = asyncio.run(main())"
    )
    assert value(repl, "rs") == [0] * 4 and value(repl, "turns") > 1
    assert value(repl, "sums") == [
        hashlib.sha256(data[51200 * n : 51200 * n + 100000]).digest() for n in range(4)
    ]


def test_ctrl_c(vm_factory):
    """A request that hangs ends with -EINTR after 1.5 s, then the program is told."""
    model = usb_storage.Storage(speed="super")
    model.data[:] = bytes(n * 7 & 255 for n in range(len(model.data)))
    with Server() as server:
        vm, repl = machine(vm_factory, server.device("x.0"), extra=server.extra)
        server.plug(model)
        repl.exec("while not usbmsc.disks(): time.sleep_ms(2)\nd = usbmsc.disks()[0]", timeout=60)
        model.trouble[len(model.commands)] = "silent-data"
        said = at_word(
            repl,
            "b = bytearray(4096)\n"
            "def read():\n"
            "    global seen\n"
            "    seen = d.readblocks(64, b)\n"
            "    while True: time.sleep_ms(1)\n"
            "t = time.ticks_ms()\n"
            "print('reading')\n"
            "try: read()\n"
            "except KeyboardInterrupt: print('told', time.ticks_diff(time.ticks_ms(), t))",
            b"reading",
            lambda: vm.wire.write(b"\x03"),
        )
        assert said.split()[:2] == ["reading", "told"], said
        assert 1400 < int(said.split()[2]) < 20000, said
        assert value(repl, "(seen, d.gone)") == (-4, False)
        assert value(repl, "usbtask.loop().tasks") == []  # nobody has the buffer any more
        assert value(repl, "(d.readblocks(64, b), d.unit.bot.resets)") == (0, 1)
        assert value(repl, "bytes(b)") == model.data[64 * 512 :][:4096]


def test_ctrl_c_waits_for_a_request(vm_factory, tmp_path):
    image(tmp_path / "u0")
    vm, repl = machine(vm_factory, stick(), extra=backing(tmp_path / "u0"))
    said = at_word(
        repl,
        "b = bytearray(8 << 20)\nbad = n = 0\n"
        "def read():\n"
        "    global bad, n\n"
        "    while True:\n"
        "        bad |= d.readblocks(0, b)\n"
        "        n += 1\n"
        "        if n == 1: print('reading')\n"
        "try: read()\n"
        "except KeyboardInterrupt: print('told')",
        b"reading",
        lambda: vm.wire.write(b"\x03"),
    )
    assert said.split() == ["reading", "told"]
    assert value(repl, "(bad, n > 0, d.unit.bot.resets, d.readblocks(0, b))") == (0, True, 0, 0)
