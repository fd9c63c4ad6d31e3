"""Parallels' virtual mouse, keyboard and camera, as far as anybody has written down what they say.

Ids, strings, classes, endpoints and the lengths of all descriptors are observed; no report
descriptor's bytes are: these have the right lengths and describe the reports that were seen.
"""

from usb_devices import (
    Hid,
    Stall,
    companion,
    configuration,
    device_descriptor,
    endpoint,
    hid,
    interface,
)

VENDOR = 0x203A
_BOS15 = b"\x05\x0f\x0f\x00\x01\x0a\x10\x03\x00\x0e\x00\x01\x0a\xff\x07"
_BOS22 = b"\x05\x0f\x16\x00\x02\x07\x10\x02\x02\x00\x00\x00" + _BOS15[5:]


def padded(report, length):
    """Made that long by a vendor's collection in which nothing is."""
    left = length - len(report) - 8
    head = b"\x06\x00\xff\x09\x01\xa1\x01"
    units = b""
    if left % 2:
        units, left = b"\x66\x00\x00", left - 3
    out = report + head + units + b"\x55\x00" * (left // 2) + b"\xc0"
    assert len(out) == length, (len(out), length)
    return out


_KEYBOARD = (
    b"\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02"
    b"\x95\x01\x75\x08\x81\x01\x95\x05\x75\x01\x05\x08\x19\x01\x29\x05\x91\x02"
    b"\x95\x06\x75\x08\x15\x00\x26\xff\x00\x05\x07\x19\x00\x29\xff\x81\x00\xc0"
)
# Id 1: modifiers and seven keys, no reserved byte.
_KEYS7 = (
    b"\x05\x01\x09\x06\xa1\x01\x85\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08"
    b"\x81\x02\x95\x07\x75\x08\x15\x00\x26\xff\x00\x19\x00\x29\xff\x81\x00\xc0"
    b"\x05\x0c\x09\x01\xa1\x01\x85\x02\x15\x00\x26\xff\x03\x19\x00\x2a\xff\x03\x75\x10\x95\x01"
    b"\x81\x00\xc0"
)
# Id 1: buttons, X, Y absolute 0 to 32767, wheel; feature 0x11 is the wheel's resolution.
_POINTER = (
    b"\x05\x01\x09\x02\xa1\x01\x85\x01\x09\x01\xa1\x00\x05\x09\x19\x01\x29\x08\x15\x00\x25\x01"
    b"\x95\x08\x75\x01\x81\x02\x05\x01\x09\x30\x09\x31\x15\x00\x26\xff\x7f\x75\x10\x95\x02\x81"
    b"\x02\x09\x38\x15\x81\x25\x7f\x75\x08\x95\x01\x81\x06\x85\x11\x09\x48\x15\x00\x25\x01\x35"
    b"\x01\x45\x08\x75\x08\x95\x01\xb1\x02\xc0\xc0"
)
_WHEEL = _POINTER.replace(b"\x85\x01", b"\x85\x02").replace(b"\x85\x11", b"\x85\x12")


def _pair(product, protocols, name, serial, reports, interfaces, lengths):
    """Two HID interfaces, 64-byte interrupt endpoints 0x81 and 0x82; 71 bytes."""
    parts = []
    for number in (0, 1):
        subclass, protocol = protocols[number]
        pipe = endpoint(0x81 + number, 3, 64, 4) + companion(0, 0, 64)
        report = hid(len(reports[number]))
        parts.append(
            interface(number, 3, subclass, protocol, report, pipe, name=interfaces[number])
        )
    config = configuration(*parts)
    assert len(config) == 71
    strings = {1: "Parallels", 2: name, 3: serial}
    for index, length in lengths.items():
        strings[index] = "x" * ((length - 2) // 2)
    return Hid(
        "super",
        device_descriptor(VENDOR, product, "super"),
        [config],
        {0: reports[0], 1: reports[1]},
        strings,
        _BOS15,
    )


def keyboard():
    """203a:fffb: interface 0 boot keyboard, 1 with the key presses."""
    reports = _KEYBOARD, padded(_KEYS7, 160)
    assert len(_KEYBOARD) == 58, len(_KEYBOARD)
    return _pair(0xFFFB, ((1, 1), (0, 0)), "Virtual Keyboard", "KBD1.1", reports, (4, 4), {4: 54})


def mouse():
    """203a:fffc: absolute pointer on interface 0; each has a feature report of two bytes."""
    reports = padded(_POINTER, 126), padded(_WHEEL, 127)
    device = _pair(
        0xFFFC, ((0, 2), (0, 2)), "Virtual Mouse", "PW3.0", reports, (4, 5), {4: 60, 5: 60}
    )
    device.features = {(0, 0x11): b"\x11\x00", (1, 0x12): b"\x12\x00"}
    return device


class Camera(Hid):
    def class_request(self, kind, request, value, index, length, data):
        if index & 255 in (0, 1):
            return bytes(min(length, 34)) if kind & 128 else b""
        raise Stall


def camera():
    """203a:fff9: UVC, of 380 bytes; bulk endpoint 0x83 in bursts of 16."""
    association = bytes((8, 11, 0, 2, 14, 3, 0, 4))
    control = interface(
        0, 14, 1, 0, b"\x0d\x24\x01\x00\x01\x0d\x00\x00\x00\x00\x00\x01\x01", name=4
    )
    bulk = endpoint(0x83, 2, 1024) + companion(15)
    used = 9 + len(association) + len(control) + 9 + len(bulk)
    parts = []
    left = 380 - used
    while left:
        n = min(left, 34)
        n = n if left - n == 0 or left - n > 3 else n - 4
        parts.append(bytes((n, 0x24, 0)) + bytes(n - 3))
        left -= n
    streaming = interface(1, 14, 2, 0, *parts, bulk)
    config = configuration(control, streaming, extra=association)
    assert len(config) == 380
    strings = {1: "Parallels", 2: "x" * 18, 3: "1F06D5FF-0000-4000-8000-C04C467C1317"}
    strings.update({4: "x" * 18, 7: "x" * 15, 8: "x" * 15})
    descriptor = device_descriptor(VENDOR, 0xFFF9, "super", 0xEF, 2, 1)
    return Camera("super", descriptor, [config], {}, strings, _BOS22)
