# Made by `inv stubs` from frozen/usb/usbstream.py: do not edit.
"""Two bulk endpoints as a stream."""

from _typeshed import Incomplete

class Stream:
    """read, readinto, readline: what is there, after at most `timeout` for the first byte; None:
    nothing.  write: how many bytes were taken, all unless that takes longer than `write_timeout`;
    None: none.  timeout, write_timeout: ms.  errors: of transfers.  What was taken, and refused by
    the device then, makes the next write() or flush() raise, once.  Everything raises
    OSError(ENODEV) once it is unplugged and what had come is read.
    """

    name: Incomplete
    device: Incomplete
    chip: Incomplete
    timeout: int
    write_timeout: int
    close: Incomplete
    def __init__(
        self,
        name: Incomplete,
        device: Incomplete,
        chip: Incomplete,
        reader: Incomplete,
        writer: Incomplete,
    ) -> None: ...
    @property
    def errors(self) -> Incomplete: ...
    def deinit(self) -> None:
        """Close it; what waits is lost."""
    def detached(self) -> None:
        """By the core: unplugged.  What had come can still be read."""
    def any(self) -> Incomplete:
        """How many bytes can be read at once."""
    def readinto(self, buf: Incomplete, n: int = -1) -> Incomplete:
        """As many bytes as there are into buf, up to n; how many, or None.  Raises OSError."""
    def read(self, n: int = -1) -> bytes | None:
        """bytes, up to n; None: there are none.  Raises OSError."""
    def readline(self, n: int = -1) -> Incomplete:
        """bytes up to the end of a line, or what there is of it; None: nothing."""
    def write(self, buf: Incomplete) -> Incomplete:
        """How many bytes it took, or None.  Raises OSError."""
    def flush(self) -> None:
        """Return once everything is with the device.  Raises OSError, ETIMEDOUT."""
    def ioctl(self, op: Incomplete, arg: Incomplete) -> Incomplete:
        """For select.poll(), asyncio and C: 1 flush, 3 poll, 4 close."""
