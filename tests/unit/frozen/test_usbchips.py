"""USB serial ports whose chips are no CDC-ACM, on scripted devices."""

import usb_chips
import usbchips
import usbserial

from serial_rig import DATA, done, echoed, rig_of

AREA = "usb"


def test_ftdi():
    model = usb_chips.Ftdi()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    assert repr(port) == "<us0 FTDI 0403:6001, closed>"
    port.init(115200)
    assert model.requests[-3:] == [
        (0x40, 3, 0x001A, 0, b""),  # 3 MHz / 26
        (0x40, 4, 8, 0, b""),
        (0x40, 1, 0x303, 0, b""),
    ]
    assert echoed(rig, port, DATA) == DATA
    assert (port.cts, port.dsr, port.ri, port.dcd) == (True, True, False, True)
    assert port.overruns == 0
    model.status = b"\x01\x1e"
    assert echoed(rig, port, b"x") == b"x"
    assert (port.cts, port.dsr, port.dcd) == (False, False, False)
    assert (port.breaks, port.framing, port.parity, port.overruns) == (1, 1, 1, 1)
    port.sendbreak(1)
    assert model.requests[-2:] == [(0x40, 4, 0x4008, 0, b""), (0x40, 4, 8, 0, b"")]
    for baud, value, index in (
        (3_000_000, 0, 0),
        (2_000_000, 1, 0),
        (9600, 0x4138, 0),
        (300, 0x2710, 0),
        (57600, 0xC034, 0),
        (460800, 0x4006, 0),
        (921600, 0x8003, 0),
    ):
        port.init(baud)
        assert model.requests[-3][2:4] == (value, index), (baud, model.requests[-3])
    for bad in (100, 4_000_000):
        try:
            port.init(bad)
        except ValueError:
            continue
        raise AssertionError(bad)
    port.init(115200, 7, 1, 2)
    assert model.requests[-2][2] == 7 | 1 << 8 | 2 << 11
    done(rig)


def test_ftdi_of_two_ports():
    model = usb_chips.FtdiH()
    rig = rig_of(model)
    a, b = usbserial.ports()
    assert (a.name, b.name) == ("us0", "us1")
    b.init(115200)
    assert model.requests[-3:] == [
        (0x40, 3, 0xC068, 0x0202, b""),  # 12 MHz / 104.125
        (0x40, 4, 8, 2, b""),
        (0x40, 1, 0x303, 2, b""),
    ]
    done(rig)


def test_cp210x():
    model = usb_chips.Cp210x()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init(115200, 8, 0, 2, rts=False)
    assert model.requests == [
        (0x41, 0, 1, 0, b""),
        (0x41, 0x1E, 0, 0, b"\x00\xc2\x01\x00"),
        (0x41, 3, 0x0822, 0, b""),
        (0x41, 7, 0x301, 0, b""),
    ]
    assert echoed(rig, port, DATA) == DATA
    port.sendbreak(1)
    port.deinit()
    assert [r[1:3] for r in model.requests[-3:]] == [(5, 1), (5, 0), (0, 0)]
    done(rig)


def test_ch34x():
    model = usb_chips.Ch34x()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init(115200, 8, 0)
    assert model.requests == [
        (0xC0, 0x5F, 0, 0, b""),
        (0x40, 0xA1, 0, 0, b""),
        (0x40, 0x9A, 0x1312, 0xCC83, b""),
        (0x40, 0x9A, 0x2518, 0xDB, b""),
        (0x40, 0xA4, 0xFF9F, 0, b""),
    ]
    assert echoed(rig, port, DATA) == DATA
    port.sendbreak(1)
    assert [r[2:4] for r in model.requests if r[2] == 0x1805 and r[0] == 0x40] == [
        (0x1805, 0x8300),
        (0x1805, 0xC301),
    ]
    done(rig)


def test_rates_of_ch34x():
    for baud in (50, 300, 1200, 9600, 38400, 57600, 115200, 230400, 460800, 921600, 2_000_000):
        value = usbchips._ch_divisor(baud)
        power, halved, divisor = value & 3, not value & 4, 256 - (value >> 8)
        rate = 48_000_000 / (1 << 12 - 3 * power - (not halved)) / divisor
        assert abs(rate - baud) / baud < 0.02, (baud, rate)
    for baud in (1, 4_000_000):
        try:
            usbchips._ch_divisor(baud)
        except ValueError:
            continue
        raise AssertionError(baud)


def test_pl2303():
    model = usb_chips.Pl2303()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init(19200)
    assert (0x40, 1, 2, 0x44, b"") in model.requests
    assert model.requests[-2:] == [
        (0x21, 0x20, 0, 0, b"\x00\x4b\0\0\0\0\x08"),
        (0x21, 0x22, 3, 0, b""),
    ]
    assert echoed(rig, port, DATA) == DATA
    done(rig)
