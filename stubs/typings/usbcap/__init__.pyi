# Made by `inv stubs` from frozen/usb/usbcap.py: do not edit.
"""Every transfer as a capture that Wireshark opens: pcapng, packets as Linux's usbmon has them.

Link type 220, 64-byte headers (Documentation/usb/usbmon.rst).  How a controller says that a
transfer ended is a comment of its packet.
"""

from _typeshed import Incomplete
from typing import Self

class Capture:
    """Records from start() to stop(), up to `size` bytes; what is more is lost, and counted.

    snap: bytes of data kept of a transfer.  packets, lost, used: counts.
    """

    packets: int
    lost: int
    snap: int
    used: Incomplete
    def __init__(self, size: int = ..., snap: int = 4096) -> None: ...
    def __repr__(self) -> str: ...
    def start(self) -> Self:
        """Record from now on, on all buses and those to come; descriptors known are put first."""
    def stop(self) -> Self:
        """Record no more; everything taken stays."""
    def save(self, path: Incomplete) -> Incomplete:
        """Write the capture into a file; how many bytes."""
    def bytes(self) -> Incomplete:
        """A memoryview of the capture as a pcapng file."""
    def take(self, event: Incomplete, transfer: Incomplete) -> None:
        """The hook: 'S' begins, 'C' has ended, 'E' has not begun."""
