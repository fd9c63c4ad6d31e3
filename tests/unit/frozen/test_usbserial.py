"""USB serial ports on scripted devices: streams of CDC-ACM."""

import usb_chips
import usb_hubs
import usb_serial
import usbserial
import usbtask

from serial_rig import DATA, done, echoed, fails, rig_of

AREA = "usb"


def test_acm():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    assert repr(port) == "<us0 CDC-ACM 1209:0001, closed>"
    fails(port.read, 9)
    fails(port.write, 9, b"x")
    assert port.init(9600, 7, 0, 2) is port
    assert model.line == b"\x80\x25\0\0\x02\x02\x07" and model.state == 3
    assert (port.dtr, port.rts, port.any(), port.read(), port.readinto(bytearray(4))) == (
        True,
        True,
        0,
        None,
        None,
    )
    port.control(rts=False)
    assert model.state == 1 and port.dtr and not port.rts
    assert echoed(rig, port, DATA) == DATA and bytes(model.received) == DATA
    port.sendbreak(5)
    assert model.breaks == [0xFFFF, 0]
    model.notify_state(0x4B | 0x30)
    model.notify_state(0x04)
    rig.clock.sleep_ms(5)
    assert (port.breaks, port.framing, port.parity, port.overruns) == (1, 1, 1, 1)
    assert (port.dcd, port.dsr, port.ri, port.cts) == (False, False, False, None)
    port.deinit()
    port.deinit()
    assert "closed" in repr(port)
    rig.balanced(1)
    port.init()
    assert model.line == b"\x00\xc2\x01\0\0\0\x08" and echoed(rig, port, b"again") == b"again"
    done(rig)


def test_reading():
    model = usb_serial.Serial(echo=False)
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    model.send(b"one\ntwo\nthree")
    rig.clock.sleep_ms(2)
    buf = bytearray(2)
    assert port.any() == 13 and port.readinto(buf) == 2 and buf == b"on"
    assert [port.readline() for _ in range(4)] == [b"e\n", b"two\n", b"three", None]
    model.send(b"abcdef")
    rig.clock.sleep_ms(2)
    assert (port.read(2), port.readinto(bytearray(9), 3), port.read(), port.read()) == (
        b"ab",
        3,
        b"f",
        None,
    )
    before = rig.clock.ticks_ms()
    port.timeout = 30
    assert port.read(1) is None and 30 <= rig.clock.ticks_ms() - before < 40
    done(rig)


def test_nothing_is_lost_when_nobody_reads():
    model = usb_serial.Serial(echo=False)
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    model.send(DATA * 5)
    rig.clock.sleep_ms(50)
    assert port.any() == 4096 and len(model.sending) == 5 * len(DATA) - 4096
    out = b""
    while True:
        port.timeout = 5
        got = port.read(700)
        if not got:
            break
        out += got
    assert out == DATA * 5
    done(rig)


def test_writing_without_waiting():
    class Slow(usb_serial.Serial):
        def data_out(self, endpoint, data):
            return super().data_out(endpoint, data) if self.awake else None

    model = Slow(echo=False)
    model.awake = False
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    port.write_timeout = 0
    assert port.ioctl(3, 4) == 4
    assert port.write(DATA) == 2048 and port.write(DATA) is None and port.ioctl(3, 5) == 0
    port.write_timeout = 10
    assert port.write(DATA) is None
    fails(port.flush, 110)
    model.awake = True
    assert port.write(DATA[2048:]) == len(DATA) - 2048
    port.flush()
    assert bytes(model.received) == DATA and port.ioctl(1, 0) == 0
    assert port.ioctl(99, 0) == -22 and port.ioctl(4, 0) == 0
    done(rig)


def test_bad_settings():
    rig = rig_of(usb_serial.Serial())
    (port,) = usbserial.ports()
    for bad in ((0,), (9600, 9), (9600, 4), (9600, 8, 2), (9600, 8, None, 3), (1 << 31,)):
        try:
            port.init(*bad)
        except ValueError:
            continue
        raise AssertionError(bad)
    done(rig)


def test_behind_a_hub_with_others():
    hub = usb_hubs.Hub("high", 4, True)
    hub.plug(1, usb_serial.Serial("full"))
    hub.plug(2, usb_chips.Ftdi())
    rig = rig_of(hub)
    for port in usbserial.ports():
        port.init()
        assert echoed(rig, port, DATA) == DATA
    assert len(usbserial.ports()) == 2 and usbtask.loop().tasks == []
    done(rig)
