"""labgrid's console as the line that pyrallax.repl talks over."""

import time
from typing import Any

from pexpect import TIMEOUT

_CHUNK = 65536
_RETRY_S = 0.01


class ConsoleWire:
    """console: an active driver of ConsoleProtocol.  A Wire, less its descriptor."""

    def __init__(self, console: Any):
        self._console = console
        self._in = bytearray()

    def read(self, timeout: float, limit: int = _CHUNK) -> bytes:
        """Up to `limit` bytes, b"" when none came within `timeout` seconds."""
        if not self._in:
            self._fill(timeout)
        data = bytes(self._in[:limit])
        del self._in[:limit]
        return data

    def _fill(self, timeout: float) -> None:
        """All that is there; else wait for one byte, as some consoles wait for all of a size."""
        for size, wait in ((_CHUNK, 0.0), (1, timeout)):
            try:
                data = self._console.read(size=size, timeout=wait)
            except TIMEOUT:
                continue
            self._in += data
            if not data:  # some have nothing to read when the machine is off, and say so at once
                time.sleep(min(timeout, _RETRY_S))
            return

    def unread(self, data: bytes) -> None:
        """Put bytes back in front of what is read next."""
        self._in[:0] = data

    def write(self, data: bytes, timeout: float | None = 10.0) -> None:
        """Send everything, taking in what arrives meanwhile.  Raises TimeoutError."""
        deadline = time.monotonic() + (timeout or 0)
        rest = bytes(data)
        while rest:
            try:
                sent = self._console.write(rest)
            except BlockingIOError:
                sent = 0
            rest = rest[sent:]
            if rest:
                self._fill(_RETRY_S)
                if timeout is not None and time.monotonic() > deadline:
                    raise TimeoutError(f"the console took none of {len(rest)} bytes")
