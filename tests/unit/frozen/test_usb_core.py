"""usbcore on scripted devices: what comes, is taken in, and goes."""

import usb_devices
from usb_hcd import Rig

AREA = "usb"


def test_keyboard_and_super_mouse():
    k = usb_devices.keyboard()
    rig = Rig({1: k}, {2: usb_devices.mouse("super")})
    rig.settle()
    assert rig.texts() == [
        "usb: 1-2: 0627:0001 super QEMU QEMU USB Mouse",
        "usb: 2-1: 0627:0001 high QEMU QEMU USB Keyboard",
    ]
    assert [entry[1:3] for entry in k.log[:5]] == [(6, 256), (6, 256), (6, 512), (6, 512), (9, 1)]
    assert rig.hcd.usb3.resets == [] and rig.hcd.usb2.resets == [(1, False)]
    assert rig.clock.ticks_ms() < 180  # 100 until it rests, 50 reset, 10 recovery
    rig.balanced(2)
    rig.close()
