"""What devices look like to an xHCI controller: Parallels' own, and those behind hubs."""

import struct

import usb_devices
import usb_hubs
import usb_parallels
import usbtask
from raising import raised

from xhci_rig import Rig, commands, listen

AREA = "usb"
_ALL = ("msi-clears-ip", "reset-hurts", "changes-hurt")


def slot_context(rig, device):
    """Its first three dwords, and the slot's id."""
    buf, at = rig.model.slots.output(device.hcd_data.id)
    return struct.unpack_from("<3I", buf, at)


def test_what_parallels_has():
    mouse, keyboard = usb_parallels.mouse(), usb_parallels.keyboard()
    devices = {1: mouse, 2: keyboard, 3: usb_parallels.camera()}
    for variants in ((), _ALL):
        for device in devices.values():
            device.reset()
        rig = Rig(devices, variants=variants)
        assert [rig.device(n).address for n in (1, 2, 3)] == [1, 2, 3] or sorted(
            rig.device(n).address for n in (1, 2, 3)
        ) == [1, 2, 3]
        assert not any(p.resets for p in rig.model.ports)
        board = rig.device(2)
        assert slot_context(rig, board)[0] >> 27 == 5  # Context Entries, as Linux
        words = rig.model.slots.slots[board.hcd_data.id].pipes[5].words
        assert (words[0], words[1], words[4]) == (0x00030000, 0x0040003E, 0x00400040)
        t, came = listen(rig, board, 0x82, 64)
        keyboard.send(0x82, b"\1\0\4\0\0\0\0\0\0")
        rig.clock.sleep_ms(3)
        assert came == [(0, b"\1\0\4\0\0\0\0\0\0")]
        assert not [text for text in rig.warned() if "isochronous" not in text]
        assert "evaluate" not in commands(rig)
        rig.close()


def test_a_slow_device_behind_a_fast_hub():
    hub = usb_hubs.Hub("high", 4)
    rig = Rig({13: hub})
    above = rig.device(1, super=False)
    assert above.ports is not None, rig.log
    hub.plug(2, usb_devices.keyboard("full"))
    rig.clock.sleep_ms(500)
    rig.settle()
    below = above.ports.children[2]
    words = slot_context(rig, below)
    assert words[0] & 0xFFFFF == 2 and words[0] >> 20 & 15 == 1
    assert words[1] >> 16 & 0xFF == 13
    assert words[2] & 0xFFFF == above.hcd_data.id | 2 << 8
    words = slot_context(rig, above)
    assert words[0] >> 26 & 1 and words[1] >> 24 == 4
    t, came = listen(rig, below)
    hub.plugged_in[2].send(0x81, b"\5")
    rig.clock.sleep_ms(30)
    assert came == [(0, b"\5")]
    hub.unplug(2)
    rig.clock.sleep_ms(500)
    rig.settle()
    assert came[1][0] in (-19, -71) and list(rig.c.slots.used) == [above.hcd_data.id]
    rig.close()


def test_three_hubs_deep():
    hubs = [usb_hubs.Hub("super", 4) for _ in range(3)]
    rig = Rig({4: hubs[0]})
    last = usb_devices.mouse("super")
    for n, device in enumerate((hubs[1], hubs[2], last)):
        hubs[n].plug(n + 1, device)
        rig.clock.sleep_ms(1000)
        rig.settle()
    assert len(rig.bus.devices) == 4, rig.log
    deep = [d for d in rig.bus.devices if d.depth == 3][0]
    words = slot_context(rig, deep)
    assert words[0] & 0xFFFFF == 0x321 and words[1] >> 16 & 0xFF == 4 and not words[2]
    rig.model.unplug(4)
    rig.clock.sleep_ms(1000)
    rig.settle()
    assert not rig.bus.devices and not rig.model.slots.slots
    rig.close()


def test_an_interface_that_is_switched_leaves_others_alone():
    """§4.6.6: adding sets an endpoint's toggle or sequence number to 0; the device's stays."""
    model = usb_parallels.keyboard()
    rig = Rig({2: model})
    device = rig.device(2)
    pipes = rig.model.slots.slots[1].pipes
    before = dict(pipes)
    t, came = listen(rig, device)
    usbtask.run(device.interfaces[1].select(0))
    assert pipes[3] is before[3] and pipes[5] is not before[5] and t.status == 1
    model.send(0x81, b"\7")
    model.send(0x82, b"\x08")
    other, heard = listen(rig, device, 0x82)
    rig.clock.sleep_ms(20)
    assert (came, heard) == ([(0, b"\7")], [(0, b"\x08")])
    rig.close()


def test_a_configuration_that_is_refused():
    """Bandwidth, Resource: what was under way has ended for it, and all is as it was before."""
    for code, number in ((8, 28), (7, 12)):
        model = usb_parallels.keyboard()
        rig = Rig({2: model})
        device = rig.device(2)
        t, came = listen(rig, device, 0x82)
        commands_so_far = rig.model.slots.count
        rig.model.commands = {commands_so_far + 1: code}  # behind Stop Endpoint
        why = raised(OSError, usbtask.run, device.interfaces[1].select(0))
        assert why.errno == number and "Configure Endpoint" in str(why)
        assert came == [(-125, b"")] and t.submit() == 0
        model.send(0x82, b"\x08")
        rig.clock.sleep_ms(20)
        assert came[1:] == [(0, b"\x08")]
        rig.close()
