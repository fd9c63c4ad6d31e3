# Made by `inv stubs` from frozen/usb/usbserial.py: do not edit.
"""USB serial ports: CDC-ACM, and chips of FTDI, Silicon Labs, WCH and Prolific, as streams.

start() registers the driver, ports() gives what is there.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def start(cmdline: str = "") -> None:
    """Register the driver, once."""

def stop() -> None:
    """Take no further devices."""

def ports() -> list[Incomplete]:
    """[Port, …] that are plugged in."""

def attach(device: Incomplete, interface: Incomplete) -> Iterator[Incomplete]:
    """Generator: usbcore's factory.  Raises OSError, ValueError."""
