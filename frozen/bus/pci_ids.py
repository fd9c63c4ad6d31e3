"""Names of PCI classes, vendors, devices and subsystems, where the frozen table has them.

The table is made by host/pyrallax/image/pciids.py, which says what is in it and how it is packed.
"""

from micropython import const
from pci_table import DATA

_TABLES = const(6)
_HEAD = const(3)  # count, 16 bits big endian; bytes of a key
_CLASS = const(0)
_SUBCLASS = const(1)
_INTERFACE = const(2)
_VENDOR = const(3)
_DEVICE = const(4)
_SUBSYSTEM = const(5)


def _head(at):
    return DATA[at] << 8 | DATA[at + 1], DATA[at + 2]


def _table(number):
    """(where the keys begin, entries, bytes of a key) of a table."""
    at = 1 + 2 * DATA[0]
    while True:
        count, width = _head(at)
        at += _HEAD
        if number == 0:
            return at, count, width
        lengths = at + count * width
        at = lengths + count + sum(memoryview(DATA)[lengths : lengths + count])
        number -= 1


def _expand(packed):
    """Text of a name: bytes from 0x80 stand for two others."""
    stack = list(reversed(packed))
    out = bytearray()
    while stack:
        value = stack.pop()
        if value < 0x80:
            out.append(value)
        else:
            pair = 1 + 2 * (value - 0x80)
            stack.append(DATA[pair + 1])
            stack.append(DATA[pair])
    return out.decode()


def _name(number, value):
    """Name of a key in a table, or None."""
    keys, count, width = _table(number)
    key = value.to_bytes(width, "big")
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        at = keys + middle * width
        if DATA[at : at + width] < key:
            low = middle + 1
        else:
            high = middle
    at = keys + low * width
    if low == count or DATA[at : at + width] != key:
        return None
    lengths = keys + count * width
    text = lengths + count + sum(memoryview(DATA)[lengths : lengths + low])
    return _expand(DATA[text : text + DATA[lengths + low]])


def class_name(class_):
    """Name of class and subclass of a 24-bit class code: "Ethernet controller"; None."""
    return _name(_SUBCLASS, class_ >> 8) or _name(_CLASS, class_ >> 16)


def interface_name(class_):
    """Name of the programming interface of a 24-bit class code, or None."""
    return _name(_INTERFACE, class_)


def vendor_name(vendor):
    """Name of a vendor, or None."""
    return _name(_VENDOR, vendor)


def device_name(vendor, device):
    """Name of a device, without its vendor's, or None."""
    return _name(_DEVICE, vendor << 16 | device)


def subsystem_name(vendor, device, subvendor, subdevice):
    """Name of a subsystem of a device, or None."""
    return _name(_SUBSYSTEM, vendor << 48 | device << 32 | subvendor << 16 | subdevice)
