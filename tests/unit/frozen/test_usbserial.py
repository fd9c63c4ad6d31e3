"""USB serial ports on scripted devices: CDC-ACM and the chips that are none."""

import usb_chips
import usb_hubs
import usb_serial
import usbchips
import usbserial
import usbtask
from usb_hcd import Rig

AREA = "usb"

DATA = bytes([n * 7 & 255 for n in range(3000)])


def rig_of(*models):
    del usbserial._ports[:]  # of a test that failed
    rig = Rig({n + 1: model for n, model in enumerate(models)})
    usbserial.start()
    rig.settle()
    return rig


def done(rig):
    rig.close()
    assert usbserial.ports() == []


def fails(what, number, *args):
    try:
        what(*args)
    except OSError as why:
        assert why.errno == number, why
    else:
        raise AssertionError("did not fail")


def echoed(rig, port, data):
    """What comes back for it."""
    out = b""
    port.timeout = 20
    at = 0
    while len(out) < len(data):
        if at < len(data):
            at += port.write(data[at : at + 900])
        got = port.read()
        if not got:
            break
        out += got
    return out


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
