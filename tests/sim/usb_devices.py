"""Scripted USB devices for host controller models and for usb_hcd.

A model calls plug() and unplug() where it has ports, reset() at a port reset, and hands packets
on: control(setup, data), read(endpoint, length), write(endpoint, data).  None means that nothing
answers (NAK for ever), Stall that it stalls, more bytes than were asked for babble.
"""


class Stall(Exception):
    pass


def le16(n):
    return bytes((n & 255, n >> 8 & 255))


def device_descriptor(vendor, product, speed, class_=0, subclass=0, protocol=0, configs=1):
    bcd, mps = {
        "low": (0x110, 8),
        "full": (0x110, 64),
        "high": (0x200, 64),
        "super": (0x300, 9),
    }[speed]
    head = bytes((18, 1)) + le16(bcd) + bytes((class_, subclass, protocol, mps))
    return head + le16(vendor) + le16(product) + le16(0x100) + bytes((1, 2, 3, configs))


def interface(number, class_, subclass, protocol, *parts, alternate=0, name=0):
    """An interface descriptor and what follows it."""
    endpoints = len([p for p in parts if p[1] == 5])
    head = bytes((9, 4, number, alternate, endpoints, class_, subclass, protocol, name))
    return head + b"".join(parts)


def endpoint(address, attributes, mps, interval=0):
    return bytes((7, 5, address, attributes)) + le16(mps) + bytes((interval,))


def companion(burst=0, attributes=0, per_interval=0):
    return bytes((6, 0x30, burst, attributes)) + le16(per_interval)


def hid(length):
    return b"\x09\x21\x11\x01\x00\x01\x22" + le16(length)


def configuration(*interfaces, value=1, attributes=0xA0, power=50, extra=b""):
    body = extra + b"".join(interfaces)
    numbers = set()
    for part in interfaces:
        at = 0
        while at + 2 < len(part):
            if part[at + 1] == 4:
                numbers.add(part[at + 2])
            at += max(2, part[at])
    head = bytes((9, 2)) + le16(9 + len(body)) + bytes((len(numbers), value, 0, attributes, power))
    return head + body


def string(text):
    body = b"".join([le16(ord(c)) for c in text])
    return bytes((2 + len(body), 3)) + body


BOS_SUPER = b"\x05\x0f\x0f\x00\x01\x0a\x10\x03\x00\x0e\x00\x01\x0a\xff\x07"


class Device:
    """What all have.  faults: {number of the control request: what happens}, counted by `count`.

    Faults: "stall", "silent", "long", "changed", "vanish".  log: (type, request, value, index,
    length) of all control requests.
    """

    pace_us = 0  # how often interrupt endpoints are asked, for who heeds it

    def __init__(self, speed, descriptor, configs, strings=(), bos=b""):
        self.speed = speed
        self.descriptor = descriptor
        self.configs = list(configs)
        self.strings = dict(strings)
        self.bos = bos
        self.faults = {}
        self.always = None  # a fault of every request
        self.count = 0
        self.log = []
        self.on_vanish = None  # by the model: unplug me
        self.reset()

    def reset(self):
        """As after a port reset."""
        self.address = 0
        self.value = 0
        self.halted = set()
        self.alternates = {}

    def plugged(self, notify):
        """notify(endpoint): the model's, called when there is something to read."""
        self.notify = notify

    notify = None

    def wake(self, endpoint):
        if self.notify:
            self.notify(endpoint)

    def behind(self, port):
        """What is plugged into a hub's port."""
        return None

    # ---- the default pipe

    def control(self, setup, data=b""):
        fault = self.faults.get(self.count, self.always)
        self.count += 1
        kind, request = setup[0], setup[1]
        value = setup[2] | setup[3] << 8
        index = setup[4] | setup[5] << 8
        length = setup[6] | setup[7] << 8
        self.log.append((kind, request, value, index, length))
        if fault == "vanish":
            if self.on_vanish:
                self.on_vanish()
            return None
        if fault == "silent":
            return None
        if fault == "stall":
            raise Stall
        answer = self._answer(kind, request, value, index, length, data)
        if kind & 128 and answer is not None:
            answer = bytes(answer[:length])
            if fault == "long":
                answer += b"\xee" * (length - len(answer) + 1)
            elif fault == "changed" and answer:
                i = min(5, len(answer) - 1)
                answer = answer[:i] + bytes((answer[i] ^ 0x15,)) + answer[i + 1 :]
        return answer

    def _answer(self, kind, request, value, index, length, data):
        if kind & 0x60:
            return self.class_request(kind, request, value, index, length, data)
        if kind == 0x80 and request == 6:
            return self._descriptor(value >> 8, value & 255)
        if kind == 0x81 and request == 6:
            return self.interface_descriptor(index, value >> 8)
        if kind == 0 and request == 5:
            self.address = value
            return b""
        if kind == 0 and request == 9:
            if value and value not in [c[5] for c in self.configs]:
                raise Stall
            self.value = value
            self.halted = set()
            self.configured()
            return b""
        if kind == 0x80 and request == 8:
            return bytes((self.value,))
        if kind == 0x80 and request == 0:
            return b"\x00\x00"
        if kind == 1 and request == 11:
            self.alternates[index] = value
            return b""
        if kind == 2 and request == 1 and value == 0:
            self.halted.discard(index)
            return b""
        if kind == 0 and request in (0x30, 0x31):
            return b""
        raise Stall

    def _descriptor(self, kind, index):
        if kind == 1 and index == 0:
            return self.descriptor
        if kind == 2 and index < len(self.configs):
            return self.configs[index]
        if kind == 3 and index == 0 and self.strings:
            return b"\x04\x03\x09\x04"
        if kind == 3 and index in self.strings:
            return string(self.strings[index])
        if kind == 15 and self.bos:
            return self.bos
        raise Stall

    def interface_descriptor(self, number, kind):
        raise Stall

    def class_request(self, kind, request, value, index, length, data):
        raise Stall

    def configured(self):
        """SET_CONFIGURATION came."""

    def read(self, endpoint, length):
        """bytes, up to length; None as long as there are none."""
        if endpoint in self.halted:
            raise Stall
        return self.data_in(endpoint, length) if self.value else None

    def write(self, endpoint, data):
        """How many bytes it took, or None."""
        if endpoint in self.halted:
            raise Stall
        return self.data_out(endpoint, data) if self.value else None

    def data_in(self, endpoint, length):
        return None

    def data_out(self, endpoint, data):
        return len(data)


