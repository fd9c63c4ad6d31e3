"""A scripted CDC-ACM modem; what is written to it comes back when echo is set."""

from usb_devices import (
    Device,
    Stall,
    configuration,
    device_descriptor,
    endpoint,
    interface,
    le16,
)


class Serial(Device):
    """line: the seven bytes of SET_LINE_CODING; state: DTR and RTS; received: all that came.

    capabilities: of its ACM descriptor.  alternate: the setting that has the bulk endpoints.
    """

    def __init__(self, speed="high", echo=True, capabilities=2, protocol=1, alternate=0):
        self.echo = echo
        self.line = b"\x00\xc2\x01\x00\x00\x00\x08"
        self.state = 0
        self.breaks = []
        self.received = bytearray()
        self.sending = bytearray()
        self.notices = []
        size = 512 if speed == "high" else 64
        functional = (
            b"\x05\x24\x00\x10\x01",
            b"\x05\x24\x01\x00\x01",
            bytes((4, 0x24, 2, capabilities)),
            b"\x05\x24\x06\x00\x01",
        )
        parts = [interface(0, 2, 2, protocol, *functional, endpoint(0x82, 3, 16, 9))]
        if alternate:
            parts.append(interface(1, 10, 0, 0))
        bulk = endpoint(0x81, 2, size), endpoint(0x01, 2, size)
        parts.append(interface(1, 10, 0, 0, *bulk, alternate=alternate))
        super().__init__(
            speed,
            device_descriptor(0x1209, 0x0001, speed, 2),
            [configuration(*parts)],
            {1: "sim", 2: "serial", 3: "7"},
        )

    def send(self, data):
        """The device says that."""
        self.sending += data
        self.wake(0x81)

    def notify_state(self, bits):
        """A SERIAL_STATE notification (PSTN §6.5.4)."""
        self.notices.append(b"\xa1\x20\x00\x00\x00\x00\x02\x00" + le16(bits))
        self.wake(0x82)

    def class_request(self, kind, request, value, index, length, data):
        if (kind, request) == (0x21, 0x20):
            self.line = bytes(data)
            return b""
        if (kind, request) == (0xA1, 0x21):
            return self.line
        if (kind, request) == (0x21, 0x22):
            self.state = value
            return b""
        if (kind, request) == (0x21, 0x23):
            self.breaks.append(value)
            return b""
        raise Stall

    def data_in(self, endpoint, length):
        if endpoint == 0x82:
            return self.notices.pop(0) if self.notices else None
        if not self.sending:
            return None
        out = bytes(self.sending[:length])
        self.sending = self.sending[length:]
        return out

    def data_out(self, endpoint, data):
        self.received += data
        if self.echo:
            self.send(data)
        return len(data)
