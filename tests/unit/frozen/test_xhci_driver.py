"""The xHCI driver on a model of Parallels' controller, with the core above it."""

import dma
import usb_devices
import usb_storage
import usbtask
import xhci
from raising import raised, raises
from usbendpoint import Transfer

from xhci_rig import Rig, Timer, commands, listen

AREA = "usb"
_FAST = ("msi-clears-ip", "reset-hurts", "changes-hurt")


def test_a_keyboard_on_parallels():
    for variants in ((), _FAST):
        keyboard = usb_devices.keyboard("super")
        rig = Rig({2: keyboard}, variants=variants)
        device = rig.device(2)
        assert device.address == 1 and device.id == "0627:0001" and device.speed == "super"
        assert commands(rig) == ["no-op", "enable", "address", "configure"]
        assert rig.model.ports[1].resets == 0 and rig.model.ports[1].portsc == 0x1203
        t, came = listen(rig, device)
        keyboard.send(0x81, b"\0\0\4\0\0\0\0\0")
        keyboard.send(0x81, bytes(8))
        rig.clock.sleep_ms(3)
        assert came == [(0, b"\0\0\4\0\0\0\0\0"), (0, bytes(8))]
        assert not rig.warned()
        rig.close()


def test_bring_up_writes_what_linux_writes():
    """Reference §6.5 and the recipe of §6.8, steps 5 to 12."""
    rig = Rig({1: usb_devices.mouse("super"), 2: usb_devices.keyboard("super")}, bus=False)
    model = rig.model
    names = {0x38: "CONFIG", 0x14: "DNCTRL", 0x30: "DCBAAP", 0x34: "DCBAAP+", 0x18: "CRCR"}
    names.update({0x1C: "CRCR+", 0: "USBCMD", 4: "USBSTS", 0x400: "PORTSC1", 0x410: "PORTSC2"})
    runtime = {0x20: "IMAN", 0x24: "IMOD", 0x28: "ERSTSZ", 0x30: "ERSTBA", 0x34: "ERSTBA+"}
    runtime.update({0x38: "ERDP", 0x3C: "ERDP+"})
    said = []
    for off, value in model.written:
        if off >= model.dboff:
            said.append(("doorbell", off - model.dboff))
        elif off >= model.rtsoff:
            said.append((runtime[off - model.rtsoff], value))
        else:
            said.append((names[off - 0x20], value))
    order = [name for name, _ in said]
    assert order[:2] == ["USBCMD", "USBCMD"] and said[1][1] == 2
    begun = "CONFIG DNCTRL DCBAAP DCBAAP+ CRCR CRCR+ IMOD ERSTSZ ERDP ERDP+ ERSTBA ERSTBA+ IMAN"
    assert order[2:15] == begun.split()
    assert order[15:17] == ["USBSTS", "USBCMD"] and said[16][1] == 5
    assert order[17:20] == ["PORTSC1", "PORTSC2", "doorbell"], order
    values = dict(said)
    assert values["CONFIG"] == 32 and values["DNCTRL"] == 2 and values["IMOD"] == 160
    assert values["PORTSC1"] & 2 == 0 and values["CRCR"] & 63 == 1 and values["IMAN"] & 2
    assert [p.portsc for p in model.ports[:3]] == [0x1203, 0x1203, 0x2A0]
    rig.close()


def test_endpoint_context_is_what_linux_writes():
    """Reference §6.4: interval 3, 64 bytes, CErr 3."""
    keyboard = usb_devices.keyboard("super")
    report = usb_devices.BOOT_KEYBOARD
    part = usb_devices.endpoint(0x81, 3, 64, 4) + usb_devices.companion(0, 0, 64)
    keyboard.configs = [
        usb_devices.configuration(
            usb_devices.interface(0, 3, 1, 1, usb_devices.hid(len(report)), part)
        )
    ]
    rig = Rig({2: keyboard})
    words = rig.model.slots.slots[1].pipes[3].words
    assert (words[0], words[1], words[4]) == (0x00030000, 0x0040003E, 0x00400040)
    rig.close()


def test_a_port_of_usb_2_is_reset_once():
    for speed in ("low", "full", "high"):
        rig = Rig({13: usb_devices.keyboard(speed)})
        device = rig.device(1, super=False)
        assert device.speed == speed and rig.model.ports[12].resets == 1
        assert rig.model.ports[12].portsc & 0x7F << 17 == 0
        rig.close()


def test_the_packet_size_of_a_slow_device():
    keyboard = usb_devices.keyboard("full")
    keyboard.descriptor = keyboard.descriptor[:7] + b"\x10" + keyboard.descriptor[8:]
    rig = Rig({13: keyboard})
    assert "evaluate" in commands(rig)
    assert rig.model.slots.slots[1].pipes[1].mps == 16
    rig.close()


def test_wide_contexts_and_scratchpads():
    rig = Rig({1: usb_devices.mouse("super")}, csz=True, scratchpads=3)
    assert rig.device(1).address == 1
    buf, at = dma.find(rig.model.dcbaap, 8)
    pages, at = dma.find(int.from_bytes(buf[at : at + 8], "little"), 24)
    for n in range(3):
        page = int.from_bytes(pages[at + 8 * n : at + 8 * n + 8], "little")
        assert page % 4096 == 0 and dma.find(page, 4096)
    rig.close()


