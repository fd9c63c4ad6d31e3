# Made by `inv stubs` from frozen/usb/usbenum.py: do not edit.
"""What a new device is asked, and how it is configured (USB 2.0 §9.1.2, §9.2)."""

from _typeshed import Incomplete
from collections.abc import Iterator

def descriptor(
    device: Incomplete,
    kind: Incomplete,
    index: Incomplete,
    length: Incomplete,
    language: int = 0,
    limit_ms: int = 5000,
) -> Iterator[Incomplete]:
    """Generator: one descriptor, as long as it came."""

def describe(device: Incomplete) -> Iterator[Incomplete]:
    """Generator: device and configuration descriptors.  Raises OSError, ValueError."""

def choose(device: Incomplete, power_ma: Incomplete) -> Incomplete:
    """The first configuration that the port can feed.  Raises ValueError."""

def configure(device: Incomplete, config: Incomplete) -> Iterator[Incomplete]:
    """Generator: make a configuration the active one, with its default settings."""

def take_in(bus: Incomplete, device: Incomplete, power_ma: Incomplete) -> Iterator[Incomplete]:
    """Generator: from addressed to configured.  Raises OSError, ValueError."""

def names(device: Incomplete) -> Iterator[Incomplete]:
    """Generator: manufacturer, product and serial number, as far as it gives them."""

def string(device: Incomplete, index: Incomplete) -> Iterator[Incomplete]:
    """Generator: a string, "" where there is none.  Read once.  Raises OSError(ENODEV) only."""

def bos(device: Incomplete) -> Iterator[Incomplete]:
    """Generator: the BOS with its capabilities, raw; b"" where there is none."""
