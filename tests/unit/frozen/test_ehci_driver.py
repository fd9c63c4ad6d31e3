"""The EHCI driver on a model: bring-up, ports, control, bulk, interrupt and split transfers."""

import dma
import ehci_caps
import usb_devices
import usb_hubs
import usb_storage
import usbtask
from ehci_model import Ehci
from mmio import Regs
from raising import raised
from simtime import Clock
from usbendpoint import Transfer

from ehci_rig import Rig, Timer, listen

AREA = "usb"


def wait(t):
    return (yield t)


def move(t, n):
    t.length = n
    assert t.submit() == 0
    return usbtask.run(wait(t))


def test_a_keyboard():
    keyboard = usb_devices.keyboard()
    rig = Rig({2: keyboard})
    device = rig.device(2)
    assert (device.id, device.speed, device.address) == ("0627:0001", "high", 1)
    assert device.control(0x80, 6, 0x0100, 0, 18) == keyboard.descriptor
    t, came = listen(rig, device)
    for n in range(20):
        keyboard.send(0x81, bytes((n, 0, 4, 0, 0, 0, 0, 0)))
        rig.clock.sleep_ms(20)
    assert came == [(0, bytes((n, 0, 4, 0, 0, 0, 0, 0))) for n in range(20)]
    assert rig.model.ports[1].resets == 1 and rig.warned() == []
    assert list(dma.stopped_at_reset.values()) == [(0, 1, 4, 0x1000, 2)]
    rig.close()
    assert t.status == -19 and rig.model.hcresets == 2


def test_polled():
    for more in ({"irq": False}, {"interrupts": False}):
        keyboard = usb_devices.keyboard()
        rig = Rig({1: keyboard}, **more)
        assert rig.c.line is None and [t.period for t in Timer.made] == [20]
        t, came = listen(rig, rig.device(1))
        keyboard.send(0x81, b"\1\2\3")
        rig.clock.sleep_ms(20)
        Timer.made[0].callback(Timer.made[0])
        assert came == [(0, b"\1\2\3")]
        assert rig.model.regs[8] == 0  # USBINTR
        rig.close()


def test_polling_spares_the_registers():
    rig = Rig({1: usb_devices.keyboard()}, irq=False)
    rig.clock.sleep_ms(500)
    reads = []
    read = rig.model.read
    rig.model.read = lambda off, bits: (reads.append(off), read(off, bits))[1]
    for _ in range(1000):
        rig.clock.sleep_ms(1)
        rig.c.poll()
    assert len(reads) <= 51
    rig.close()


