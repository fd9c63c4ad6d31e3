# Made by `inv stubs` from frozen/usb/hidwheel.py: do not edit.
"""Wheels finer than their notches: the Resolution Multiplier (HID Usage Tables §4.3.1)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def find(reports: Incomplete) -> tuple[Incomplete, Incomplete, int] | None | None:
    """(field, element, counts of a notch) of the wheel's multiplier; None without one."""

def refine(hid: Incomplete, mice: Incomplete) -> Iterator[Incomplete]:
    """Generator: have the mice of a usbhid.Hid count as finely as they can, if they will."""
