# Made by `inv stubs` from frozen/usb/usbdesc.py: do not edit.
"""USB descriptors, taken apart without trust (USB 2.0 §9.6, USB 3.2 §9.6).

What cannot be is a ValueError that says what and where: the device is refused.  What is merely
odd, and known from devices that work elsewhere, is taken as Linux takes it.
"""

from _typeshed import Incomplete

DEVICE: int
CONFIGURATION: int
STRING: int
INTERFACE: int
ENDPOINT: int
ASSOCIATION: int
BOS: int
HID: int
HUB: int
SS_HUB: int
COMPANION: int

def u16(data: Incomplete, at: Incomplete) -> Incomplete: ...

class DeviceDescriptor:
    """USB 2.0 §9.6.1.  raw; bcd: USB version; mps0: bytes; release; manufacturer, product_name and
    serial are string indices.  Raises ValueError."""

    raw: bytes
    bcd: Incomplete
    class_: Incomplete
    subclass: Incomplete
    protocol: Incomplete
    mps0: Incomplete
    vendor: Incomplete
    product: Incomplete
    release: Incomplete
    manufacturer: Incomplete
    product_name: Incomplete
    serial: Incomplete
    configurations: Incomplete
    def __init__(self, raw: Incomplete) -> None: ...

def packet_size(raw: Incomplete, speed: Incomplete) -> Incomplete:
    """Bytes of EP0's packets, by a device descriptor's first 8 bytes.  Raises ValueError."""

class EndpointDescriptor:
    """USB 2.0 §9.6.6.  mps: wMaxPacketSize as it stands.  companion: raw or None."""

    raw: Incomplete
    address: Incomplete
    attributes: Incomplete
    mps: Incomplete
    interval: Incomplete
    companion: Incomplete | None
    extra: list[Incomplete]
    def __init__(self, raw: Incomplete) -> None: ...

class Setting:
    """One alternate setting of an interface (USB 2.0 §9.6.5).  extra: what follows it, raw."""

    raw: Incomplete
    number: Incomplete
    alternate: Incomplete
    class_: Incomplete
    subclass: Incomplete
    protocol: Incomplete
    name_index: Incomplete
    endpoints: list[Incomplete]
    extra: list[Incomplete]
    def __init__(self, raw: Incomplete) -> None: ...

class Association:
    """Interfaces first to first + count - 1 are one function (USB 2.0 ECN: IAD)."""

    raw: Incomplete
    first: Incomplete
    count: Incomplete
    class_: Incomplete
    subclass: Incomplete
    protocol: Incomplete
    name_index: Incomplete
    def __init__(self, raw: Incomplete) -> None: ...

class Configuration:
    """USB 2.0 §9.6.3.  raw: all of it.  interfaces: a list of Settings for each, ordered by
    number.  associations.  notes: what was odd, in words.  Raises ValueError."""

    raw: Incomplete
    value: Incomplete
    name_index: Incomplete
    attributes: Incomplete
    max_power: Incomplete
    interfaces: list[Incomplete]
    associations: list[Incomplete]
    extra: list[Incomplete]
    notes: list[Incomplete]
    def __init__(self, raw: Incomplete) -> None: ...
    def association(self, number: Incomplete) -> Incomplete:
        """The Association that an interface is part of, or None."""

def text(raw: Incomplete) -> str:
    """A string descriptor's text (USB 2.0 §9.6.7); broken UTF-16 becomes question marks."""

def language(raw: Incomplete) -> Incomplete:
    """The first language that string 0 offers; English (US) where it offers none."""

def capabilities(raw: Incomplete) -> list[Incomplete]:
    """A BOS's device capabilities, raw (USB 3.2 §9.6.2).  Raises ValueError."""

def hid_reports(interface: Incomplete) -> list[Incomplete] | list[tuple[Incomplete, Incomplete]]:
    """[(type, length)] of the class descriptors that an interface's HID descriptor names (HID 1.11
    §6.2.1)."""
