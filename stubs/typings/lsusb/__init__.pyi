# Made by `inv stubs` from frozen/usb/lsusb.py: do not edit.
"""usb.lsusb(): devices printed as usbutils' lsusb does, in the fields that both have.

Names come from the devices themselves and from a table of classes; there is no usb.ids here.
"""

from _typeshed import Incomplete

def class_name(*codes: Incomplete) -> Incomplete:
    """The name of a class, of a subclass, or of a protocol; "" when there is none here."""

def line(device: Incomplete) -> Incomplete:
    """One line for a device."""

def show(devices: Incomplete, verbose: Incomplete) -> None:
    """Print devices."""
