"""CDC-ACM functions as their descriptors and peculiarities have them."""

import usb_hubs
import usb_serial
import usbserial

from serial_rig import DATA, done, echoed, fails, rig_of

AREA = "usb"


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
