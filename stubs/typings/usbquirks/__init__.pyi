# Made by `inv stubs` from frozen/usb/usbquirks.py: do not edit.
"""What USB hosts need beyond the specifications, as data."""

from _typeshed import Incomplete

def xhci(vendor: Incomplete, device: Incomplete, subsystem: Incomplete) -> Incomplete:
    """The dict for a controller, empty for most."""

def ehci(vendor: Incomplete, device: Incomplete, subsystem: Incomplete) -> Incomplete:
    """The dict for a controller, empty for most."""

def reports_ahead(vendor: Incomplete) -> int:
    """How many interrupt transfers wait for a HID device's reports at once."""

def report_protocol(vendor: Incomplete) -> bool:
    """Whether a HID device is told to speak the report protocol, which it should anyway."""
