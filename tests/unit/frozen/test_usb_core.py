"""usbcore on scripted devices: what comes, is taken in, and goes."""

import dma
import usb_devices
import usb_hubs
import usb_parallels
import usb_serial
import usb_storage
import usbtask
from usb_hcd import Rig
from usbendpoint import Endpoint, Transfer

AREA = "usb"


def test_keyboard_and_super_mouse():
    k = usb_devices.keyboard()
    rig = Rig({1: k}, {2: usb_devices.mouse("super")})
    rig.settle()
    assert rig.texts() == [
        "usb: 2-2: 0627:0001 super QEMU QEMU USB Mouse",
        "usb: 1-1: 0627:0001 high QEMU QEMU USB Keyboard",
    ]
    assert [entry[1:3] for entry in k.log[:5]] == [(6, 256), (6, 256), (6, 512), (6, 512), (9, 1)]
    assert rig.hcd.usb3.resets == [] and rig.hcd.usb2.resets == [(1, False)]
    assert rig.clock.ticks_ms() < 180  # 100 until it rests, 50 reset, 10 recovery
    rig.balanced(2)
    rig.close()


def test_what_parallels_and_others_have():
    supers = {1: usb_parallels.mouse(), 2: usb_parallels.keyboard(), 4: usb_parallels.camera()}
    rig = Rig({1: usb_serial.Serial(), 2: usb_storage.Storage()}, supers)
    rig.settle()
    assert sorted([d.id for d in rig.bus.devices]) == [
        "1209:0001",
        "203a:fff9",
        "203a:fffb",
        "203a:fffc",
        "46f4:0001",
    ]
    assert rig.texts(6) == []
    mouse, camera = supers[1], rig.bus.devices[2]
    # As stock Linux, but for what only isochronous pipes or power management want (§6.5).
    assert [entry[:3] for entry in mouse.log[:5]] == [
        (0x80, 6, 0x100),
        (0x80, 6, 0x100),
        (0x80, 6, 0x200),
        (0x80, 6, 0x200),
        (0, 9, 1),
    ]
    assert rig.hcd.usb3.resets == []  # none that is enabled
    device = rig.bus.devices[0]
    assert sorted([e.dci for e in device.endpoints.values()]) == [3, 5]
    assert [e.interval_us for e in device.endpoints.values()] == [1000, 1000]
    assert [i.number for i in camera.interfaces] == [0, 1]
    assert camera.interfaces[1].endpoints[0].burst == 15
    assert camera.interfaces[0].association.count == 2
    pipe = Endpoint(camera, 0x83, "isochronous", 64)
    camera.endpoints[0x83] = pipe
    buffer = dma.alloc(64)
    assert Transfer(pipe, buffer).submit() == -22
    buffer.free()
    del camera.endpoints[0x83]
    rig.balanced(5)
    rig.close()


def test_what_is_not_supported_is_named():
    e = usb_devices.endpoint
    parts = [e(0x81, 2, 1024), usb_devices.companion(0, 4), e(0x02, 2, 1024)]
    parts += [usb_devices.companion(0, 4), e(0x83, 1, 1024, 1), usb_devices.companion()]
    uas = usb_devices.interface(0, 8, 6, 0x62, *parts)
    descriptor = usb_devices.device_descriptor(0x1209, 9, "super")
    device = usb_devices.Device("super", descriptor, [usb_devices.configuration(uas)])
    rig = Rig({}, {1: device})
    rig.settle()
    said = [text for text in rig.texts() if "no use" in text]
    assert said == [
        "usb: 2-1: no use is made of its isochronous endpoints",
        "usb: 2-1: no use is made of its streams",
    ]
    assert rig.bus.devices[0].endpoints[0x81].max_streams == 4
    rig.close()


def test_hubs_four_deep():
    mouse = usb_devices.mouse("low")
    inner = mouse
    hubs = []
    for n in range(4):
        hub = usb_hubs.Hub("high", 4, n % 2 == 0)
        hub.plug(n + 1, inner)
        hubs.append(hub)
        inner = hub
    rig = Rig({3: inner})
    rig.settle()
    last = rig.bus.devices[-1]
    assert last.name == "1-3.4.3.2.1" and last.route == 0x1234 and last.depth == 4
    assert last.tt == (last.parent, 1) and last.parent.tt is None
    assert rig.hcd.calls.count("as_hub") == 4
    assert rig.texts(6) == []
    hubs[2].unplug(3)  # with two hubs and the mouse behind it
    rig.settle(50)
    assert [d.name for d in rig.bus.devices] == ["1-3", "1-3.4"]
    assert len(rig.hcd.slots) == 2
    hubs[2].plug(3, hubs[1])
    rig.settle(50)
    assert len(rig.bus.devices) == 5
    rig.hcd.usb2.unplug(3)
    rig.settle(50)
    rig.balanced()
    rig.close()


def test_more_hubs_than_usb_allows():
    inner = usb_devices.mouse()
    for _ in range(7):
        hub = usb_hubs.Hub("high")
        hub.plug(1, inner)
        inner = hub
    rig = Rig({1: inner})
    rig.settle()
    assert len(rig.bus.devices) == 6 and "too many hubs" in rig.texts(4)[-1]
    rig.close()


def test_super_speed_hubs():
    outer, inner = usb_hubs.Hub("super"), usb_hubs.Hub("super")
    outer.plug(4, inner)
    inner.plug(2, usb_parallels.keyboard())
    rig = Rig({}, {1: outer})
    rig.settle()
    assert [d.name for d in rig.bus.devices] == ["2-1", "2-1.4", "2-1.4.2"]
    assert (outer.depth, inner.depth) == (0, 1) and inner.resets == outer.resets == []
    rig.close()


