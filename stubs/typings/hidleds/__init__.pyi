# Made by `inv stubs` from frozen/usb/hidleds.py: do not edit.
"""Lights of a keyboard: one SET_REPORT at a time, the newest state wins (HID 1.11 §7.2.2)."""

from _typeshed import Incomplete

def find(reports: Incomplete) -> list[Incomplete]:
    """[(bit of keyboard.Keys.locks, field, element)] of one output report; empty without any."""

class Leds:
    """leds: what find() gave for a usbhid.Hid."""
    def __init__(self, hid: Incomplete, leds: Incomplete) -> None: ...
    def show(self, locks: Incomplete) -> None:
        """Returns at once."""
