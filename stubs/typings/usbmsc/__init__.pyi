# Made by `inv stubs` from frozen/usb/usbmsc.py: do not edit.
"""USB disks as block devices: sticks, card readers, drives, CDs (bulk-only transport, SCSI).

start() registers the driver, disks() gives what is there.  Not done: UASP, CBI, UNMAP.
"""

from _typeshed import Incomplete
from collections.abc import Iterator

def start(cmdline: str = "") -> None:
    """Register the driver, once."""

def stop() -> None:
    """Take no further devices."""

def storages() -> list[Incomplete]:
    """Every Storage that is plugged in."""

def disks() -> Incomplete:
    """[Disk, …] with a medium.  Units without one are asked whether there is one now."""

def attach(device: Incomplete, interface: Incomplete) -> Iterator[Incomplete]:
    """Generator: usbcore's factory.  Raises OSError, ValueError: a device that we do not drive."""

class Storage:
    """A device's interface.  bot: its transport; disks: {unit: Disk, or None without a medium}."""

    bot: Incomplete
    disks: dict[Incomplete, Incomplete]
    def __init__(self, bot: Incomplete, log: Incomplete) -> None: ...
    def begin(self) -> Iterator[Incomplete]:
        """Generator: find the units.  Raises OSError, ValueError."""
    def look(self) -> Iterator[Incomplete]:
        """Generator: make Disks of the media that have come."""
    def detached(self) -> None:
        """By the core: unplugged."""
