"""QEMU's EHCI controllers: devices addressed, control, interrupt and bulk transfers, hand-over."""

import hashlib
import time

import pytest
from leaks import leaks
from usbmachines import LISTEN, STALLS_AND_CANCELS, machine, press, value

pytestmark = pytest.mark.usb

_ICH9 = "ich9-usb-ehci1"
_COMPANIONS = [
    f"ich9-usb-uhci{n + 1},masterbus=x.0,firstport={2 * n},multifunction=on" for n in range(3)
]
KBD = "usb-kbd,usb_version=2"


def ehci(vm_factory, *devices, **more):
    return machine(vm_factory, *devices, **{"controller": "usb-ehci", **more})


@pytest.mark.parametrize("boot", ["direct", "uefi"])
def test_keyboard(vm_factory, boot):
    vm, repl = ehci(vm_factory, KBD, machine=boot)
    assert value(repl, "(d.id, d.speed, d.address)") == ("0627:0001", "high", 1)
    raw = value(repl, "d.control(0x80, 6, 0x0100, 0, 18)")
    assert len(raw) == 18 and raw[:2] == b"\x12\x01" and raw[8:12] == b"\x27\x06\x01\x00"
    repl.exec(LISTEN)
    for down in (True, False):
        press(vm, "a", down)
    assert value(repl, "until(2)") == [(0, b"\0\0\4\0\0\0\0\0"), (0, bytes(8))]
    assert value(repl, "c.line is not None and c.interrupts > 10 and not c.dead")
    repl.exec("stop()\nt.buffer.free()")
    assert value(repl, "(dma.stats()[0], usbtask.loop().tasks)") == (0, [])


def test_polled(vm_factory):
    vm, repl = ehci(vm_factory, KBD, options="irq=False")
    assert value(repl, "(c.line, d.id, c.interrupts)") == (None, "0627:0001", 0)
    repl.exec(LISTEN)
    press(vm, "c", True)
    assert value(repl, "until(1)") == [(0, b"\0\0\6\0\0\0\0\0")]


def test_stall_cancel_and_silence(vm_factory):
    _, repl = ehci(vm_factory, KBD)
    repl.exec(LISTEN)
    repl.exec(STALLS_AND_CANCELS)
    assert value(repl, "(len(c.devices.used), c.restarts)") == (1, 0)


