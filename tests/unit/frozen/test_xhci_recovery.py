"""The xHCI driver on a model, when devices, commands and the controller itself fail."""

import usb_devices
import usbtask
from raising import raised
from usbendpoint import Transfer
from xhci_commands import ENABLE_SLOT
from xhci_model import HSE
from xhci_model_ports import CSC, PLC

from xhci_rig import Rig, commands, listen

AREA = "usb"
EVENT_RING_FULL = 21
HOST_CONTROLLER = 37  # an event's type


def test_a_stall_of_the_default_pipe():
    rig = Rig({2: usb_devices.keyboard("super")})
    device = rig.device(2)
    for _ in range(5):
        assert raised(OSError, device.control, 0x80, 6, 0x7700, 0, 8).errno == 32
        assert device.control(0x80, 6, 0x0100, 0, 18) == device_descriptor(rig, 2)
    assert commands(rig).count("reset-ep") == 5
    rig.close()


def device_descriptor(rig, port):
    return rig.model.ports[port - 1].device.descriptor


def test_a_stalled_endpoint_starts_anew():
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    model.halted.add(0x81)
    t, came = listen(rig, device)
    rig.clock.sleep_ms(5)
    assert came == [(-32, b"")] and t.code == "Stall"
    usbtask.run(t.endpoint.clear_halt())
    assert t.submit() == 0
    model.send(0x81, b"\1\2\3")
    rig.clock.sleep_ms(5)
    assert came[1:] == [(0, b"\1\2\3")]
    assert "dequeue" in commands(rig)
    rig.close()


def test_errors_in_a_row_are_told_ever_later():
    """Reference §6.8: a storm of code 12 starves the host."""
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    model.halted.add(0x81)
    t = Transfer(device.endpoints[0x81], rig.alloc(8), lambda t: t.status != -19 and t.submit())
    t.submit()
    rig.clock.sleep_ms(5000)
    assert 5 < commands(rig).count("reset-ep") < 20
    rig.close()


def test_cancel():
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    t, came = listen(rig, device)
    other = Transfer(device.endpoints[0x81], rig.alloc(8))
    assert other.submit() == 0
    t.cancel()
    t.cancel()
    rig.clock.sleep_ms(5)
    assert came == [(-125, b"")] and other.status == 1
    model.send(0x81, b"\7")
    rig.clock.sleep_ms(5)
    assert other.status == 0 and other.actual == 1
    assert t.submit() == 0
    usbtask.run(rig.c.drain(t.endpoint))
    assert t.status == -125
    rig.close()


def test_a_device_that_never_answers():
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    model.always = "silent"
    assert raised(OSError, device.control, 0x80, 6, 0x0100, 0, 18).errno == 110
    model.always = None
    assert device.control(0x80, 6, 0x0100, 0, 18) == model.descriptor
    rig.close()


def test_commands_without_an_answer_are_tried_again():
    """U26: Enable Slot or Address Device once."""
    for index in (1, 2):
        for fault in ("silent", 4, 5):
            rig = Rig(
                {2: usb_devices.keyboard("super")},
                prepare=lambda model, f={index: fault}: model.commands.update(f),
            )
            assert rig.device(2).address, (index, fault)
            assert len(rig.model.slots.slots) == 1
            rig.close()
            assert not rig.model.slots.slots


def test_a_controller_that_answers_no_more_is_started_anew():
    def deaf(model):
        model.commands = {1: "deaf"}

    rig = Rig({2: usb_devices.keyboard("super")}, prepare=deaf)
    rig.clock.sleep_ms(500)
    rig.settle()
    assert rig.model.hcresets == 2 and rig.c.restarts == 1 and not rig.c.dead
    assert rig.device(2).address == 1
    rig.close()


def test_death_and_life():
    rig = Rig({2: usb_devices.keyboard("super")})
    old = rig.device(2)
    t, came = listen(rig, old)
    rig.model.die(HSE)
    rig.clock.sleep_ms(5)
    assert came == [(-19, b"")] and old.gone and t.submit() == -19
    rig.clock.sleep_ms(500)
    rig.settle()
    new = rig.device(2)
    assert new is not old and new.address == 1
    assert any("died: USBSTS is 0x" in text for text in rig.warned())
    for _ in range(5):
        rig.model.die(HSE)
        rig.clock.sleep_ms(500)
    assert rig.c.dead and rig.c.restarts == 4
    rig.close()


def test_death_as_it_is_started_anew():
    """Each time, and told while a program waits: it is heard of, and the third is the last."""
    rig = Rig({2: usb_devices.keyboard("super")}, quirks={"start_ms": 20})
    control = rig.model.control
    started = []

    def begun(value):
        if value & 1:
            started.append(rig.clock.ticks_ms())
        control(value)

    def dies():
        if started and rig.clock.ticks_ms() == started[-1] + 5:
            rig.model.die(HSE)

    rig.model.control = begun
    rig.clock.on_pass.append(dies)
    rig.model.die(HSE)
    rig.clock.sleep_ms(3000)
    assert rig.c.dead and len(started) == 3 and rig.c.restarts == 4 and not rig.bus.devices
    rig.close()


