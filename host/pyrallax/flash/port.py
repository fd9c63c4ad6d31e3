# SPDX-License-Identifier: GPL-2.0-or-later
"""What esptool takes for a serial port, over a Wire."""

import time

import serial

from ..wire import Wire, WireClosed


class WirePort:
    """The part of pyserial's Serial that esptool uses.  Raises SerialException for a dead line."""

    def __init__(self, wire: Wire, name: str):
        self.wire = wire
        self.name = self.port = name
        self.baudrate = 115200
        self.timeout: float | None = 3.0
        self.write_timeout: float | None = 10.0
        self._in = bytearray()

    def _fill(self, timeout: float | None) -> None:
        try:
            self._in += self.wire.read(timeout)
        except WireClosed as why:
            raise serial.SerialException(str(why)) from None

    @property
    def in_waiting(self) -> int:
        """Bytes that have come."""
        if not self._in:
            self._fill(0)
        return len(self._in)

    def read(self, size: int = 1) -> bytes:
        """Up to size bytes; fewer when the time is over."""
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        while len(self._in) < size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            self._fill(left)
        data = bytes(self._in[:size])
        del self._in[:size]
        return data

    def write(self, data: bytes) -> int:
        """Send everything."""
        try:
            self.wire.write(data, self.write_timeout)
        except (WireClosed, TimeoutError) as why:
            raise serial.SerialException(str(why)) from None
        return len(data)

    def give_back(self, data: bytes) -> None:
        """Put these bytes, and what came after them, back on the wire."""
        self.wire.unread(data + bytes(self._in))
        self._in.clear()

    def reset_input_buffer(self) -> None:
        """Drop what has come."""
        while self.in_waiting:
            self._in.clear()

    def reset_output_buffer(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """The wire stays its owner's."""

    # pyserial's older names
    def inWaiting(self) -> int:
        """As in_waiting."""
        return self.in_waiting

    flushInput = reset_input_buffer
    flushOutput = reset_output_buffer
