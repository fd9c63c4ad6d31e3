"""The xHCI driver while it has endpoints stopped for something: a configuration, a halt's end."""

import usb_devices
import usb_parallels
import usbtask
from raising import raised
from usbendpoint import Transfer
from xhci_model_rings import Fault

from xhci_rig import Rig, commands, listen

AREA = "usb"


def eager(rig, device, address):
    """A Transfer that is submitted again whatever it ended with; what it ended with."""
    came = []

    def callback(t):
        came.append(t.status)
        assert len(came) < 20
        if t.status != -19:
            assert t.submit() == 0

    t = Transfer(device.endpoints[address], rig.alloc(8), callback)
    assert t.submit() == 0
    return t, came


def test_submitted_again_as_it_ends():
    """It waits for the endpoint, and ends as what comes then says."""
    for again in (
        lambda rig, device: device.interfaces[1].select(0),
        lambda rig, device: rig.c.reset_endpoint(device.endpoints[0x82]),
    ):
        model = usb_parallels.keyboard()
        rig = Rig({2: model})
        device = rig.device(2)
        t, came = eager(rig, device, 0x82)
        usbtask.run(again(rig, device))
        assert came == [-125] and t.status == 1
        model.send(0x82, b"\7")
        rig.clock.sleep_ms(20)
        assert came == [-125, 0] and bytes(t.buffer)[0] == 7
        rig.close()


def test_cancelled_between_stop_and_configuration():
    """No doorbell rings meanwhile, and no command to the endpoint comes in between."""
    model = usb_parallels.keyboard()
    rig = Rig({2: model})
    device = rig.device(2)
    t, came = eager(rig, device, 0x82)
    pipe, slots = t.endpoint.hcd_data, rig.model.slots
    configure, held = slots.configure, []

    def late(*args):
        t.cancel()
        rig.clock.sleep_ms(5)
        held.append(pipe.ring.held)
        return configure(*args)

    slots.configure = late
    del rig.model.log[:]
    usbtask.run(rig.c.reset_endpoint(t.endpoint))
    rig.clock.sleep_ms(20)
    assert held == [True] and came == [-125, -125] and t.status == 1
    assert commands(rig)[:2] == ["stop", "configure"]
    model.send(0x82, b"\7")
    rig.clock.sleep_ms(20)
    assert came[2:] == [0]
    rig.close()


def test_an_endpoint_that_does_not_stop():
    """What was asked for fails, and the endpoint goes on."""
    model = usb_parallels.keyboard()
    rig = Rig({2: model})
    device = rig.device(2)
    t, came = listen(rig, device, 0x82)
    rig.model.commands = {rig.model.slots.count: 5}
    why = raised(OSError, usbtask.run, rig.c.reset_endpoint(t.endpoint))
    assert "Stop Endpoint" in str(why)
    other = Transfer(t.endpoint, rig.alloc(8))
    assert other.submit() == 0
    for data in (b"\1", b"\2"):
        model.send(0x82, data)
    rig.clock.sleep_ms(20)
    assert came == [(0, b"\1")] and other.status == 0
    rig.close()


def test_an_endpoint_that_is_not_added_again():
    rig = Rig({2: usb_parallels.keyboard()})
    t, came = listen(rig, rig.device(2), 0x82)
    rig.model.commands = {rig.model.slots.count + 1: 8}
    assert raised(OSError, usbtask.run, rig.c.reset_endpoint(t.endpoint)).errno == 28
    assert came == [(-125, b"")] and t.submit() == -19
    rig.close()


def test_two_failures_before_the_first_is_mended():
    """Where the first does not halt the endpoint."""
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    rig.model.slots.slots[1].pipes[3].halts = ()
    real, codes = model.read, [4, 12]

    def read(*args):
        if not codes:
            model.read = real
            return real(*args)
        raise Fault(codes.pop(0))

    t = Transfer(device.endpoints[0x81], rig.alloc(8))
    other = Transfer(t.endpoint, rig.alloc(8))
    assert t.submit() == 0 and other.submit() == 0
    model.read = read
    rig.clock.sleep_ms(20)
    assert not codes and (t.status, other.status) == (-71, -5), (codes, t.status, other.status)
    assert t.submit() == 0
    model.send(0x81, b"\7")
    rig.clock.sleep_ms(20)
    assert t.status == 0
    rig.close()


def test_an_endpoint_that_was_given_up_is_added_again():
    model = usb_parallels.keyboard()
    rig = Rig({2: model})
    device = rig.device(2)
    t, came = listen(rig, device, 0x82)
    model.send(0x82, b"\1")
    rig.clock.sleep_ms(20)
    rig.model.commands = {rig.model.slots.count + 1: 5}
    t.cancel()  # Stop Endpoint, then Set TR Dequeue Pointer, which fails
    rig.clock.sleep_ms(20)
    assert [status for status, _ in came] == [0, -125] and t.submit() == -19
    usbtask.run(device.interfaces[1].select(0))
    t, came = listen(rig, device, 0x82)
    model.send(0x82, b"\2")
    rig.clock.sleep_ms(20)
    assert came == [(0, b"\2")]
    rig.close()


def test_two_configurations_at_once():
    """Each has the input context until its command is done."""
    model = usb_parallels.keyboard()
    rig = Rig({2: model}, variants=("late",))
    device = rig.device(2)
    del rig.model.log[:]
    came = [eager(rig, device, address)[1] for address in (0x81, 0x82)]
    for address in (0x81, 0x82):
        usbtask.start(rig.c.reset_endpoint(device.endpoints[address]))
    rig.clock.sleep_ms(20)
    assert came == [[-125], [-125]] and commands(rig) == ["stop", "configure"] * 2
    model.send(0x81, b"\1")
    model.send(0x82, b"\2")
    rig.clock.sleep_ms(20)
    assert came == [[-125, 0], [-125, 0]]
    rig.close()
