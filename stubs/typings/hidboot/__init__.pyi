# Made by `inv stubs` from frozen/usb/hidboot.py: do not edit.
"""The boot protocol of keyboards and mice, as report descriptors (HID 1.11 appendix B)."""

from _typeshed import Incomplete

REPORTS: dict[Incomplete, Incomplete]