def test_an_event_that_found_no_room():
    """Of an endpoint's only transfer, which waits without a limit: nothing else would end it."""
    rig = Rig({2: usb_devices.keyboard("super")})
    model = rig.model
    t, came = listen(rig, rig.device(2))
    post = model.event

    def full(*event):
        model.event = post
        post(0, 0, EVENT_RING_FULL << 24, HOST_CONTROLLER)

    model.event = full
    model.ports[1].device.send(0x81, b"\1")
    rig.clock.sleep_ms(500)
    rig.settle()
    assert came == [(-19, b"")] and rig.c.restarts == 1
    assert rig.warned()[0] == "xhci: model: died: the event ring was full"
    t, came = listen(rig, rig.device(2))
    model.ports[1].device.send(0x81, b"\2")
    rig.clock.sleep_ms(20)
    assert came == [(0, b"\2")]
    rig.close()


def test_a_slot_that_came_too_late_is_given_back():
    for kind in (0, 3):  # slot type
        rig = Rig(bus=False)
        command = rig.c.ring.do(ENABLE_SLOT, 0, kind << 16)
        command.given_up = True
        rig.clock.sleep_ms(20)
        assert command.status == -125 and not rig.model.slots.slots
        rig.close()


def test_nothing_is_started_anew_after_its_deinit():
    rig = Rig({2: usb_devices.keyboard("super")}, bus=False)
    rig.c.died("test")
    rig.c.deinit()
    written = len(rig.model.written)
    rig.clock.sleep_ms(500)
    assert rig.model.written[written:] == [] and rig.warned() == ["xhci: model: died: test"]
    rig.close()


def test_a_reset_behind_the_drivers_back():
    """U25."""
    rig = Rig({2: usb_devices.keyboard("super")})
    device = rig.device(2)
    t, came = listen(rig, device)
    rig.model.stray()
    assert raised(OSError, device.control, 0x80, 6, 0x0100, 0, 18).errno in (19, 110)
    rig.clock.sleep_ms(3000)
    rig.settle()
    assert came == [(-19, b"")] and rig.c.restarts == 1
    assert rig.device(2) is not device and rig.device(2).control(0x80, 6, 0x0100, 0, 18)
    assert any("it has halted" in text for text in rig.warned())
    rig.close()


def test_unplugging():
    for _ in range(3):
        keyboard = usb_devices.keyboard("super")
        rig = Rig({2: keyboard})
        t, came = listen(rig, rig.device(2))
        rig.model.unplug(2)
        rig.clock.sleep_ms(20)
        rig.settle()
        assert came == [(-19, b"")] and rig.device(2) is None
        assert not rig.model.slots.slots and not rig.c.slots.used
        rig.model.plug(2, keyboard)
        rig.clock.sleep_ms(200)
        rig.settle()
        assert rig.device(2).address == 1
        rig.close()


def test_unplugged_while_a_change_is_acknowledged():
    rig = Rig({2: usb_devices.keyboard("super")})
    port = rig.model.ports[1]
    acknowledge = port.write

    def write(value):
        if value & PLC:
            port.write = acknowledge
            rig.model.unplug(2)  # no event: a change stands (§4.19.2)
        acknowledge(value)

    port.write = write
    port.change(PLC)
    rig.clock.sleep_ms(300)
    rig.settle()
    assert port.write == acknowledge and rig.device(2) is None
    assert not port.portsc & CSC and not rig.model.slots.slots
    rig.close()


def test_gone_at_every_control_request():
    rig = Rig({2: usb_devices.keyboard("super")})
    whole = rig.model.ports[1].device.count
    rig.close()
    assert whole > 5
    for n in range(whole):
        for fault in ("vanish", "stall", "long"):
            keyboard = usb_devices.keyboard("super")
            keyboard.faults = {n: fault}
            rig = Rig({2: keyboard})
            left = len(rig.model.slots.slots)
            assert left == (0 if rig.device(2) is None else 1), (n, fault)
            rig.close()
            assert not rig.model.slots.slots


def test_retries_reset_a_usb2_port():
    """A device that has taken its address answers no more at 0."""
    for failures in (1, 2):
        keyboard = usb_devices.keyboard("high")
        keyboard.faults = {n: "stall" for n in range(failures)}
        rig = Rig({13: keyboard})
        assert rig.device(1, super=False).address
        assert rig.model.ports[12].resets == 1 + failures
        rig.close()


def test_retries_leave_an_enabled_usb3_port_alone_where_a_reset_hurts():
    """U31.  Elsewhere the last try is with a warm reset: the second finds it at its address."""
    for quirks, variants, warm in (({"no_reset": True}, ("reset-hurts",), 0), ({}, (), 1)):
        keyboard = usb_devices.keyboard("super")
        keyboard.faults = {n: "stall" for n in range(2 - warm)}
        rig = Rig({2: keyboard}, quirks=quirks, variants=variants)
        port = rig.model.ports[1]
        assert rig.device(2).address and not port.hurt
        assert (port.resets, port.warm_resets) == (0, warm)
        rig.close()
