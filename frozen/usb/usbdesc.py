"""USB descriptors, taken apart without trust (USB 2.0 §9.6, USB 3.2 §9.6).

What cannot be is a ValueError that says what and where: the device is refused.  What is merely
odd, and known from devices that work elsewhere, is taken as Linux takes it.
"""

from micropython import const

DEVICE = const(1)
CONFIGURATION = const(2)
STRING = const(3)
INTERFACE = const(4)
ENDPOINT = const(5)
ASSOCIATION = const(11)
BOS = const(15)
HID = const(0x21)
HUB = const(0x29)
SS_HUB = const(0x2A)
COMPANION = const(0x30)

_INTERFACES = const(32)  # USB allows 255; nothing real comes near
_SETTINGS = const(256)  # of one configuration, all alternates counted
_ENDPOINTS = const(30)  # of one setting
_CONFIGS = const(8)  # as Linux


def u16(data, at):
    return data[at] | data[at + 1] << 8


class DeviceDescriptor:
    """USB 2.0 §9.6.1.  raw; bcd: USB version; mps0: bytes; release; manufacturer, product_name and
    serial are string indices.  Raises ValueError."""

    def __init__(self, raw):
        if len(raw) < 18 or raw[0] < 18 or raw[1] != DEVICE:
            raise ValueError("device descriptor: %d bytes, %s" % (len(raw), _start(raw)))
        self.raw = bytes(raw[:18])
        self.bcd = u16(raw, 2)
        self.class_, self.subclass, self.protocol, self.mps0 = raw[4:8]
        self.vendor = u16(raw, 8)
        self.product = u16(raw, 10)
        self.release = u16(raw, 12)
        self.manufacturer, self.product_name, self.serial, self.configurations = raw[14:18]
        if not self.configurations:
            raise ValueError("device descriptor: no configuration")
        self.configurations = min(self.configurations, _CONFIGS)


def packet_size(raw, speed):
    """Bytes of EP0's packets, by a device descriptor's first 8 bytes.  Raises ValueError."""
    if len(raw) < 8 or raw[1] != DEVICE:
        raise ValueError("device descriptor: %d bytes, %s" % (len(raw), _start(raw)))
    n = raw[7]
    if speed == "super" or speed == "super+":
        if n != 9:  # USB 3.2 §9.6.1: 512, and nothing else
            raise ValueError("bMaxPacketSize0 is 2^%d" % n)
        return 512
    if n in {"low": (8,), "full": (8, 16, 32, 64), "high": (64,)}[speed]:
        return n
    raise ValueError("bMaxPacketSize0 is %d at %s speed" % (n, speed))


class EndpointDescriptor:
    """USB 2.0 §9.6.6.  mps: wMaxPacketSize as it stands.  companion: raw or None."""

    def __init__(self, raw):
        self.raw = raw
        self.address = raw[2]
        self.attributes = raw[3]
        self.mps = u16(raw, 4)
        self.interval = raw[6]
        self.companion = None
        self.extra = []


class Setting:
    """One alternate setting of an interface (USB 2.0 §9.6.5).  extra: what follows it, raw."""

    def __init__(self, raw):
        self.raw = raw
        self.number = raw[2]
        self.alternate = raw[3]
        self.class_, self.subclass, self.protocol, self.name_index = raw[5:9]
        self.endpoints = []
        self.extra = []


class Association:
    """Interfaces first to first + count - 1 are one function (USB 2.0 ECN: IAD)."""

    def __init__(self, raw):
        self.raw = raw
        self.first, self.count = raw[2:4]
        self.class_, self.subclass, self.protocol, self.name_index = raw[4:8]


