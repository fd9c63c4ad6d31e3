"""USB serial ports that stall, are unplugged, or answer as they like."""

import irq
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


def test_what_comes_as_it_is_closed():
    """A transfer that ends well before its cancellation gets to it."""
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    cancel = rig.hcd.cancel

    def too_late(transfer):
        for entry in list(rig.hcd.pending):
            if entry[0] is transfer:
                rig.hcd._end(entry, 0, 5, "Short Packet")

    rig.hcd.cancel = too_late
    port.deinit()
    rig.hcd.cancel = cancel
    assert port.any() == 0
    rig.balanced(1)
    port.init()
    assert port.any() == 0 and echoed(rig, port, DATA) == DATA
    done(rig)


def test_ctrl_c_in_the_middle_of_mending():
    """Whichever task it hits ends; the port says so, and can be opened again."""
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    model.halted.add(0x81)
    while not port.errors:
        rig.clock.sleep_ms(1)
    reset = rig.hcd.reset_endpoint

    def typed(*_):
        raise KeyboardInterrupt
        yield

    rig.hcd.reset_endpoint = typed
    try:
        rig.clock.sleep_ms(200)
    except KeyboardInterrupt:
        pass
    rig.hcd.reset_endpoint = reset
    fails(port.read, 5)
    port.deinit()
    port.init()
    assert echoed(rig, port, DATA) == DATA
    done(rig)


def test_ctrl_c_in_the_middle_of_closing():
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    cancel = rig.hcd.cancel

    def typed(transfer):
        rig.hcd.cancel = cancel
        raise KeyboardInterrupt

    rig.hcd.cancel = typed
    try:
        port.deinit()
    except KeyboardInterrupt:
        pass
    port.deinit()
    rig.balanced(1)
    port.init()
    assert echoed(rig, port, DATA) == DATA
    done(rig)


def test_ctrl_c_cuts_no_submit():
    """What is neither under way nor free would be lost until the port is opened again."""
    model = usb_serial.Serial()
    rig = rig_of(model)
    (port,) = usbserial.ports()
    port.init()
    submit, held = rig.hcd.submit, []

    def noted(transfer):
        held.append(irq.Held.under_way > 0)
        return submit(transfer)

    rig.hcd.submit = noted
    assert echoed(rig, port, DATA) == DATA
    rig.hcd.submit = submit
    assert len(held) > 6 and all(held)
    done(rig)
