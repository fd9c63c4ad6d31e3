"""Descriptors: what is taken, what is refused, and what odd ones become."""

import usb_devices
import usb_parallels
import usbdesc
from usb_hcd import Rig

AREA = "usb"


def refused(function, *args):
    try:
        function(*args)
    except ValueError as why:
        return str(why)
    raise AssertionError("taken")


def test_device():
    raw = usb_devices.device_descriptor(0x1234, 0x5678, "high", 1, 2, 3)
    d = usbdesc.DeviceDescriptor(raw + b"more")
    assert (d.vendor, d.product, d.bcd, d.class_, d.subclass, d.protocol) == (
        0x1234,
        0x5678,
        0x200,
        1,
        2,
        3,
    )
    assert d.raw == raw and d.release == 0x100 and d.configurations == 1
    assert "12 01" in refused(usbdesc.DeviceDescriptor, raw[:17])
    assert "nothing" in refused(usbdesc.DeviceDescriptor, b"")
    refused(usbdesc.DeviceDescriptor, b"\x12\x02" + raw[2:])
    refused(usbdesc.DeviceDescriptor, b"\x11" + raw[1:])
    assert "no configuration" in refused(usbdesc.DeviceDescriptor, raw[:17] + b"\0")
    assert usbdesc.DeviceDescriptor(raw[:17] + b"\xff").configurations == 8


def test_packet_sizes():
    good = {
        "low": {8: 8},
        "full": {8: 8, 16: 16, 32: 32, 64: 64},
        "high": {64: 64},
        "super": {9: 512},
        "super+": {9: 512},
    }
    for speed in good:
        for n in range(256):
            raw = bytes((18, 1, 0, 2, 0, 0, 0, n))
            if n in good[speed]:
                assert usbdesc.packet_size(raw, speed) == good[speed][n]
            else:
                refused(usbdesc.packet_size, raw, speed)
    refused(usbdesc.packet_size, b"\x12\x01\0\0\0\0\0", "full")


def test_configuration():
    raw = usb_parallels.camera().configs[0]
    c = usbdesc.Configuration(raw)
    assert [[s.number for s in settings] for settings in c.interfaces] == [[0], [1]]
    assert c.interfaces[0][0].extra[0][:3] == b"\x0d\x24\x01"
    bulk = c.interfaces[1][0].endpoints[0]
    assert (bulk.address, bulk.mps, bulk.companion[2]) == (0x83, 1024, 15)
    assert c.association(1).class_ == 14 and c.association(2) is None and c.notes == []
    assert "8 bytes" in refused(usbdesc.Configuration, raw[:8])
    refused(usbdesc.Configuration, b"\x09\x04" + raw[2:])
    short = usbdesc.Configuration(raw[:100])
    assert "100 of 380 bytes" in short.notes


def test_odd_ones_are_taken_as_linux_takes_them():
    part, pipe = usb_devices.interface, usb_devices.endpoint

    def notes(*parts, extra=b""):
        c = usbdesc.Configuration(usb_devices.configuration(*parts, extra=extra))
        return c, "; ".join(c.notes)

    c, text = notes(part(0, 3, 0, 0, pipe(0x81, 3, 8), pipe(0x81, 3, 8)))
    assert "0x81 again" in text and len(c.interfaces[0][0].endpoints) == 1
    c, text = notes(part(0, 3, 0, 0, pipe(0x81, 3, 8)), part(1, 3, 0, 0, pipe(0x81, 2, 8)))
    assert "0x81 again" in text and c.interfaces[1][0].endpoints == []
    for bad in (pipe(0x80, 3, 8), pipe(0x91, 3, 8), pipe(0x81, 0, 8), pipe(0x81, 2, 0)):
        c, text = notes(part(0, 3, 0, 0, bad))
        assert c.interfaces[0][0].endpoints == [] and text, bad
    c, text = notes(part(0, 3, 0, 0), part(0, 3, 0, 0))
    assert "interface 0.0 twice" in text and len(c.interfaces[0]) == 1
    c, text = notes(part(0, 3, 0, 0), b"\x03\x30\x00", b"\x02\x05", b"\x05\x04\x01\x00\x00")
    assert "endpoint of interface 0.0: 2 bytes" in text and "descriptor of 5 bytes" in text
    c, text = notes(part(0, 3, 0, 0), b"\x00\x05\x81")
    assert "a descriptor of 0 bytes" in text
    c, text = notes(part(0, 3, 0, 0), b"\xff\x24\x00")
    assert "a descriptor of 255 bytes" in text
    many = [part(n, 3, 0, 0) for n in range(40)]
    c, text = notes(*many)
    assert len(c.interfaces) == 32 and "more than 32 interfaces" in text
    many = [part(0, 3, 0, 0, alternate=n % 256) for n in range(300)]
    c, text = notes(*many)
    assert len(c.interfaces[0]) == 256 and len(c.notes) <= 8
    c, text = notes()
    assert c.interfaces == [] and text == ""
    c, text = notes(part(5, 3, 0, 0, alternate=2), part(1, 8, 0, 0), part(5, 3, 0, 0))
    assert [(s[0].number, s[0].alternate) for s in c.interfaces] == [(1, 0), (5, 0)]


