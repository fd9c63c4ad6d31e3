# Made by `inv stubs` from frozen/usb/hidtext.py: do not edit.
"""A HID report descriptor as text: each item's bytes and what they say."""

from _typeshed import Incomplete
from collections.abc import Iterator

def usage_name(usage: Incomplete) -> Incomplete:
    """ "Keyboard" for 0x10006; hexadecimal for most."""

def lines(data: Incomplete) -> Iterator[Incomplete]:
    """Yields a line for each item; the last one tells where the descriptor is damaged, if it is.

    `offset  bytes  meaning`, the meaning indented by the collections around it.
    """

def hexdump(data: Incomplete) -> Iterator[Incomplete]:
    """Yields lines of 16 bytes."""

def dump(data: Incomplete) -> Iterator[Incomplete]:
    """Yields both."""
