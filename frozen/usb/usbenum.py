"""What a new device is asked, and how it is configured (USB 2.0 §9.1.2, §9.2)."""

import klog

import usbdesc
import usbwait
from usbdevice import Interface


def descriptor(device, kind, index, length, language=0, limit_ms=5000):
    """Generator: one descriptor, as long as it came."""
    return (yield from device.request(0x80, 6, kind << 8 | index, language, length, limit_ms))


def describe(device):
    """Generator: device and configuration descriptors.  Raises OSError, ValueError."""
    first = yield from descriptor(device, usbdesc.DEVICE, 0, 8)
    size = usbdesc.packet_size(first, device.speed)
    if size != device.ep0.mps:
        device.ep0.mps = size
        yield from device.hcd.packet_size(device, size)
    raw = yield from descriptor(device, usbdesc.DEVICE, 0, 18)
    if raw[:8] != first[:8]:
        raise ValueError("the device descriptor changed between reads")
    device.descriptor = usbdesc.DeviceDescriptor(raw)
    for index in range(device.descriptor.configurations):
        device.configs.append((yield from _configuration(device, index)))


def _configuration(device, index):
    first = yield from descriptor(device, usbdesc.CONFIGURATION, index, 9)
    if len(first) < 9 or first[1] != usbdesc.CONFIGURATION or usbdesc.u16(first, 2) < 9:
        raise ValueError("configuration %d: %s" % (index, first))
    raw = yield from descriptor(device, usbdesc.CONFIGURATION, index, usbdesc.u16(first, 2))
    if raw[:9] != first:
        raise ValueError("configuration %d changed between reads" % index)
    return usbdesc.Configuration(raw)


def choose(device, power_ma):
    """The first configuration that the port can feed.  Raises ValueError."""
    unit = 8 if device.speed.startswith("super") else 2
    for config in device.configs:
        if config.max_power * unit <= power_ma:
            return config
    wanted = device.configs[0].max_power * unit
    raise ValueError("wants %d mA, the port gives %d mA" % (wanted, power_ma))


def configure(device, config):
    """Generator: make a configuration the active one, with its default settings."""
    interfaces = []
    for settings in config.interfaces:
        association = config.association(settings[0].number)
        interfaces.append(Interface(device, settings, association))
    device.endpoints = {}
    for interface in interfaces:
        for e in interface.endpoints:
            device.endpoints[e.address] = e
    yield from device.hcd.configure(device, device.served())
    yield from device.request(0, 9, config.value)
    device.config = config
    device.interfaces = interfaces


def take_in(bus, device, power_ma):
    """Generator: from addressed to configured.  Raises OSError, ValueError."""
    yield from describe(device)
    config = choose(device, power_ma)
    if config.notes:
        bus.log(klog.WARN, "usb: %s: %s: %s" % (device.name, device.id, "; ".join(config.notes)))
    yield from configure(device, config)
    unused = set()
    for interface in device.interfaces:
        for settings in interface.settings:
            for e in settings.endpoints:
                if e.attributes & 3 == 1:
                    unused.add("isochronous endpoints")
                elif e.companion and e.attributes & 3 == 2 and e.companion[3] & 31:
                    unused.add("streams")
    for what in sorted(unused):
        bus.log(klog.INFO, "usb: %s: no use is made of its %s" % (device.name, what))


def names(device):
    """Generator: manufacturer, product and serial number, as far as it gives them."""
    d = device.descriptor
    for index in (d.product_name, d.manufacturer, d.serial):
        yield from string(device, index)


def string(device, index):
    """Generator: a string, "" where there is none.  Read once.  Raises OSError(ENODEV) only."""
    if not index:
        return ""
    if index in device.strings:
        return device.strings[index]
    text = ""
    try:
        if device.language is None:
            device.language = 0  # asked once, whatever comes
            raw = yield from descriptor(device, usbdesc.STRING, 0, 255)
            device.language = usbdesc.language(raw)
        if device.language:
            raw = yield from descriptor(device, usbdesc.STRING, index, 255, device.language)
            text = usbdesc.text(raw)
    except (OSError, ValueError) as why:
        number = getattr(why, "errno", 0)
        if number == usbwait.ENODEV:
            raise
        if number == usbwait.ETIMEDOUT:
            device.language = 0  # nor will it answer for the others
    device.strings[index] = text
    return text


def bos(device):
    """Generator: the BOS with its capabilities, raw; b"" where there is none."""
    if device.bos is None:
        device.bos = b""
        if device.descriptor.bcd > 0x200:
            try:
                first = yield from descriptor(device, usbdesc.BOS, 0, 5)
                if len(first) == 5 and first[1] == usbdesc.BOS:
                    total = min(usbdesc.u16(first, 2), 1024)
                    device.bos = yield from descriptor(device, usbdesc.BOS, 0, total)
            except OSError as why:
                if why.errno == usbwait.ENODEV:
                    raise
    return device.bos