def test_polled_where_there_is_no_line():
    rig = Rig({2: usb_devices.keyboard("super")}, interrupts=False)
    assert rig.c.line is None and Timer.made[0].period >= 20
    assert not rig.model.command & 4  # INTE
    t, came = listen(rig, rig.device(2))
    rig.model.ports[1].device.send(0x81, bytes(8))
    rig.clock.sleep_ms(2)
    assert not came
    Timer.made[0].callback(None)
    assert came == [(0, bytes(8))]
    rig.close()


def test_registers_are_left_alone():
    """U27: polled no more than 50 times a second, with an interrupt not at all."""
    for interrupts in (True, False):
        rig = Rig({2: usb_devices.keyboard("super")}, interrupts=interrupts)
        t, came = listen(rig, rig.device(2))
        before = rig.model.reads
        for _ in range(50):
            rig.clock.sleep_ms(20)
            for timer in Timer.made:
                timer.callback(timer)
        assert rig.model.reads - before <= (0 if interrupts else 51)
        rig.close()


def test_polled_where_no_interrupt_comes():
    def deaf(model):
        model.interrupt = lambda: None

    rig = Rig({2: usb_devices.keyboard("super")}, prepare=deaf)
    assert rig.c.line is None and len(Timer.made) == 1 and rig.place.released == 1
    assert not rig.model.command & 4
    assert rig.warned() == ["xhci: model: no interrupt comes on INTID 40: polled"]
    assert rig.device(2).address == 1
    rig.close()


def test_td_sizes_of_a_controller_before_1_0():
    """§4.11.2.4: until then in KiB, this TRB's included."""
    for version in (0x96, 0x100, 0x110):

        def prepare(model):
            model.version = version

        rig = Rig({2: usb_storage.Storage(speed="super")}, prepare=prepare)
        device = rig.device(2)
        out = [e for e in device.endpoints.values() if not e.is_in][0]
        pipe = out.hcd_data
        pipe.ring.held = True
        t = Transfer(out, rig.alloc(8192))
        assert t.submit() == 0
        status = pipe.ring.history()[0][3]
        packets = (t.length - (status & 0x1FFFF) + out.mps - 1) // out.mps
        assert status >> 17 & 31 == (8 if version < 0x100 else packets), version
        rig.close()


def test_what_does_not_start_is_undone():
    for stuck, said in (("reset", "reset does not end"), ("start", "does not start")):

        def break_it(model, stuck=stuck):
            model.stuck = stuck

        why = raised(OSError, Rig, (), True, break_it)
        assert said in str(why) and "USBSTS" in str(why)
        assert dma.stats()[0] == 0

    def leave(model):
        model.commands = {0: "silent"}

    assert "a command has no answer" in raises(OSError, Rig, (), True, leave)
    assert dma.stats()[0] == 0


def test_isochronous_endpoints_are_refused_by_name():
    rig = Rig({2: usb_devices.keyboard("super")})
    device = rig.device(2)
    endpoint = device.endpoints[0x81]
    endpoint.kind = "isochronous"
    why = raised(OSError, usbtask.run, rig.c.configure(device, [endpoint]))
    assert why.errno == 95 and "endpoint 0x81 is isochronous" in str(why)
    rig.close()


def test_endpoints_are_dropped_without_deconfiguring():
    rig = Rig({2: usb_devices.keyboard("super")})
    device = rig.device(2)
    endpoint = device.endpoints[0x81]
    t, came = listen(rig, device)
    usbtask.run(rig.c.configure(device, []))  # the model fails at DC=1
    assert came == [(-125, b"")] and t.submit() == -19
    usbtask.run(rig.c.configure(device, [endpoint]))
    assert t.submit() == 0
    rig.model.ports[1].device.send(0x81, b"\5")
    rig.clock.sleep_ms(3)
    assert came[1] == (0, b"\5")
    rig.close()


def test_reset_of_a_device():
    rig = Rig({13: usb_devices.keyboard("high")})
    device = rig.device(1, super=False)

    def again():
        hub = device.root
        yield from hub.reset(device.root_port, force=True)
        yield from rig.c.reset_device(device)
        yield from rig.c.configure(device, list(device.endpoints.values()))
        yield from device.request(0, 9, 1)

    usbtask.run(again())
    assert rig.model.ports[12].resets == 2 and "reset-device" in commands(rig)
    t, came = listen(rig, device)
    rig.model.ports[12].device.send(0x81, b"\1")
    rig.clock.sleep_ms(3)
    assert came == [(0, b"\1")]
    rig.close()


def test_ports_that_do_not_come_up():
    for fault, said in (("stuck", "reset does not end"), ("disabled", "did not enable it")):
        rig = Rig(bus=False)
        hub = rig.c.roothubs[1]
        rig.model.resets = {13: fault}
        rig.model.plug(13, usb_devices.keyboard("high"))
        assert said in raises(OSError, usbtask.run, hub.reset(1))
        rig.close()
    rig = Rig(bus=False)
    hub = rig.c.roothubs[0]
    assert "nothing is connected" in raises(OSError, usbtask.run, hub.reset(3))
    rig.model.plug(3, usb_devices.keyboard("super"))
    usbtask.run(hub.reset(3, True))
    assert rig.model.ports[2].warm_resets == 1 and rig.model.ports[2].portsc == 0x1203
    rig.close()


def test_deinit_leaves_the_controller_reset():
    rig = Rig({2: usb_devices.keyboard("super")})
    t, came = listen(rig, rig.device(2))
    rig.close()
    assert came == [(-19, b"")] and rig.model.hcresets == 2
    assert rig.place.released >= 1
    assert xhci.Controller.shared_address0 is False