def test_bulk(vm_factory, tmp_path):
    """INQUIRY and reads of up to 1 MiB by hand; the status is queued behind the data."""
    data = bytes((i * 7 + i // 251) & 255 for i in range(1 << 20))
    (tmp_path / "d0").write_bytes(data)
    _, repl = ehci(
        vm_factory,
        "usb-storage,drive=d0",
        extra=["-drive", f"if=none,id=d0,format=raw,file={tmp_path / 'd0'}"],
    )
    assert value(repl, "d.speed") == "high"
    repl.exec("""
import struct
def pipe(is_in):
    return [e for e in d.endpoints.values() if e.kind == "bulk" and e.is_in == is_in][0]
small, big, end = dma.alloc(64), dma.alloc((1 << 20) + 64, 4096), dma.alloc(64)
near, far, csw = memoryview(small), memoryview(big), memoryview(end)
out, into = Transfer(pipe(False), small), Transfer(pipe(True), big)
status = Transfer(pipe(True), end)
into.offset = 52
def wait(t): return (yield t)
def scsi(cdb, n):
    struct.pack_into("<4sIIBBB", near, 0, b"USBC", 7, n, 0x80, 0, len(cdb))
    near[15:15 + len(cdb)] = cdb
    out.length, into.length, status.length = 31, n, 64
    assert out.submit() == 0 and usbtask.run(wait(out)) == 31
    for t in (into, status):
        assert t is into and not n or t.submit() == 0
    got = usbtask.run(wait(into)) if n else 0
    assert usbtask.run(wait(status)) == 13
    return got if csw[12] == 0 else None
""")
    inquiry = "(scsi(b'\\x12\\0\\0\\0\\x24\\0', 36), status.code, bytes(far[60:64]))"
    assert value(repl, inquiry) == (36, "Short Packet", b"QEMU")
    assert value(repl, "(scsi(bytes(6), 0), scsi(bytes(6), 0))") == (None, 0)  # unit attention
    for blocks in (1, 129, 2048):
        cdb = b"\x28\0\0\0\0\0\0" + blocks.to_bytes(2, "big") + b"\0"
        assert value(repl, f"scsi({cdb!r}, {blocks * 512})") == blocks * 512
        repl.exec(f"import hashlib\nh = hashlib.sha256(far[52:52 + {blocks * 512}]).digest()")
        assert value(repl, "h") == hashlib.sha256(data[: blocks * 512]).digest()


def test_reports_allocate_nothing(vm_factory):
    """They come while the prompt is idle, between two looks at the heap."""
    vm, repl = ehci(vm_factory, KBD)
    repl.exec("""
import gc
t = Transfer(d.endpoints[0x81], dma.alloc(8))
n = 0
def heard(t):
    global n
    n += 1
    t.submit()
t.callback = heard
t.submit()
""")
    used = []
    for reports in (10, 0, 10, 0):
        repl.exec("gc.collect()\ngc.disable()\nbefore = gc.mem_alloc()")
        for n in range(reports):
            press(vm, "a", not n % 2)
            time.sleep(0.03)
        used.append(value(repl, "gc.mem_alloc() - before"))
    repl.exec(
        "import time\nt0 = time.ticks_ms()\nwhile n < 20 and time.ticks_ms() - t0 < 5000: pass"
    )
    assert value(repl, "n") == 20
    assert used[2] == used[3], used


def test_disk_keyboard_and_tablet_by_the_class_drivers(vm_factory, tmp_path):
    data = bytes((i * 11 + i // 253) & 255 for i in range(1 << 20))
    (tmp_path / "d0").write_bytes(data)
    vm = vm_factory(
        device=[
            "usb-ehci,id=x",
            "usb-storage,drive=d0,bus=x.0",
            f"{KBD},bus=x.0",
            "usb-tablet,usb_version=2,bus=x.0",
        ],
        extra=["-drive", f"if=none,id=d0,format=raw,file={tmp_path / 'd0'}"],
    )
    repl = vm.repl()
    repl.exec("import usb, usbmsc, keyboard, hashlib, time\nbuses = usb.probe()", timeout=60)
    assert value(repl, "sorted([d.id for d in usb.devices()])") == [
        "0627:0001", "0627:0001", "46f4:0001",
    ]  # fmt: skip
    repl.exec("""
disk = usbmsc.disks()[0]
buf = bytearray(1 << 20)
assert disk.readblocks(0, buf) in (0, None)
h = hashlib.sha256(buf).digest()
seen = []
keyboard.keys().listen(lambda *event: seen.append(event))
""")
    assert value(repl, "h") == hashlib.sha256(data).digest()
    press(vm, "a", True)
    repl.exec(
        "t = time.ticks_ms()\nwhile not seen and time.ticks_ms() - t < 5000: time.sleep_ms(1)"
    )
    assert value(repl, "len(seen) and seen[0][:2]") == (4, 1)
    press(vm, "a", False)
    repl.exec("del disk\nusb.release()")
    assert value(repl, "__import__('usbtask').loop().tasks") == []


def test_slow_devices_are_handed_over(vm_factory):
    """A hub and a mouse of full speed go to the companions, a keyboard of high speed stays."""
    _, repl = machine(
        vm_factory,
        "usb-hub,port=1",
        KBD + ",port=2",
        "usb-mouse,usb_version=1,port=3",
        controller=_ICH9 + ",multifunction=on,addr=4.7",
        beside=[f"{name},addr=4.{n}" for n, name in enumerate(_COMPANIONS)],
    )
    assert value(repl, "[(d.name, d.id) for d in bus.devices]") == [("1-2", "0627:0001")]
    owners = value(repl, "[line.split('owner ')[1] for line in ehci.report()]")
    assert owners[:4] == ["companion", "EHCI", "companion", "EHCI"]


def test_a_soft_reset_leaves_nothing(vm_factory):
    vm, repl = ehci(vm_factory, KBD)
    repl.exec(LISTEN)
    for _ in range(2):
        repl.soft_reset()
        press(vm, "a", True)
        press(vm, "a", False)
        assert leaks(repl) == ""
        repl.exec(
            "import ehci, ehci_find, time\np = ehci_find.places()[0]\nr = p.look()\n"
            "op = r.window(r[0] & 0xFF, 0x40)\nprint(op[0] & 1, op[4] >> 12 & 1)"
        )
        assert value(repl, "(op[0] & 1, op[4] >> 12 & 1)") == (0, 1)  # halted
        repl.exec("c = ehci.controllers()[0]")
    repl.exec("c.deinit()")
    assert leaks(repl) == ""


def test_what_a_soft_reset_is_told(vm_factory):
    _, repl = ehci(vm_factory)
    repl.exec("""
def why(*args):
    try:
        dma.stop_at_reset(*args)
    except Exception as e:
        return type(e).__name__, e.errno if isinstance(e, OSError) else None
how = (0, 1, 4, 0x1000, 2)
op = c.caps.op
""")
    assert value(repl, "why(op, how)") == ("OSError", 16)  # it is this driver's
    assert value(repl, "why(5, how)") == ("TypeError", None)
    for bad in ("(0, 1, 4, 0x1000)", "(0, 1, 2, 3, 4, 5)"):
        assert value(repl, f"why(op, {bad})")[0] in ("ValueError", "TypeError")
    for bad in ("(2, 1, 4, 1, 2)", "(0, 1, 0x400, 1, 2)", "(-4, 1, 4, 1, 2)"):
        assert value(repl, f"why(op, {bad})") == ("IndexError", None)
    repl.exec("c.deinit()")
    assert value(repl, "(why(op, how), why(op), why(op, None))") == (None, None, None)
