"""xHCI controllers of QEMU: started, devices addressed, control, interrupt and bulk transfers."""

import hashlib

import pytest
from leaks import leaks
from usbmachines import CONTROLLERS, LISTEN, STALLS_AND_CANCELS, machine, press, value

pytestmark = pytest.mark.usb


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_keyboard(vm_factory, controller):
    vm, repl = machine(vm_factory, "usb-kbd", controller=controller)
    assert value(repl, "(d.id, d.speed, d.address)") == ("0627:0001", "high", 1)
    raw = value(repl, "d.control(0x80, 6, 0x0100, 0, 18)")
    assert len(raw) == 18 and raw[:2] == b"\x12\x01" and raw[8:12] == b"\x27\x06\x01\x00"
    repl.exec(LISTEN)
    assert value(repl, "d.control(0, 9, 1)") == 0
    for down in (True, False):
        press(vm, "a", down)
    assert value(repl, "until(2)") == [(0, b"\0\0\4\0\0\0\0\0"), (0, bytes(8))]
    stats = value(repl, "c.events.stats()")
    assert stats["interrupts"] and not stats["foreign"] and not stats["lost"]
    assert value(repl, "c.line is not None and not c.dead")
    repl.exec("stop()\nt.buffer.free()")
    assert value(repl, "dma.stats()[0]") == 0


@pytest.mark.parametrize(
    "how",
    ["nec-usb-xhci,msi=on,msix=off", "nec-usb-xhci,msi=off,msix=off", "qemu-xhci,streams=off"],
)
def test_interrupts_of_all_kinds(vm_factory, how):
    vm, repl = machine(vm_factory, "usb-kbd", controller=how)
    assert value(repl, "d.id") == "0627:0001"
    repl.exec(LISTEN)
    press(vm, "b", True)
    assert value(repl, "until(1)") == [(0, b"\0\0\5\0\0\0\0\0")]
    assert value(repl, "c.line is not None and c.events.stats()['interrupts'] > 10")


def test_polled(vm_factory):
    vm, repl = machine(vm_factory, "usb-kbd", options="irq=False")
    assert value(repl, "(c.line, d.id, c.events.stats()['interrupts'])") == (None, "0627:0001", 0)
    repl.exec(LISTEN)
    press(vm, "c", True)
    assert value(repl, "until(1)") == [(0, b"\0\0\6\0\0\0\0\0")]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_stall_cancel_and_silence(vm_factory, controller):
    _, repl = machine(vm_factory, "usb-kbd", controller=controller)
    repl.exec(LISTEN)
    repl.exec(STALLS_AND_CANCELS)
    assert value(repl, "(len(c.slots.used), c.restarts)") == (1, 0)


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_bulk(vm_factory, tmp_path, controller):
    """INQUIRY and reads of up to 1 MiB by hand, over both bulk endpoints."""
    data = bytes((i * 7 + i // 251) & 255 for i in range(1 << 20))
    (tmp_path / "d0").write_bytes(data)
    _, repl = machine(
        vm_factory,
        "usb-storage,drive=d0",
        controller=controller,
        extra=["-drive", f"if=none,id=d0,format=raw,file={tmp_path / 'd0'}"],
    )
    assert value(repl, "d.speed") == "super"
    repl.exec("""
import struct
def pipe(is_in):
    return [e for e in d.endpoints.values() if e.kind == "bulk" and e.is_in == is_in][0]
small, big = dma.alloc(64), dma.alloc(1 << 20, 4096)
near, far = memoryview(small), memoryview(big)
out, into = Transfer(pipe(False), small), Transfer(pipe(True), big)
status = Transfer(pipe(True), small)
def wait(t): return (yield t)
def move(t, n):
    t.length = n
    assert t.submit() == 0
    return usbtask.run(wait(t))
def scsi(cdb, n):
    struct.pack_into("<4sIIBBB", near, 0, b"USBC", 7, n, 0x80, 0, len(cdb))
    near[15:15 + len(cdb)] = cdb
    assert move(out, 31) == 31
    got = move(into, n) if n else 0
    assert move(status, 13) == 13
    return got if near[12] == 0 else None
""")
    assert value(repl, "(scsi(b'\\x12\\0\\0\\0\\x24\\0', 36), bytes(far[8:12]))") == (36, b"QEMU")
    repl.exec("scsi(bytes(6), 0)")  # may be unit attention
    assert value(repl, "scsi(bytes(6), 0)") == 0
    for blocks in (1, 129, 2048):
        cdb = b"\x28\0\0\0\0\0\0" + blocks.to_bytes(2, "big") + b"\0"
        assert value(repl, f"scsi({cdb!r}, {blocks * 512})") == blocks * 512
        repl.exec(f"import hashlib\nh = hashlib.sha256(far[:{blocks * 512}]).digest()")
        assert value(repl, "h") == hashlib.sha256(data[: blocks * 512]).digest()


def test_a_soft_reset_leaves_nothing(vm_factory):
    vm, repl = machine(vm_factory, "usb-kbd")
    repl.exec(LISTEN)
    for _ in range(2):
        repl.soft_reset()
        press(vm, "a", True)
        press(vm, "a", False)
        assert leaks(repl) == ""
        repl.exec("import xhci\nc = xhci.controllers()[0]\nc.deinit()")
    assert leaks(repl) == ""


def test_one_driver_each(vm_factory):
    _, repl = machine(vm_factory, "usb-kbd")
    assert value(repl, "(xhci.controllers(), d.control(0, 9, 1), c.dead)") == ([], 0, False)
    repl.exec("stop()")
    assert value(repl, "[x.deinit() for x in xhci.controllers()]") == [None]
