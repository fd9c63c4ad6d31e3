"""The EHCI driver on a model, when devices fail and transfers are cancelled."""

import usb_devices
import usb_hubs
import usb_storage
import usbtask
from raising import raised
from usbendpoint import Transfer

from ehci_rig import Rig, listen

AREA = "usb"


def test_stalls_of_the_default_pipe():
    rig = Rig({2: usb_devices.keyboard()})
    device = rig.device(2)
    for _ in range(5):
        assert raised(OSError, device.control, 0x80, 6, 0x7700, 0, 8).errno == 32
        assert device.control(0x80, 6, 0x0100, 0, 18) == rig.model.ports[1].device.descriptor
    rig.close()


def test_a_stalled_endpoint_starts_anew():
    rig = Rig({2: usb_devices.keyboard()})
    device, model = rig.device(2), rig.model.ports[1].device
    t, came = listen(rig, device)
    model.send(0x81, b"\1")
    rig.clock.sleep_ms(20)
    model.halted.add(0x81)
    rig.clock.sleep_ms(20)
    assert came[1:] == [(-32, b"")] and t.code == "Stall"
    usbtask.run(t.endpoint.clear_halt())  # the toggle is 0 again: the model knows
    assert t.submit() == 0
    model.send(0x81, b"\1\2\3")
    rig.clock.sleep_ms(20)
    assert came[2:] == [(0, b"\1\2\3")]
    rig.close()


def test_what_goes_wrong_on_the_bus():
    """Status bits of the token, and what the transfer ends with; the others behind it end, too."""
    for bits, number, code in (
        (8, 71, "Transaction Error"),
        (0x20, 5, "Data Buffer Error"),
        (4, 71, "Missed Micro-Frame"),
        (0x10, 75, "Babble"),
    ):
        rig = Rig({1: usb_storage.Storage()})
        device, model = rig.device(1), rig.model.ports[0].device
        ts = [Transfer(device.endpoints[0x81], rig.alloc(512)) for _ in range(3)]
        for t in ts:
            assert t.submit() == 0
        rig.model.trouble[model, 0x81] = bits
        rig.clock.sleep_ms(30)
        assert [t.status for t in ts] == [-number, -125, -125] and ts[0].code == code
        rig.model.trouble.clear()
        assert ts[0].submit() == 0
        ts[0].cancel()
        rig.clock.sleep_ms(30)
        assert ts[0].status == -125
        rig.close()


def test_errors_in_a_row_are_told_ever_later():
    rig = Rig({2: usb_devices.keyboard()})
    device, model = rig.device(2), rig.model.ports[1].device
    rig.model.trouble[model, 0x81] = 8
    ends = []

    def again(t):
        ends.append(t.status)
        if t.status != -19:
            t.submit()

    Transfer(device.endpoints[0x81], rig.alloc(8), again).submit()
    rig.clock.sleep_ms(5000)
    assert 5 < len(ends) < 25
    rig.close()


def test_cancel():
    rig = Rig({2: usb_devices.keyboard()})
    device, model = rig.device(2), rig.model.ports[1].device
    t, came = listen(rig, device)
    others = [Transfer(device.endpoints[0x81], rig.alloc(8)) for _ in range(3)]
    for other in others:
        assert other.submit() == 0
    others[1].cancel()  # in the middle
    t.cancel()
    t.cancel()
    rig.clock.sleep_ms(20)
    assert came == [(-125, b"")] and [o.status for o in others] == [1, -125, 1]
    for n in (7, 8):
        model.send(0x81, bytes((n,)))
    rig.clock.sleep_ms(40)
    assert [(o.status, bytes(o.buffer)[0]) for o in (others[0], others[2])] == [(0, 7), (0, 8)]
    assert t.submit() == 0
    usbtask.run(rig.c.drain(t.endpoint))
    assert t.status == -125
    rig.close()


