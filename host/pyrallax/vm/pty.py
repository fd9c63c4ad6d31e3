"""A PTY in front of a machine's serial line, for clients that want a device.

QEMU's own PTY looks for a client once a second; this one is there at once and is logged.
While nobody has the PTY open, output is dropped, as on an unplugged cable.
"""

import errno
import os
import select
import time
import tty

from ..wire import Wire

_LOOK_S = 0.01  # how often to look for a client when none is there


class Bridge:
    """path: the device for the client."""

    def __init__(self, wire: Wire):
        self._wire = wire
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self._master, False)

    def close(self) -> None:
        os.close(self._master)

    def run(self, stop=lambda: False) -> None:
        """Carry bytes until stop() is true.  Raises WireClosed when the machine is gone."""
        while not stop():
            self.step(0.2)

    def step(self, timeout: float) -> None:
        """Wait for bytes on either side and carry them."""
        # Not poll(): macOS' knows no devices, PTYs included.
        ready = select.select([self._wire.fd, self._master], [], [], timeout)[0]
        present = True
        if self._master in ready:
            typed = self._take()
            present = typed != b""
            if typed:
                self._wire.write(typed, None)
        data = self._wire.read(0)
        if present:
            self._give(data)
        elif not data:
            time.sleep(_LOOK_S)

    def _take(self) -> bytes | None:
        """What the client sent, None when that is nothing; b"" where there is no client."""
        try:
            return os.read(self._master, 4096)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""

    def _give(self, data: bytes) -> None:
        """Write to the client; waits for a slow one, gives up on one that takes nothing."""
        while data:
            if not select.select([], [self._master], [], 1.0)[1]:
                return
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                return  # BSD: the client went since
