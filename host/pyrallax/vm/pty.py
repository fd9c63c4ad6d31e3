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
        poll = select.poll()
        poll.register(self._wire.fd, select.POLLIN)
        poll.register(self._master, select.POLLIN)
        ready = dict(poll.poll(timeout * 1000))
        events = ready.get(self._master, 0)
        if events & select.POLLIN and (typed := self._take()):
            self._wire.write(typed, None)
        data = self._wire.read(0)
        if not events & select.POLLHUP:
            self._give(data)
        elif not data:
            time.sleep(_LOOK_S)

    def _take(self) -> bytes:
        """What the client sent; b"" when it went away meanwhile."""
        try:
            return os.read(self._master, 4096)
        except OSError as error:
            if error.errno not in (errno.EIO, errno.EAGAIN):
                raise
            return b""

    def _give(self, data: bytes) -> None:
        """Write to the client; waits for a slow one, gives up on one that went away."""
        while data:
            poll = select.poll()
            poll.register(self._master, select.POLLOUT)
            ready = poll.poll(1000)
            if not ready or ready[0][1] & select.POLLHUP:
                return
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                continue
