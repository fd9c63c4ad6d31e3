"""usb.lsusb(): devices printed as usbutils' lsusb does, in the fields that both have.

Names come from the devices themselves and from a table of classes; there is no usb.ids here.
"""

import usbdesc
import usbenum
import usbtask
from usbdesc import u16

# class[/subclass[/protocol]] and its name, as usb.ids has them
_CLASSES = (
    "01 Audio|02 Communications|02/02 Abstract (modem)|02/02/01 AT-commands (v.25ter)|"
    "02/06 Ethernet Networking|03 Human Interface Device|03/01 Boot Interface Subclass|"
    "03/01/01 Keyboard|03/01/02 Mouse|03/00/01 Keyboard|03/00/02 Mouse|"
    "06 Imaging|07 Printer|08 Mass Storage|08/06 SCSI|"
    "08/06/50 Bulk-Only|09 Hub|09/00/00 Full speed (or root) hub|"
    "09/00/01 Single TT|09/00/02 TT per port|0a CDC Data|"
    "0b Chip/SmartCard|0e Video|0e/01 Video Control|0e/02 Video Streaming|"
    "0e/03 Video Interface Collection|e0 Wireless|ef Miscellaneous Device|"
    "ef/02/01 Interface Association|fe Application Specific Interface|ff Vendor Specific Class"
)
_KINDS = ("Control", "Isochronous", "Bulk", "Interrupt")
_SYNCS = ("None", "Asynchronous", "Adaptive", "Synchronous")
_USAGES = ("Data", "Feedback", "Implicit feedback Data", "(reserved)")
_SPEEDS = ("Low Speed (1Mbps)", "Full Speed (12Mbps)", "High Speed (480Mbps)")


def class_name(*codes):
    """The name of a class, of a subclass, or of a protocol; "" when there is none here."""
    key = "/".join(["%02x" % code for code in codes])
    for entry in _CLASSES.split("|"):
        if entry.startswith(key + " "):
            return entry[len(key) + 1 :]
    return ""


def _bcd(value):
    return "%2x.%02x" % (value >> 8, value & 255)


def _field(indent, name, text, more=""):
    """A field, its value right-aligned with all others."""
    print("%s%-*s%s%s" % (" " * indent, 25 - len(text), name, text, more))


def _number(indent, name, value, more):
    _field(indent, name, str(value), " " + more)


def _plain(indent, name, value):
    _field(indent, name, str(value))


def _hex(indent, name, value, digits, more=""):
    _field(indent, name, "0x%0*x" % (digits, value), more)


