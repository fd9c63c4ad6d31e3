# Made by `inv stubs` from frozen/usb/hidreader.py: do not edit.
"""Input reports of a HID interface: interrupt transfers that are queued again and again."""

from _typeshed import Incomplete
from collections.abc import Iterator

counts: dict[Incomplete, Incomplete]

class Reader:
    """take(report, n): called softly with each report, a memoryview and the bytes that came.

    The rest of the view is undefined.  lost(status): reports fail for good.  log(level, text).
    size: of the longest report.  sentinels: fill the buffer, to see whether DMA wrote it.
    ahead: transfers that wait at once, so that reports which follow each other at the endpoint's
    interval find one.  errors: failed transfers in a row; closed.
    """

    endpoint: Incomplete
    errors: int
    closed: bool
    def __init__(
        self,
        endpoint: Incomplete,
        size: Incomplete,
        take: Incomplete,
        lost: Incomplete,
        log: Incomplete,
        sentinels: Incomplete,
        ahead: int = 1,
    ) -> None: ...
    def start(self) -> None:
        """Have reports come from now on."""
    def stop(self) -> Iterator[Incomplete]:
        """Generator: no more reports; returns when the transfers have ended."""
    def free(self) -> None:
        """Give the buffer back; nothing is under way any more."""