class Hid(Device):
    """Reports go in with send(endpoint, bytes).  reports: {interface: report descriptor}."""

    def __init__(self, speed, descriptor, configs, reports, strings=(), bos=b""):
        self.reports = dict(reports)
        self.features = {}  # (interface, id): bytes
        self.outputs = []  # (interface, id, bytes) of SET_REPORT
        self.idle = {}
        self.protocols = {}
        self.pending = {}
        super().__init__(speed, descriptor, configs, strings, bos)

    def send(self, endpoint, report):
        self.pending.setdefault(endpoint, []).append(bytes(report))
        self.wake(endpoint)

    def data_in(self, endpoint, length):
        queue = self.pending.get(endpoint)
        if queue:
            return queue.pop(0)
        return None

    def interface_descriptor(self, number, kind):
        if kind == 0x22 and number in self.reports:
            return self.reports[number]
        raise Stall

    def class_request(self, kind, request, value, index, length, data):
        if index not in self.reports:
            raise Stall
        if (kind, request) == (0x21, 10):
            self.idle[index] = value >> 8
            return b""
        if (kind, request) == (0x21, 11):
            self.protocols[index] = value
            return b""
        if (kind, request) == (0xA1, 3):
            return bytes((self.protocols.get(index, 1),))
        if (kind, request) == (0x21, 9):
            self.outputs.append((index, value, bytes(data)))
            return b""
        if (kind, request) == (0xA1, 1) and (index, value & 255) in self.features:
            return self.features[index, value & 255]
        if (kind, request) == (0xA1, 1) and value >> 8 == 1:
            return bytes(8)
        raise Stall


BOOT_KEYBOARD = (
    b"\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02"
    b"\x95\x01\x75\x08\x81\x01\x95\x05\x75\x01\x05\x08\x19\x01\x29\x05\x91\x02\x95\x01\x75\x03"
    b"\x91\x01\x95\x06\x75\x08\x15\x00\x25\x65\x05\x07\x19\x00\x29\x65\x81\x00\xc0"
)
MOUSE = (
    b"\x05\x01\x09\x02\xa1\x01\x09\x01\xa1\x00\x05\x09\x19\x01\x29\x03\x15\x00\x25\x01\x95\x03"
    b"\x75\x01\x81\x02\x95\x01\x75\x05\x81\x01\x05\x01\x09\x30\x09\x31\x09\x38\x15\x81\x25\x7f"
    b"\x75\x08\x95\x03\x81\x06\xc0\xc0"
)
TABLET = (
    b"\x05\x01\x09\x02\xa1\x01\x09\x01\xa1\x00\x05\x09\x19\x01\x29\x03\x15\x00\x25\x01\x95\x03"
    b"\x75\x01\x81\x02\x95\x01\x75\x05\x81\x01\x05\x01\x09\x30\x09\x31\x15\x00\x26\xff\x7f\x35"
    b"\x00\x46\xff\x7f\x75\x10\x95\x02\x81\x02\x05\x01\x09\x38\x15\x81\x25\x7f\x35\x00\x45\x00"
    b"\x75\x08\x95\x01\x81\x06\xc0\xc0"
)


def _one(speed, product, name, protocol, report, size, interval):
    part = endpoint(0x81, 3, size, interval)
    if speed == "super":
        part += companion(0, 0, size)
    body = interface(0, 3, 1 if protocol else 0, protocol, hid(len(report)), part)
    return Hid(
        speed,
        device_descriptor(0x627, product, speed),
        [configuration(body)],
        {0: report},
        {1: "QEMU", 2: name, 3: "42"},
        BOS_SUPER if speed == "super" else b"",
    )


def keyboard(speed="high"):
    """As QEMU's: boot keyboard, 8 bytes."""
    return _one(speed, 1, "QEMU USB Keyboard", 1, BOOT_KEYBOARD, 8, 7)


def mouse(speed="high"):
    """As QEMU's: relative, 4 bytes."""
    return _one(speed, 1, "QEMU USB Mouse", 2, MOUSE, 4, 7)


def tablet(speed="high"):
    """As QEMU's: absolute, 6 bytes."""
    return _one(speed, 1, "QEMU USB Tablet", 0, TABLET, 8, 4)
