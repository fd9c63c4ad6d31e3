"""Long TDs on a real device: a disk's data over many TRBs, short ones, stalls, cancelled ones."""

import pytest
from ahcidisks import image
from usbmachines import CONTROLLERS, machine, value

pytestmark = pytest.mark.usb

# USB mass storage, bulk-only 1.0 §5; SCSI READ(10).
_SETUP = """
import hashlib, struct, time
ends = d.interfaces[0].endpoints
into = [e for e in ends if e.is_in][0]
out = [e for e in ends if not e.is_in][0]
ring = into.hcd_data.ring
data = dma.alloc(SIZE, 64)
cbw = Transfer(out, dma.alloc(31))
csw = Transfer(into, dma.alloc(13))
rd = Transfer(into, data)
def command(cdb, length):
    struct.pack_into("<IIIBBB", cbw.buffer, 0, 0x43425355, 7, length, 128, 0, len(cdb))
    memoryview(cbw.buffer)[15:31] = cdb + bytes(16 - len(cdb))
def read10(lba, blocks):
    return struct.pack(">BBIBHB", 0x28, 0, lba, 0, blocks, 0)
def go(*transfers):
    codes = []
    for t in transfers:
        assert t.submit() == 0
    def all():
        for t in transfers:
            try:
                yield t
            except OSError as why:
                pass
            codes.append((t.status, t.actual))
    usbtask.run(all())
    return codes
def read(lba, blocks, offset=0, length=None):
    rd.offset, rd.length = offset, blocks * 512 if length is None else length
    command(read10(lba, blocks), rd.length)
    return go(cbw, rd) + go(csw)  # QEMU's disk answers no status that was asked for before
"""


@pytest.fixture(params=CONTROLLERS)
def disk(request, vm_factory, tmp_path):
    path = tmp_path / "disk.img"
    data = image(path, filled=8 << 20)
    _, repl = machine(
        vm_factory,
        "usb-storage,drive=d0",
        controller=request.param,
        extra=["-drive", f"if=none,id=d0,format=raw,file={path}"],
    )
    size = (1 << 20) + 70000
    repl.exec(_SETUP.replace("SIZE", str(size)), timeout=60)
    repl.exec(
        "command(bytes(6), 0)\nfirst = go(cbw, csw)\nfirst = go(cbw, csw)"
    )  # TEST UNIT READY
    yield repl, data
    repl.exec("stop()\nassert dma.check() == 0", timeout=60)


def test_data_over_many_trbs_around_the_ring(disk):
    repl, data = disk
    # From anywhere in a page: 1 MiB in up to 17 TRBs; 63 of them are a lap.
    for n in range(12):
        lba, offset = 97 * n, (n * 5003) % 65536
        repl.exec(f"codes = read({lba}, 2048, {offset})", timeout=60)
        assert value(repl, "codes") == [(0, 31), (0, 1 << 20), (0, 13)]
        got = value(
            repl, f"hashlib.sha256(memoryview(data)[{offset}:{offset + (1 << 20)}]).digest()"
        )
        import hashlib

        assert got == hashlib.sha256(data[lba * 512 : lba * 512 + (1 << 20)]).digest()
    kinds = value(repl, "[h[4] >> 10 & 63 for h in ring.history()]")
    assert kinds.count(6) >= 2 and kinds.count(1) > 150
    stats = value(repl, "c.events.stats()")
    assert stats["foreign"] == stats["lost"] == stats["full"] == 0


def test_less_than_asked(disk):
    repl, data = disk
    # The device has 3 blocks for a TD of 200,000 bytes, and says so in the middle of it.
    repl.exec("""
rd.offset, rd.length = 60000, 200000
command(read10(5, 3), 1536)
codes = go(cbw, rd) + go(csw)
""")
    assert value(repl, "codes") == [(0, 31), (0, 1536), (0, 13)]
    assert value(repl, "bytes(memoryview(data)[60000:61536])") == data[2560:4096]
    assert value(repl, "read(9, 8)") == [(0, 31), (0, 4096), (0, 13)]
    assert value(repl, "bytes(memoryview(data)[:4096])") == data[4608:8704]


_KEYS = """
into = d.interfaces[0].endpoints[0]
ring = into.hcd_data.ring
ts = [Transfer(into, dma.alloc(8)) for i in range(3)]
def ended(t):
    try:
        yield t
    except OSError:
        pass
def end(t):
    usbtask.run(ended(t))
    return t.status, t.actual, bytes(memoryview(t.buffer))
def press(code):
    return bytes([0, 0, code, 0, 0, 0, 0, 0])
"""


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_taken_back_from_a_device_that_waits(vm_factory, controller):
    vm, repl = machine(vm_factory, "usb-kbd", controller=controller)
    repl.exec(_KEYS)

    def key(code):
        for down in (True, False):
            which = {"type": "qcode", "data": code}
            event = {"type": "key", "data": {"down": down, "key": which}}
            vm.qmp("input-send-event", events=[event])

    for _ in range(30):  # 90 TRBs: around the ring, with Links in the place of the cancelled
        repl.exec("""
for t in ts:
    assert t.submit() == 0
ts[1].cancel()
middle = end(ts[1])[0], ts[0].status, ts[2].status, ring.pending
""")
        assert value(repl, "middle") == (-125, 1, 1, 2)
        key("a")
        repl.exec("got = end(ts[0]), end(ts[2])")
        assert value(repl, "got == ((0, 8, press(4)), (0, 8, bytes(8)))"), value(repl, "got")
    repl.exec("""
for t in ts:
    assert t.submit() == 0
ts[0].cancel()
first = end(ts[0])[:2], ring.pending
""")
    assert value(repl, "first") == ((-125, 0), 2)
    key("b")
    repl.exec("got = end(ts[1]), end(ts[2])")
    assert value(repl, "got == ((0, 8, press(5)), (0, 8, bytes(8)))"), value(repl, "got")
    stats = value(repl, "c.events.stats()")
    assert stats["foreign"] == stats["late"] == stats["lost"] == 0
    repl.exec("stop()\nassert dma.check() == 0", timeout=60)
