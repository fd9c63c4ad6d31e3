"""USB serial ports that stall, are unplugged, or answer as they like."""

import usb_chips
import usb_serial
import usbserial

from serial_rig import DATA, done, echoed, fails, rig_of

AREA = "usb"


def test_unplugged():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    assert port.write(b"last words") == 10
    rig.clock.sleep_ms(3)
    rig.hcd.usb2.unplug(1)
    rig.settle(200)
    assert usbserial.ports() == [] and port.ioctl(3, 1) == 1 | 16
    assert port.read(4) == b"last" and port.readline() == b" words"
    fails(port.read, 19)
    fails(port.write, 19, b"x")
    fails(port.init, 19)
    fails(port.flush, 19)
    port.deinit()
    rig.balanced()
    rig.hcd.usb2.plug(1, model)
    rig.settle(200)
    (again,) = usbserial.ports()
    assert again is not port and again.name == "us0"
    done(rig)


def test_stalls():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    for endpoint in (0x81, 0x01):
        model.halted.add(endpoint)
        port.write(b"lost?")
        rig.clock.sleep_ms(200)
        assert model.halted == set()
        port.read()
        assert echoed(rig, port, DATA) == DATA
    assert port.errors == 2
    # For ever.
    model.read = None

    def stall(endpoint, length):
        raise usb_chips.Stall

    model.read = stall
    port.write(b"x")
    rig.clock.sleep_ms(3000)
    fails(port.read, 32)
    assert "given up" in rig.texts(4)[-1]
    del model.read
    port.deinit()
    port.init()
    assert echoed(rig, port, b"well") == b"xwell"
    done(rig)


def test_every_fault_at_every_request():
    for make in (usb_serial.Serial, usb_chips.Ftdi, usb_chips.Ch34x, usb_chips.Pl2303):
        for fault in ("stall", "silent", "long", "vanish"):
            for index in range(9):
                model = make()
                rig = rig_of(model)
                for port in usbserial.ports():
                    model.faults[model.count + index] = fault
                    try:
                        port.init()
                        assert echoed(rig, port, b"hello") == b"hello" or port.device.gone
                    except OSError:
                        pass
                    model.faults = {}
                    if not port.device.gone:
                        port.init()
                        assert echoed(rig, port, b"hello") == b"hello"
                    port.deinit()
                rig.settle(200)
                done(rig)
