"""USB serial ports that stall, are unplugged, or answer as they like."""

import usb_chips
import usb_hubs
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
        if endpoint == 0x01:
            fails(port.flush, 32)
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


def test_what_was_not_taken_is_told_once():
    for later in (b"", b"x" * 1024):  # one transfer, and one that waits behind it
        model = usb_serial.Serial(echo=False)
        rig = rig_of(model)
        (port,) = usbserial.ports()
        port.init()
        for ask in (port.flush, lambda: port.write(b"y"), lambda: port.ioctl(1, 0)):
            model.halted.add(0x01)
            assert port.write(b"x" * 10 + later) == 10 + len(later)
            rig.clock.sleep_ms(1)
            fails(ask, 32)
            port.flush()
            assert port.write(b"z") == 1
            port.flush()
        assert bytes(model.received) == b"zzz" and port.errors == 3
        done(rig)


def test_refused_in_the_middle_of_a_write():
    class Grumpy(usb_serial.Serial):
        def data_out(self, endpoint, data):
            if len(self.received) == 2048:
                self.received += b"!"
                raise usb_chips.Stall
            return super().data_out(endpoint, data)

    model = Grumpy(echo=False)
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    fails(port.write, 32, DATA * 3)
    port.flush()
    assert port.write(b"on") == 2
    port.flush()
    assert bytes(model.received[-2:]) == b"on"
    done(rig)


def test_closed_and_opened_while_it_is_mended():
    for endpoint in (0x81, 0x01):
        model = usb_serial.Serial()
        rig = rig_of(model)
        (port,) = usbserial.ports()
        port.init()
        model.halted.add(endpoint)
        port.write(b"lost")
        while not port.errors:
            rig.clock.sleep_ms(1)
        port.deinit()
        rig.balanced(1)
        model.sending = bytearray()
        port.init()
        pending = len(rig.hcd.pending)
        assert model.halted == set() and echoed(rig, port, DATA) == DATA
        rig.clock.sleep_ms(200)
        assert len(rig.hcd.pending) == pending and rig.texts(4) == []
        assert echoed(rig, port, DATA) == DATA
        done(rig)


def test_a_stall_that_cannot_be_ended():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    model.halted.add(0x81)
    model.always = "stall"
    rig.clock.sleep_ms(500)
    fails(port.read, 32)
    assert "given up" in rig.texts(4)[-1]
    model.always = None
    port.deinit()
    port.init()
    assert echoed(rig, port, b"well") == b"well"
    done(rig)


def test_lines_after_a_stall():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    model.halted.add(0x82)
    model.notify_state(1)
    rig.clock.sleep_ms(100)
    assert port.dcd and model.halted == set() and port.errors == 0
    done(rig)


def test_a_modem_without_a_line():
    """SET_LINE_CODING is stalled by who does not say that he has it (PSTN §5.3.2)."""
    for capabilities, refused in ((0, False), (4, False), (2, True)):
        model = usb_serial.Serial(capabilities=capabilities)
        rig = rig_of(model)
        (port,) = usbserial.ports()
        model.always = "stall"
        if refused:
            fails(port.init, 32)
        else:
            port.init()
            model.always = None
            assert echoed(rig, port, DATA) == DATA
            model.always = "vanish"
            fails(port.control, 19)
        model.always = None
        done(rig)


def test_what_has_no_protocol_of_modems():
    """RNDIS of telephones is a network (class 02/02/ff)."""
    rig = rig_of(usb_serial.Serial(protocol=0xFF))
    assert usbserial.ports() == []
    done(rig)


def test_endpoints_in_an_alternate_setting():
    for fault in (None, "stall"):
        model = usb_serial.Serial(alternate=1)
        rig = rig_of(usb_hubs.Hub("high", 2, True))
        hub = rig.hcd.usb2.plugged[1]
        counted = usb_serial.Serial(alternate=1)
        hub.plug(1, counted)
        rig.settle(200)
        (port,) = usbserial.ports()
        port.init()
        assert counted.alternates == {1: 1} and echoed(rig, port, DATA) == DATA
        # The last request when it came was SET_INTERFACE.
        asked = [entry[1] for entry in counted.log].index(11)
        model.faults[asked] = fault
        hub.plug(2, model)
        rig.settle(200)
        assert [p.name for p in usbserial.ports()] == ["us0", "us1"][: 1 if fault else 2]
        data = rig.bus.devices[-1].interfaces[1]
        assert data.claimed == (fault is None)
        done(rig)


def test_two_that_come_together():
    rig = rig_of(usb_serial.Serial(alternate=1), usb_serial.Serial(alternate=1))
    assert [port.name for port in usbserial.ports()] == ["us0", "us1"]
    done(rig)
