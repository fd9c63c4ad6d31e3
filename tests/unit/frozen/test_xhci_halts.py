"""The xHCI driver where an endpoint halts at other completion codes than it should (§4.8.3)."""

import usb_devices
from usbendpoint import Transfer
from xhci_model_rings import HALTS, Fault

from xhci_rig import Rig, commands, listen

AREA = "usb"


def failing(code, halts):
    """(rig, a Transfer that ends with that code, one behind it); which codes halt."""
    rig = Rig({2: usb_devices.keyboard("super")})
    device, model = rig.device(2), rig.model.ports[1].device
    rig.model.slots.slots[1].pipes[3].halts = halts
    real = model.read

    def read(*args):
        model.read = real
        raise Fault(code)

    model.read = read
    t, came = listen(rig, device)
    other = Transfer(t.endpoint, rig.alloc(8))
    assert other.submit() == 0
    rig.clock.sleep_ms(20)
    assert [status for status, _ in came] == [t.status] and t.status < 0
    assert other.status == -125, other.status
    return rig, t, other


def goes_on(rig, t):
    again = Transfer(t.endpoint, rig.alloc(8))
    assert again.submit() == 0
    rig.model.ports[1].device.send(0x81, b"\x57")
    rig.clock.sleep_ms(20)
    assert again.status == 0 and bytes(again.buffer)[0] == 0x57
    rig.close()


def test_a_code_that_halts_here():
    for code in (2, 200):
        rig, t, _ = failing(code, HALTS + (code,))
        assert commands(rig)[-3:] == ["stop", "reset-ep", "dequeue"]
        goes_on(rig, t)


def test_a_code_that_does_not_halt_here():
    for code in (4, 12):
        rig, t, other = failing(code, ())
        assert commands(rig)[-3:] == ["reset-ep", "stop", "dequeue"]
        for data in (b"\x55", b"\x56"):  # nobody's: nothing may be written
            rig.model.ports[1].device.send(0x81, data)
        rig.clock.sleep_ms(20)
        assert bytes(t.buffer)[0] != 0x55 and bytes(other.buffer)[0] != 0x56
        rig.close()
