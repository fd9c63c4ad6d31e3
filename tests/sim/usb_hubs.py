"""Scripted hubs: full, high (single or multiple TT) and super speed."""

from usb_devices import (
    BOS_SUPER,
    Device,
    Stall,
    companion,
    configuration,
    device_descriptor,
    endpoint,
    interface,
    le16,
)

_POWER = {False: 1 << 8, True: 1 << 9}


class Hub(Device):
    """ports: how many; plug(), unplug() and overcurrent() as at a root hub."""

    pace_us = 16000  # real ones: 256 ms; a change that is not cleared comes again and again

    def __init__(self, speed="high", ports=4, multi=False, self_powered=True, power_ms=20):
        self.three = speed == "super"
        self.ports = ports
        self.self_powered = self_powered
        self.power_ms = power_ms
        self.plugged_in = {}
        self.state = [0] * (ports + 1)  # status | changes << 16
        self.own = 0
        self.depth = None
        self.resets = []
        self.dead_ports = set()
        protocol = {"full": 0, "low": 0, "high": 2 if multi else 1, "super": 3}[speed]
        status = endpoint(0x81, 0x13, 2, 8 if self.three else 12)
        if self.three:
            body = interface(0, 9, 0, 0, status + companion(0, 0, 2))
        elif multi:
            body = interface(0, 9, 0, 1, status)
            body += interface(0, 9, 0, 2, status, alternate=1)
        else:
            body = interface(0, 9, 0, 0, status)
        super().__init__(
            speed,
            device_descriptor(0x409, 0x55AA, speed, 9, 0, protocol),
            [configuration(body, attributes=0xE0 if self_powered else 0xA0, power=0)],
            {1: "sim", 2: "hub", 3: "1"},
            BOS_SUPER if self.three else b"",
        )

    def reset(self):
        super().reset()
        self.state = [0] * (self.ports + 1)

    def behind(self, port):
        device = self.plugged_in.get(port)
        return device if device is not None and self.state[port] & 2 else None

    def plug(self, port, device):
        self.plugged_in[port] = device
        device.on_vanish = lambda: self.unplug(port)
        if self.state[port] & _POWER[self.three]:
            self._connect(port)

    def unplug(self, port):
        del self.plugged_in[port]
        self._change(port, self.state[port] & _POWER[self.three], 1)

    def overcurrent(self, port, on):
        self._change(port, 8 if on else 0, 8)

    def _connect(self, port):
        device = self.plugged_in[port]
        device.reset()
        status = _POWER[self.three] | 1
        if self.three:
            status |= 2  # U0, enabled
        elif device.speed == "low":
            status |= 1 << 9
        self._change(port, status, 1)

    def _change(self, port, status, change):
        self.state[port] = status | self.state[port] & 0xFFFF0000 | change << 16
        self.wake(0x81)

    def data_in(self, endpoint, length):
        mask = 1 if self.own >> 16 else 0
        for port in range(1, self.ports + 1):
            if self.state[port] >> 16:
                mask |= 1 << port
        return le16(mask)[: self.ports // 8 + 1] if mask else None

    def class_request(self, kind, request, value, index, length, data):
        if (kind, request) == (0xA0, 6):
            return self._hub_descriptor(value >> 8)
        if (kind, request) == (0xA0, 0):
            return le16(self.own & 0xFFFF) + le16(self.own >> 16)
        if (kind, request) == (0x20, 1) and value < 2:
            self.own &= ~(1 << 16 << value)
            return b""
        if (kind, request) == (0x20, 12) and self.three:
            self.depth = value
            return b""
        if not 0 < index <= self.ports:
            raise Stall
        if (kind, request) == (0xA3, 0):
            now = self.state[index]
            return le16(now & 0xFFFF) + le16(now >> 16)
        if (kind, request) == (0x23, 3):
            return self._set(value, index)
        if (kind, request) == (0x23, 1):
            return self._clear(value, index)
        raise Stall

    def _hub_descriptor(self, kind):
        if kind != (0x2A if self.three else 0x29):
            raise Stall
        head = bytes((12 if self.three else 9, kind, self.ports)) + le16(0x29)
        head += bytes((self.power_ms // 2, 0))
        return head + (b"\0\0\0\0\0" if self.three else b"\0\xff")

    def _set(self, feature, port):
        if feature == 8:
            if not self.state[port] & _POWER[self.three]:
                self.state[port] |= _POWER[self.three]
                if port in self.plugged_in:
                    self._connect(port)
            return b""
        if feature in (4, 28):
            self.resets.append((port, feature))
            device = self.plugged_in.get(port)
            if device is not None and port not in self.dead_ports:
                device.reset()
                status = self.state[port] & 0xFFFF | 2
                if device.speed == "high":
                    status |= 1 << 10
                self._change(port, status, 0x10 if feature == 4 else 0x30)
            return b""
        raise Stall

    def _clear(self, feature, port):
        bits = {16: 0, 17: 1, 19: 3, 20: 4, 25: 6, 26: 7, 29: 5}
        if feature == 8:
            self.state[port] &= ~(_POWER[self.three] | 3)
        elif feature == 1:
            self.state[port] &= ~2
        elif feature in bits:
            self.state[port] &= ~(1 << 16 + bits[feature])
        else:
            raise Stall
        return b""

    def _answer(self, kind, request, value, index, length, data):
        if (kind, request) == (0x80, 0):
            return le16(1 if self.self_powered else 0)
        return super()._answer(kind, request, value, index, length, data)
