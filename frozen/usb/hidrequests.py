"""The class requests of a HID interface (HID 1.11 §7.2)."""

from micropython import const

from usbwait import EPROTO, error

_OPTIONAL_MS = const(500)  # for what devices need not understand

_GET_REPORT = const(1)
_GET_PROTOCOL = const(3)
_SET_REPORT = const(9)
_SET_IDLE = const(10)
_SET_PROTOCOL = const(11)


class Requests:
    """Generators for usbtask.run(), start() or another's `yield from`, of a usbhid.Hid.

    They raise what Device.request() does.
    """

    def get_report(self, kind, id=0, length=None, limit_ms=5000):
        """bytes, the id in front when there are ids.  kind: hidfield.INPUT, OUTPUT, FEATURE."""
        length = length or self.reports.size(kind, id)
        value, index = kind << 8 | id, self.interface.number
        return (yield from self.device.request(0xA1, _GET_REPORT, value, index, length, limit_ms))

    def set_report(self, kind, id, data):
        """data: the id in front when there are ids."""
        index = self.interface.number
        yield from self.device.request(0x21, _SET_REPORT, kind << 8 | id, index, data)

    def get_protocol(self):
        """0 boot, 1 report."""
        data = yield from self.device.request(0xA1, _GET_PROTOCOL, 0, self.interface.number, 1)
        if not data:
            raise error(EPROTO, self.name)
        return data[0]

    def set_protocol(self, protocol):
        """As get_protocol() gives it."""
        index = self.interface.number
        yield from self.device.request(0x21, _SET_PROTOCOL, protocol, index, 0, _OPTIONAL_MS)

    def set_idle(self, duration=0, id=0):
        """Repeat a report that does not change after duration × 4 ms; 0: never."""
        value, index = duration << 8 | id, self.interface.number
        yield from self.device.request(0x21, _SET_IDLE, value, index, 0, _OPTIONAL_MS)