def test_strings():
    assert usbdesc.text(usb_devices.string("Grüße")) == "Grüße"
    assert usbdesc.text(b"\x06\x03\x3d\xd8\x00\xde") == "\U0001f600"
    assert usbdesc.text(b"\x06\x03\x00\xdea\x00") == "?a"
    assert usbdesc.text(b"\x08\x03a\x00\x00\x00\x1b\x00") == "a?"
    assert usbdesc.text(b"\xff\x03a\x00b") == "a"
    assert usbdesc.text(b"\x00\x03a\x00") == usbdesc.text(b"\x02\x03") == ""
    refused(usbdesc.text, b"")
    refused(usbdesc.text, b"\x04\x02a\0")
    assert usbdesc.language(b"\x04\x03\x07\x04") == 0x407
    assert usbdesc.language(b"") == usbdesc.language(b"\x02\x03\x07\x04") == 0x409


def test_bos_and_hid():
    caps = usbdesc.capabilities(usb_parallels.camera().bos)
    assert [c[2] for c in caps] == [2, 3]
    assert usbdesc.capabilities(b"\x05\x0f\x08\x00\x01\x02\x10\x03") == []
    refused(usbdesc.capabilities, b"\x05\x0f\x05\x00")
    rig = Rig({}, {1: usb_parallels.keyboard()})
    rig.settle()
    interfaces = rig.bus.devices[0].interfaces
    assert [usbdesc.hid_reports(i) for i in interfaces] == [[(0x22, 58)], [(0x22, 160)]]
    interfaces[0].extra = [b"\x09\x21\x11\x01\x00\x09\x22\x3a\x00", b"\x05\x21\0\0\0"]
    assert usbdesc.hid_reports(interfaces[0]) == [(0x22, 58)]
    rig.close()


def test_devices_with_malformed_descriptors_are_refused():
    good = usb_devices.keyboard()
    raw = good.descriptor
    cases = (
        (raw[:7] + b"\x05" + raw[8:], None, "bMaxPacketSize0 is 5"),
        (raw[:17] + b"\0", None, "no configuration"),
        (b"\x12\x04" + raw[2:], None, "device descriptor"),
        (raw[:12], None, "device descriptor"),
        (raw[:4], None, "device descriptor"),
        (None, good.configs[0][:4], "configuration 0"),
        (None, b"\x09\x02\x08\x00" + good.configs[0][4:], "configuration 0"),
        (None, b"\x09\x05" + good.configs[0][2:], "configuration 0"),
    )
    for descriptor, config, why in cases:
        model = usb_devices.keyboard()
        model.descriptor = descriptor or raw
        model.configs = [config or good.configs[0]]
        rig = Rig({1: model})
        rig.settle()
        assert rig.bus.devices == [] and why in rig.texts(4)[-1], (why, rig.log)
        rig.balanced()
        rig.close()