def test_bulk_of_many_sizes():
    disk = usb_storage.Storage(4096)
    disk.data[:] = bytes([(i * 7 + i // 251) & 255 for i in range(len(disk.data))])
    rig = Rig({1: disk})
    device = rig.device(1)
    buffer = rig.alloc(300000)
    into = Transfer(device.endpoints[0x81], buffer)
    out = Transfer(device.endpoints[0x02], rig.alloc(300000))
    csw = Transfer(device.endpoints[0x81], rig.alloc(64))

    def command(op, lba, blocks):
        n = blocks * 512
        cdb = bytes((op, 0)) + lba.to_bytes(4, "big") + b"\0" + blocks.to_bytes(2, "big") + b"\0"
        way = b"\x80" if op == 0x28 else b"\0"
        head = b"USBC" + b"\7\0\0\0" + n.to_bytes(4, "little") + way + b"\0\x0a" + cdb
        memoryview(out.buffer)[:31] = head + bytes(31 - len(head))
        out.offset = 0
        assert move(out, 31) == 31
        return n

    for lba, blocks, offset in ((0, 1, 0), (3, 33, 4093), (100, 128, 1), (7, 500, 52)):
        n = command(0x28, lba, blocks)
        into.offset, into.length = offset, n
        assert into.submit() == 0 and csw.submit() == 0  # behind it
        assert usbtask.run(wait(into)) == n and usbtask.run(wait(csw)) == 13
        assert csw.code == "Short Packet" and into.code == "Success"
        assert bytes(buffer[offset : offset + n]) == bytes(disk.data[lba * 512 : lba * 512 + n])
    n = command(0x2A, 9, 100)
    data = bytes([i * 13 & 255 for i in range(n)])
    out.buffer[5 : 5 + n] = data
    out.offset = 5
    assert move(out, n) == n and move(csw, 64) == 13
    assert bytes(disk.data[9 * 512 : 9 * 512 + n]) == data
    n = command(0x28, 0, 64)
    disk._out = disk._out[:1000]  # a short packet in the middle of a chain
    into.offset, into.length = 0, n
    assert into.submit() == 0 and csw.submit() == 0
    assert usbtask.run(wait(into)) == 1000 and into.code == "Short Packet"
    assert usbtask.run(wait(csw)) == 13
    rig.close()


def test_requests_with_data_of_all_lengths():
    class Odd(usb_devices.Hid):
        def class_request(self, kind, request, value, index, length, data):
            if kind == 0xC0:
                return bytes([i & 255 for i in range(value)])
            if kind == 0x40:
                self.got = data
                return b""
            raise usb_devices.Stall

    model = usb_devices.keyboard()
    odd = Odd("high", model.descriptor, model.configs, model.reports, model.strings)
    rig = Rig({1: odd})
    device = rig.device(1)
    for n in (0, 1, 63, 64, 65, 128, 512, 5000, 20000, 40000):
        assert device.control(0xC0, 1, n, 0, 40000) == bytes([i & 255 for i in range(n)]), n
        data = bytes([i * 3 & 255 for i in range(n)])
        assert device.control(0x40, 1, 0, 0, data) == n
        assert odd.got == data
    rig.close()


def test_slow_devices_behind_hubs():
    """Two hubs deep: a high-speed one that translates, a full-speed one behind it."""
    for multi in (False, True):
        outer, inner = usb_hubs.Hub("high", multi=multi), usb_hubs.Hub("full")
        mouse, keyboard = usb_devices.mouse("low"), usb_devices.keyboard("full")
        fast = usb_devices.tablet("high")
        outer.plug(1, mouse)
        outer.plug(3, inner)
        outer.plug(4, fast)
        inner.plug(2, keyboard)
        rig = Rig({3: outer})
        assert sorted([d.name for d in rig.bus.devices]) == [
            "1-3",
            "1-3.1",
            "1-3.3",
            "1-3.3.2",
            "1-3.4",
        ], rig.log
        for name, model in (("1-3.1", mouse), ("1-3.3.2", keyboard), ("1-3.4", fast)):
            device = [d for d in rig.bus.devices if d.name == name][0]
            t, came = listen(rig, device, length=device.endpoints[0x81].mps)
            for n in range(3):
                model.send(0x81, bytes((n,)) * 4)
                rig.clock.sleep_ms(40)
            assert came == [(0, bytes((n,)) * 4) for n in range(3)], name
        rig.model.unplug(3)
        rig.clock.sleep_ms(50)
        rig.settle()
        assert rig.bus.devices == []
        rig.balanced()
        rig.close()


def test_hand_over_to_companions():
    rig = Rig(
        {1: usb_devices.mouse("low"), 2: usb_devices.keyboard("full"), 3: usb_devices.tablet()}
    )
    assert [d.name for d in rig.bus.devices] == ["1-3"] and rig.warned() == []
    ports = rig.model.ports
    assert [p.handed for p in ports] == [1, 1, 0, 0] and ports[0].resets == 0
    report = rig.c.hub.report()
    assert [line.split("owner ")[1] for line in report] == [
        "companion",
        "companion",
        "EHCI",
        "EHCI",
    ]
    assert report[2].split(": PORTSC")[0] == "port 3" and "CCS=1" in report[2]
    rig.model.unplug(1)
    rig.model.plug(1, usb_devices.keyboard())
    rig.clock.sleep_ms(50)
    rig.settle()
    assert sorted([d.name for d in rig.bus.devices]) == ["1-1", "1-3"]
    rig.close()


def test_no_companion():
    rig = Rig({1: usb_devices.keyboard("full")}, companions=0)
    assert rig.bus.devices == [] and any("no companion" in text for text in rig.warned())
    rig.close()


def test_many_devices_share_the_frames():
    hub = usb_hubs.Hub("high", 7)
    models = [usb_devices.keyboard("low" if n % 2 else "full") for n in range(7)]
    for n in range(7):
        hub.plug(n + 1, models[n])
    rig = Rig({1: hub, 2: usb_devices.tablet(), 3: usb_devices.mouse()})
    assert len(rig.bus.devices) == 10
    budget = rig.c.schedule.budget
    assert max(budget._high) <= 100000
    assert rig.model.lists.most < 8  # not all in one frame
    for slow in budget._slow.values():
        assert 0 < max(slow) <= 125000
    for model in models:
        model.send(0x81, b"\1\2\3\4\5\6\7\x08")
    came = [listen(rig, d)[1] for d in rig.bus.devices if d.speed != "high"]
    rig.clock.sleep_ms(40)
    assert came == [[(0, b"\1\2\3\4\5\6\7\x08")]] * 7
    rig.close()


def test_legacy():
    for legacy in ("lets go", "keeps", "free"):
        rig = Rig(legacy=legacy)
        assert rig.model.config.words[0x64] >> 29 == 7
        assert bool(rig.warned()) == (legacy == "keeps")
        rig.close()


def test_what_cannot_be():
    for at, value in ((0, 0xFFFFFFFF), (0, 0x01000004), (4, 0x1000), (0, 0x22)):
        model = Ehci(Clock())
        model.capabilities[at] = value
        regs = Regs(0x10000000, model.size, 32, "ehci", model)
        cfg = Regs(0x20000000, 0x100, 32, "config", model.config)
        assert raised(OSError, ehci_caps.Caps, regs, cfg, "x", None).errno == 19
    log = []
    model = Ehci(Clock(), legacy="free")
    for eecp in (0x3C, 0x61, 0xFE):
        model.capabilities[8] = eecp << 8
        regs = Regs(0x10000000, model.size, 32, "ehci", model)
        cfg = Regs(0x20000000, 0x100, 32, "config", model.config)
        assert ehci_caps.Caps(regs, cfg, "x", lambda *args: log.append(args)).legacy == 0
    assert len(log) == 3
    model.config.words[0x60] = 0x6002  # a chain that runs in a circle
    model.capabilities[8] = 0x60 << 8
    assert ehci_caps.Caps(regs, cfg, "x", lambda *args: None).legacy == 0
    assert model.writes == 0


def test_nothing_is_walked_without_work():
    rig = Rig({1: usb_storage.Storage()})
    rig.clock.sleep_ms(500)
    assert not rig.model.regs[0] & 0x30 and not usbtask.loop().tasks
    device = rig.device(1)
    assert len(device.control(0x80, 6, 0x0100, 0, 18)) == 18
    assert rig.model.regs[0] & 0x20
    rig.close()