class Configuration:
    """USB 2.0 §9.6.3.  raw: all of it.  interfaces: a list of Settings for each, ordered by
    number.  associations.  notes: what was odd, in words.  Raises ValueError."""

    def __init__(self, raw):
        if len(raw) < 9 or raw[0] < 9 or raw[1] != CONFIGURATION:
            raise ValueError("configuration: %d bytes, %s" % (len(raw), _start(raw)))
        self.raw = raw
        self.value = raw[5]
        self.name_index = raw[6]
        self.attributes = raw[7]
        self.max_power = raw[8]  # 2 mA; SuperSpeed: 8 mA
        self.interfaces = []
        self.associations = []
        self.extra = []
        self.notes = []
        self._settings = 0
        total = u16(raw, 2)
        if total > len(raw):
            self._note("%d of %d bytes" % (len(raw), total))
        self._walk(raw, min(total, len(raw)))
        self.interfaces.sort(key=_number)
        if len(self.interfaces) != raw[4]:
            self._note("%d interfaces, %d announced" % (len(self.interfaces), raw[4]))

    def _note(self, text):
        if len(self.notes) < 8:
            self.notes.append(text)

    def _walk(self, raw, end):
        at = raw[0]
        setting = endpoint = None
        extra = self.extra
        while at < end:
            n = raw[at]
            if n < 2 or at + n > end:
                self._note("a descriptor of %d bytes at %d of %d" % (n, at, end))
                return
            d = raw[at : at + n]
            at += n
            kind = d[1]
            if kind == INTERFACE:
                setting, endpoint = self._interface(d), None
                extra = [] if setting is None else setting.extra
            elif kind == ENDPOINT:
                endpoint = self._endpoint(d, setting)
                extra = [] if endpoint is None else endpoint.extra
            elif kind == COMPANION and n >= 6 and endpoint is not None:
                if endpoint.companion is None:
                    endpoint.companion = d
            elif kind == ASSOCIATION:
                if n >= 8 and len(self.associations) < _INTERFACES:
                    self.associations.append(Association(d))
            else:
                extra.append(d)

    def _interface(self, d):
        """A Setting in its place, or None."""
        if len(d) < 9:
            self._note("an interface descriptor of %d bytes" % len(d))
            return None
        setting = Setting(d)
        if self._settings == _SETTINGS:
            self._note("more than %d settings" % _SETTINGS)
            return None
        for settings in self.interfaces:
            if settings[0].number == setting.number:
                for other in settings:
                    if other.alternate == setting.alternate:
                        self._note("interface %d.%d twice" % (setting.number, setting.alternate))
                        return None
                break
        else:
            if len(self.interfaces) == _INTERFACES:
                self._note("more than %d interfaces" % _INTERFACES)
                return None
            settings = []
            self.interfaces.append(settings)
        settings.append(setting)
        settings.sort(key=_alternate)  # the default one first
        self._settings += 1
        return setting

    def _endpoint(self, d, setting):
        """An EndpointDescriptor in its place, or None."""
        if setting is None:
            return None
        where = "endpoint of interface %d.%d" % (setting.number, setting.alternate)
        if len(d) < 7:
            self._note("%s: %d bytes" % (where, len(d)))
            return None
        e = EndpointDescriptor(d)
        if e.address & 0x70 or not e.address & 15 or not e.attributes & 3:
            self._note("%s: address 0x%02x, attributes 0x%02x" % (where, e.address, e.attributes))
            return None
        if not e.mps & 0x7FF and e.attributes & 3 != 1:  # isochronous: no bandwidth, legal
            self._note("%s: 0x%02x has no packets" % (where, e.address))
            return None
        if len(setting.endpoints) == _ENDPOINTS or self._taken(e.address, setting):
            self._note("%s: 0x%02x again" % (where, e.address))
            return None
        setting.endpoints.append(e)
        return e

    def _taken(self, address, setting):
        """Whether another endpoint that may be in use at the same time has that address."""
        for settings in self.interfaces:
            for other in settings:
                if other is setting or other.number != setting.number:
                    for e in other.endpoints:
                        if e.address == address:
                            return True
        return False

    def association(self, number):
        """The Association that an interface is part of, or None."""
        for a in self.associations:
            if a.first <= number < a.first + a.count:
                return a
        return None


def _number(settings):
    return settings[0].number


def _alternate(setting):
    return setting.alternate


def _start(raw):
    return " ".join(["%02x" % b for b in raw[:8]]) or "nothing"


def text(raw):
    """A string descriptor's text (USB 2.0 §9.6.7); broken UTF-16 becomes question marks."""
    if len(raw) < 2 or raw[1] != STRING:
        raise ValueError("string: %s" % _start(raw))
    end = min(raw[0], len(raw)) & ~1
    out = []
    at = 2
    while at < end:
        c = u16(raw, at)
        at += 2
        if 0xD800 <= c < 0xDC00 and at < end and 0xDC00 <= u16(raw, at) < 0xE000:
            c = 0x10000 + ((c & 0x3FF) << 10) + (u16(raw, at) & 0x3FF)
            at += 2
        elif 0xD800 <= c < 0xE000:
            c = 63
        if c:  # some pad with them
            out.append(chr(c) if c >= 32 and c != 127 else "?")  # no terminal gets a control code
    return "".join(out)


def language(raw):
    """The first language that string 0 offers; English (US) where it offers none."""
    if len(raw) < 4 or raw[1] != STRING or raw[0] < 4:
        return 0x409
    return u16(raw, 2)


def capabilities(raw):
    """A BOS's device capabilities, raw (USB 3.2 §9.6.2).  Raises ValueError."""
    if len(raw) < 5 or raw[0] < 5 or raw[1] != BOS:
        raise ValueError("BOS: %s" % _start(raw))
    out = []
    at = raw[0]
    end = min(u16(raw, 2), len(raw))
    while at + 3 <= end and 3 <= raw[at] <= end - at and len(out) < 32:
        out.append(raw[at : at + raw[at]])
        at += raw[at]
    return out


def hid_reports(interface):
    """[(type, length)] of the class descriptors that an interface's HID descriptor names (HID 1.11
    §6.2.1)."""
    for d in interface.extra:
        if d[1] == HID and len(d) >= 6:
            n = min(d[5], (len(d) - 6) // 3)
            return [(d[6 + 3 * i], u16(d, 7 + 3 * i)) for i in range(n)]
    return []
