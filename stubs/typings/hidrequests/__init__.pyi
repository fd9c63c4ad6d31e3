# Made by `inv stubs` from frozen/usb/hidrequests.py: do not edit.
"""The class requests of a HID interface (HID 1.11 §7.2)."""

from _typeshed import Incomplete
from collections.abc import Iterator

class Requests:
    """Generators for usbtask.run(), start() or another's `yield from`, of a usbhid.Hid.

    They raise what Device.request() does.
    """
    def get_report(
        self, kind: Incomplete, id: int = 0, length: Incomplete | None = None, limit_ms: int = 5000
    ) -> Iterator[Incomplete]:
        """bytes, the id in front when there are ids.  kind: hidfield.INPUT, OUTPUT, FEATURE."""
    def set_report(
        self, kind: Incomplete, id: Incomplete, data: Incomplete
    ) -> Iterator[Incomplete]:
        """data: the id in front when there are ids."""
    def get_protocol(self) -> Iterator[Incomplete]:
        """0 boot, 1 report."""
    def set_protocol(self, protocol: Incomplete) -> Iterator[Incomplete]:
        """As get_protocol() gives it."""
    def set_idle(self, duration: int = 0, id: int = 0) -> Iterator[Incomplete]:
        """Repeat a report that does not change after duration × 4 ms; 0: never."""