def test_cancel_in_the_middle_keeps_what_came():
    """Some packets have: they are counted, and the toggle goes on where it was."""
    disk = usb_storage.Storage()
    rig = Rig({1: disk})
    device = rig.device(1)
    queue = [bytes([n] * 512) for n in range(7)]
    disk.data_in = lambda endpoint, length: queue.pop(0) if queue else None
    t = Transfer(device.endpoints[0x81], rig.alloc(20000))
    behind = Transfer(device.endpoints[0x81], rig.alloc(512))
    assert t.submit() == 0 and behind.submit() == 0
    rig.clock.sleep_ms(5)
    t.cancel()
    rig.clock.sleep_ms(20)
    assert (t.status, t.actual) == (-125, 7 * 512) and behind.status == 1
    assert bytes(t.buffer[3072:3073]) == b"\6"
    queue.append(b"\x55" * 512)
    rig.clock.sleep_ms(5)
    assert behind.status == 0 and bytes(behind.buffer) == b"\x55" * 512
    # The one behind it is cancelled while the first is half done: that one goes on.
    assert t.submit() == 0 and behind.submit() == 0
    queue.extend([b"\x11" * 512] * 3)
    rig.clock.sleep_ms(5)
    behind.cancel()
    rig.clock.sleep_ms(20)
    queue.extend([b"\x22" * 512] * 36 + [b"\x33" * 32])
    rig.clock.sleep_ms(20)
    assert (t.status, t.actual, behind.status) == (0, 39 * 512 + 32, -125)
    assert bytes(t.buffer[: t.actual]) == b"\x11" * 1536 + b"\x22" * 36 * 512 + b"\x33" * 32
    rig.close()


def test_a_device_that_never_answers():
    rig = Rig({2: usb_devices.keyboard()})
    device, model = rig.device(2), rig.model.ports[1].device
    model.always = "silent"
    assert raised(OSError, device.control, 0x80, 6, 0x0100, 0, 18).errno == 110
    model.always = None
    assert device.control(0x80, 6, 0x0100, 0, 18) == model.descriptor
    rig.close()


def test_enumeration_with_a_fault_at_every_request():
    for fault in ("stall", "silent", "long", "changed", "vanish"):
        for n in range(9):
            keyboard = usb_devices.keyboard()
            keyboard.faults = {n: fault}
            rig = Rig({2: keyboard})
            rig.clock.sleep_ms(30)
            rig.settle()
            if fault == "vanish":
                assert rig.bus.devices == [] or keyboard.count <= n
            if rig.bus.devices == []:
                rig.balanced()
            rig.close()


def test_translators_are_told_of_what_was_cut_off():
    class Told(usb_hubs.Hub):
        def class_request(self, kind, request, value, index, length, data):
            if (kind, request) == (0x23, 8):
                cleared.append((value, index))
                return b""
            return super().class_request(kind, request, value, index, length, data)

    cleared = []
    hub, disk = Told("high"), usb_storage.Storage(speed="full")
    hub.plug(3, disk)
    rig = Rig({1: hub})
    device = [d for d in rig.bus.devices if d.name == "1-1.3"][0]
    t = Transfer(device.endpoints[0x81], rig.alloc(512))
    assert t.submit() == 0
    rig.model.trouble[disk, 0x81] = 8
    rig.clock.sleep_ms(50)
    assert t.status == -71 and cleared == [(1 | device.address << 4 | 2 << 11 | 1 << 15, 1)]
    rig.model.trouble.clear()
    disk.halted.add(0x81)
    assert t.submit() == 0
    rig.clock.sleep_ms(50)
    assert t.status == -32 and len(cleared) == 1  # a stall is the translator's answer
    rig.close()


def test_gone_while_it_is_configured():
    """Old endpoints are taken from hardware first; what is unplugged then gets no new ones."""
    rig = Rig({1: usb_storage.Storage()})
    device = rig.device(1)
    endpoints = list(device.endpoints.values())
    usbtask.run(rig.c.configure(device, endpoints[:1]))
    rig.model.stuck = "bell"
    task = usbtask.start(rig.c.configure(device, endpoints[1:]))
    rig.model.unplug(1)
    rig.clock.sleep_ms(50)
    assert rig.c.schedule.ringing and device.gone
    rig.model.stuck = None
    rig.clock.sleep_ms(50)
    rig.settle()
    assert task.error.errno == 19
    rig.balanced()
    rig.close()


def test_two_begin_an_endpoint_anew():
    """And a transfer is cancelled meanwhile: the queue head is in its list once."""
    rig = Rig({1: usb_storage.Storage(), 2: usb_devices.keyboard()})
    for port in (1, 2):
        endpoint = rig.device(port).endpoints[0x81]
        t = Transfer(endpoint, rig.alloc(8))
        tasks = [usbtask.start(rig.c.reset_endpoint(endpoint)) for _ in range(2)]
        assert t.submit() == 0
        t.cancel()
        rig.clock.sleep_ms(50)
        assert [task.status for task in tasks] == [0, 0] and t.status == -125
        assert t.submit() == 0
        rig.clock.sleep_ms(20)
        t.cancel()
        rig.clock.sleep_ms(20)
        assert t.status == -125 and not endpoint.hcd_data.mending
    assert rig.c.schedule._periodic.count(rig.device(2).endpoints[0x81].hcd_data) == 1
    rig.close()