def test_a_hub_whose_ports_have_too_much_current():
    hub = usb_hubs.Hub("high")
    hub.plug(2, usb_devices.mouse())
    rig = Rig({1: hub})
    rig.settle()
    hub.overcurrent(2, True)
    rig.settle(50)
    assert len(rig.bus.devices) == 1 and "usb: 1-1.2: over-current" in rig.texts()
    hub.overcurrent(2, False)
    rig.settle(50)
    assert len(rig.bus.devices) == 2
    hub.own = 2 | 2 << 16
    hub.wake(0x81)
    rig.settle(50)
    assert "usb: 1-1: over-current" in rig.texts() and hub.own == 2
    rig.close()


def test_one_device_at_a_time_without_an_address():
    rig = Rig({n: usb_devices.keyboard() for n in (1, 2, 3, 4)}, shared_address0=True)
    rig.settle()
    assert len(rig.bus.devices) == 4 and rig.clock.ticks_ms() >= 100 + 4 * 61
    rig.close()
    rig = Rig({n: usb_devices.keyboard() for n in (1, 2, 3, 4)})
    rig.settle()
    assert len(rig.bus.devices) == 4 and rig.clock.ticks_ms() < 180  # side by side
    rig.close()


def test_reports_allocate_nothing_and_requests_take_turns():
    k = usb_devices.keyboard()
    rig = Rig({1: k})
    rig.settle()
    device = rig.bus.devices[0]
    endpoint = device.interfaces[0].endpoint("interrupt", True)
    seen = []

    def report(transfer):
        seen.append(bytes(transfer.buffer[: transfer.actual]))
        if transfer.status == 0:
            transfer.submit()

    buffer = dma.alloc(8)
    t = Transfer(endpoint, buffer, report)
    assert t.submit() == 0 and t.submit() == -16
    k.send(0x81, b"\0\0\x04\0\0\0\0\0")
    k.send(0x81, bytes(8))
    rig.clock.sleep_ms(3)
    assert seen == [b"\0\0\x04\0\0\0\0\0", bytes(8)]
    # A control transfer in the foreground while others are under way from the background.
    tasks = [usbtask.start(device.request(0x80, 8, 0, 0, 1)) for _ in range(5)]
    assert device.control(0x80, 8, 0, 0, 1) == b"\x01"
    assert [task.actual for task in tasks] == [b"\x01"] * 5
    t.cancel()
    assert t.status == -125
    k.halted.add(0x81)
    t.callback = None
    t.submit()
    rig.clock.sleep_ms(2)
    assert t.status == -32 and t.code == "Stall"
    usbtask.run(endpoint.clear_halt())
    assert t.submit() == 0
    rig.hcd.usb2.unplug(1)
    rig.clock.sleep_ms(20)
    assert t.status == -19 and t.submit() == -19
    buffer.free()
    rig.close()


def test_long_descriptors_and_alternate_settings():
    part = usb_devices.interface
    bulk = usb_devices.endpoint
    extra = b"".join([bytes((255, 0x24)) + bytes(253) for _ in range(20)])
    config = usb_devices.configuration(
        part(0, 0xFF, 0, 0, bulk(0x81, 2, 512), extra),
        part(0, 0xFF, 0, 1, bulk(0x81, 2, 512), bulk(0x02, 2, 512), alternate=1),
    )
    model = usb_devices.Device(
        "high", usb_devices.device_descriptor(1, 2, "high"), [config], {1: "a", 2: "b", 3: "c"}
    )
    rig = Rig({1: model})
    rig.settle()
    device = rig.bus.devices[0]
    i = device.interfaces[0]
    assert (
        len(device.config.raw) > 5000 and len(i.extra) == 0 and sorted(device.endpoints) == [129]
    )
    assert len(i.endpoints[0].extra) == 20
    usbtask.run(i.select(1))
    assert sorted(device.endpoints) == [2, 129] and model.alternates == {0: 1}
    try:
        usbtask.run(i.select(7))
        raise AssertionError
    except OSError as why:
        assert why.errno == 22
    rig.close()


def test_submitting_and_ending_allocate_nothing():
    import micropython

    class Fast:
        """A controller that ends a transfer when it is told to."""

        capture = None
        submitted = 0

        def submit(self, transfer):
            self.submitted += 1
            return 0

    class Device:
        gone = False
        hcd = Fast()
        speed = "high"

    ended = [0]

    def callback(transfer):
        ended[0] += 1
        transfer.submit()

    t = Transfer(Endpoint(Device, 0x81, "interrupt", 8), dma.alloc(8), callback)
    t.submit()
    micropython.heap_lock()
    try:
        for _ in range(1000):
            t.finish(0, 8, "Success")
    finally:
        micropython.heap_unlock()
    assert ended[0] == 1000 and Device.hcd.submitted == 1001


def test_ctrl_c_in_the_middle_of_taking_in():
    for ms in (20, 101, 130, 155, 163):
        rig = Rig({1: usb_devices.keyboard()})
        hits = []

        def interrupt():
            if rig.clock.us >= 1000 * ms and not hits:
                hits.append(ms)
                raise KeyboardInterrupt

        # In the middle of the port's own generator, which is where it hurts.
        for name in ("attach", "configure"):
            original = getattr(rig.hcd, name)

            def broken(*args, original=original):
                yield from original(*args)
                interrupt()

            setattr(rig.hcd, name, broken)
        try:
            rig.settle()
            rig.settle()
        except KeyboardInterrupt:
            rig.settle()
        assert len(rig.bus.devices) == 1 and len(rig.hcd.slots) == 1, (ms, rig.log)
        rig.close()