class _Printer:
    def __init__(self, device):
        self.device = device

    def text(self, index):
        """A string of the device; asked for once."""
        try:
            return usbtask.run(usbenum.string(self.device, index), self.device.name)
        except OSError:
            return ""

    def _classes(self, indent, names, codes):
        for n in range(3):
            _number(indent, names[n], codes[n], class_name(*codes[: n + 1]))

    def all(self):
        d = self.device.descriptor
        raw = d.raw
        print("Device Descriptor:")
        _plain(2, "bLength", raw[0])
        _plain(2, "bDescriptorType", raw[1])
        print("  bcdUSB              %s" % _bcd(d.bcd))
        names = ("bDeviceClass", "bDeviceSubClass", "bDeviceProtocol")
        self._classes(2, names, (d.class_, d.subclass, d.protocol))
        _plain(2, "bMaxPacketSize0", d.mps0)
        _hex(2, "idVendor", d.vendor, 4, " " + self.text(d.manufacturer))
        _hex(2, "idProduct", d.product, 4, " " + self.text(d.product_name))
        print("  bcdDevice           %s" % _bcd(d.release))
        _number(2, "iManufacturer", d.manufacturer, self.text(d.manufacturer))
        _number(2, "iProduct", d.product_name, self.text(d.product_name))
        _number(2, "iSerial", d.serial, self.text(d.serial))
        _plain(2, "bNumConfigurations", raw[17])
        for config in self.device.configs:
            self._configuration(config)
        self._bos()
        self._status()

    def _configuration(self, c):
        raw = c.raw
        print("  Configuration Descriptor:")
        _plain(4, "bLength", raw[0])
        _plain(4, "bDescriptorType", raw[1])
        _hex(4, "wTotalLength", u16(raw, 2), 4)
        _plain(4, "bNumInterfaces", raw[4])
        _plain(4, "bConfigurationValue", c.value)
        _number(4, "iConfiguration", c.name_index, self.text(c.name_index))
        _hex(4, "bmAttributes", c.attributes, 2)
        if not c.attributes & 128:
            print("      (Missing must-be-set bit!)")
        print("      Self Powered" if c.attributes & 64 else "      (Bus Powered)")
        if c.attributes & 32:
            print("      Remote Wakeup")
        unit = 8 if self.device.speed.startswith("super") else 2
        print("    MaxPower            %5dmA" % (unit * c.max_power))
        self._unknown(6, c.extra)
        for settings in c.interfaces:
            a = c.association(settings[0].number)
            if a is not None and a.first == settings[0].number:
                self._association(a)
            for setting in settings:
                self._setting(setting)

    def _association(self, a):
        print("    Interface Association:")
        _plain(6, "bLength", a.raw[0])
        _plain(6, "bDescriptorType", a.raw[1])
        _plain(6, "bFirstInterface", a.first)
        _plain(6, "bInterfaceCount", a.count)
        names = ("bFunctionClass", "bFunctionSubClass", "bFunctionProtocol")
        self._classes(6, names, (a.class_, a.subclass, a.protocol))
        _number(6, "iFunction", a.name_index, self.text(a.name_index))

    def _setting(self, s):
        print("    Interface Descriptor:")
        _plain(6, "bLength", s.raw[0])
        _plain(6, "bDescriptorType", s.raw[1])
        _plain(6, "bInterfaceNumber", s.number)
        _plain(6, "bAlternateSetting", s.alternate)
        _plain(6, "bNumEndpoints", s.raw[4])
        names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
        self._classes(6, names, (s.class_, s.subclass, s.protocol))
        _number(6, "iInterface", s.name_index, self.text(s.name_index))
        for raw in s.extra:
            if raw[1] == usbdesc.HID and s.class_ == 3 and len(raw) >= 6:
                self._hid(raw)
            else:
                self._unknown(6, [raw])
        for e in s.endpoints:
            self._endpoint(e)

    def _hid(self, raw):
        print("        HID Device Descriptor:")
        _plain(10, "bLength", raw[0])
        _plain(10, "bDescriptorType", raw[1])
        print("          bcdHID              %s" % _bcd(u16(raw, 2)))
        _number(10, "bCountryCode", raw[4], "Not supported" if raw[4] == 0 else "")
        _plain(10, "bNumDescriptors", raw[5])
        for at in range(6, min(6 + 3 * raw[5], len(raw) - 2), 3):
            _number(10, "bDescriptorType", raw[at], "Report" if raw[at] == 0x22 else "")
            _plain(10, "wDescriptorLength", u16(raw, at + 1))

    def _endpoint(self, e):
        print("      Endpoint Descriptor:")
        _plain(8, "bLength", e.raw[0])
        _plain(8, "bDescriptorType", e.raw[1])
        way = "  EP %d %s" % (e.address & 15, "IN" if e.address & 128 else "OUT")
        _hex(8, "bEndpointAddress", e.address, 2, way)
        _plain(8, "bmAttributes", e.attributes)
        print("          Transfer Type            %s" % _KINDS[e.attributes & 3])
        print("          Synch Type               %s" % _SYNCS[e.attributes >> 2 & 3])
        print("          Usage Type               %s" % _USAGES[e.attributes >> 4 & 3])
        size = "  %dx %d bytes" % ((e.mps >> 11 & 3) + 1, e.mps & 0x7FF)
        _hex(8, "wMaxPacketSize", e.mps, 4, size)
        _plain(8, "bInterval", e.interval)
        if e.companion is not None:
            print("        bMaxBurst %15d" % e.companion[2])
        self._unknown(8, e.extra)

    def _unknown(self, indent, descriptors):
        for raw in descriptors:
            words = " ".join(["%02x" % b for b in raw])
            print("%s** UNRECOGNIZED:  %s" % (" " * indent, words))

    def _bos(self):
        try:
            raw = usbtask.run(usbenum.bos(self.device), self.device.name)
            found = usbdesc.capabilities(raw) if raw else ()
        except (OSError, ValueError):
            return
        if not raw:
            return
        print("Binary Object Store Descriptor:")
        _plain(2, "bLength", raw[0])
        _plain(2, "bDescriptorType", raw[1])
        _hex(2, "wTotalLength", u16(raw, 2), 4)
        _plain(2, "bNumDeviceCaps", raw[4])
        for cap in found:
            self._capability(cap)

    def _capability(self, cap):
        if cap[2] == 2 and len(cap) >= 7:
            print("  USB 2.0 Extension Device Capability:")
        elif cap[2] == 3 and len(cap) >= 10:
            print("  SuperSpeed USB Device Capability:")
        else:
            self._unknown(2, [cap])
            return
        _plain(4, "bLength", cap[0])
        _plain(4, "bDescriptorType", cap[1])
        _plain(4, "bDevCapabilityType", cap[2])
        if cap[2] == 2:
            _hex(4, "bmAttributes", u16(cap, 3) | u16(cap, 5) << 16, 8)
            if cap[3] & 2:
                print("      HIRD Link Power Management (LPM) Supported")
            return
        _hex(4, "bmAttributes", cap[3], 2)
        speeds = u16(cap, 4)
        _hex(4, "wSpeedsSupported", speeds, 4)
        names = _SPEEDS + ("SuperSpeed (5Gbps)",)
        for bit in range(4):
            if speeds >> bit & 1:
                print("      Device can operate at %s" % names[bit])
        _plain(4, "bFunctionalitySupport", cap[6])
        if cap[6] < 4:
            print("      Lowest fully-functional device speed is %s" % names[cap[6]])
        print("    bU1DevExitLat       %5d micro seconds" % cap[7])
        print("    bU2DevExitLat    %8d micro seconds" % u16(cap, 8))

    def _status(self):
        try:
            raw = self.device.control(0x80, 0, 0, 0, 2)
        except OSError:
            return
        if len(raw) == 2:
            status = u16(raw, 0)
            print("Device Status:     0x%04x" % status)
            print("  Self Powered" if status & 1 else "  (Bus Powered)")


def line(device):
    """One line for a device."""
    d = device.descriptor
    names = [device.strings.get(index) for index in (d.manufacturer, d.product_name)]
    text = "Bus %03d Device %03d: ID %04x:%04x %s" % (
        device.bus.number(device.root),
        device.address,
        d.vendor,
        d.product,
        " ".join([name for name in names if name]),
    )
    return text.rstrip()


def show(devices, verbose):
    """Print devices."""
    for device in devices:
        if verbose:
            print()
        print(line(device))
        if verbose:
            _Printer(device).all()
