"""Two bulk endpoints as a stream."""

import io

from micropython import const

import usbtask
import usbwait
from usbpipe import Pipe

_BYTES = const(1024)  # of a transfer: the device decides how many it fills
_READS = const(4)
_WRITES = const(2)
_IN, _OUT, _HUP = const(1), const(4), const(16)  # of poll


class Stream(io.IOBase):
    """read, readinto, readline: what is there, after at most `timeout` for the first byte; None:
    nothing.  write: how many bytes were taken, all unless that takes longer than `write_timeout`;
    None: none.  timeout, write_timeout: ms.  errors: of transfers.  What was taken, and refused by
    the device then, makes the next write() or flush() raise, once.  Everything raises
    OSError(ENODEV) once it is unplugged and what had come is read.
    """

    def __init__(self, name, device, chip, reader, writer):
        self.name = name
        self.device = device
        self.chip = chip
        self.timeout = 0
        self.write_timeout = 1000
        size = max(reader.mps, _BYTES // reader.mps * reader.mps)
        self._in = Pipe(reader, _READS, size, self._read)
        self._out = Pipe(writer, _WRITES, _BYTES, _nothing)
        self._came = []  # pieces with data, the oldest first
        self._at = 0  # how much of the first one was read
        self._opened = False  # until all of it is closed

    @property
    def errors(self):
        return self._in.errors + self._out.errors

    def _start(self):
        """Generator: the transfers."""
        self._opened = True
        try:
            yield from self._in.begin()
            yield from self._out.begin()
        except BaseException:
            yield from self._in.close()
            raise

    def deinit(self):
        """Close it; what waits is lost."""
        if self._opened:
            usbtask.run(self._end(), self.name)

    close = deinit

    def _end(self):
        del self._came[:]
        self._at = 0
        yield from self._shut()

    def detached(self):
        """By the core: unplugged.  What had come can still be read."""
        for piece in self._came:
            piece.view = memoryview(bytes(piece.view))
        usbtask.start(self._shut(), self.name)

    def _shut(self):
        yield from self._in.close()
        yield from self._out.close()
        try:
            yield from self.chip.close()
        except OSError:
            pass  # unplugged, or it does not care
        self._opened = False

    # ---- from the device

    def _read(self, piece):
        piece.end = self.chip.unpack(self, piece.view, piece.actual, self._in.endpoint.mps)
        if piece.end:
            self._came.append(piece)
        else:
            self._in.again(piece)

    def any(self):
        """How many bytes can be read at once."""
        count = -self._at
        for piece in self._came:
            count += piece.end
        return count

    def _there(self):
        """Raises OSError: unplugged, given up, not open."""
        number = self._error()
        if number:
            raise usbwait.error(number, self.name)
        if not self._in.open:
            raise OSError(9, "%s: not open" % self.name)  # EBADF

    def _error(self):
        return usbwait.ENODEV if self.device.gone else self._in.error or self._out.error

    def _waited(self, ready, ms):
        """Whether it is ready, within that time."""
        if ready() or not ms:
            return ready()
        return usbtask.run(_until(ready, ms), self.name)

    def _readable(self):
        return self._came or self._error()

    def _arrived(self, most):
        """How many bytes can be had now, up to `most`; None: none in time.  Raises OSError."""
        self._waited(self._readable, self.timeout)
        if self._came:
            return min(most, self.any())
        self._there()
        return None

    def _take(self, view):
        at = 0
        while at < len(view):
            piece = self._came[0]
            part = min(len(view) - at, piece.end - self._at)
            view[at : at + part] = piece.view[self._at : self._at + part]
            at += part
            self._at += part
            if self._at == piece.end:
                self._came.pop(0)
                self._at = 0
                self._in.again(piece)

    def readinto(self, buf, n=-1):
        """As many bytes as there are into buf, up to n; how many, or None.  Raises OSError."""
        view = memoryview(buf)
        n = self._arrived(len(view) if n < 0 else min(n, len(view)))
        if n:
            self._take(view[:n])
        return n

    def read(self, n=-1):
        """bytes, up to n; None: there are none.  Raises OSError."""
        n = self._arrived(n if n >= 0 else 1 << 30)
        if n is None:
            return None
        buf = bytearray(n)
        self._take(memoryview(buf))
        return bytes(buf)

    def readline(self, n=-1):
        """bytes up to the end of a line, or what there is of it; None: nothing."""
        out = b""
        while n < 0 or len(out) < n:
            if out and not self._came and self.device.gone:
                break  # and the next one raises
            c = self.read(1)
            if not c:
                break
            out += c
            if c == b"\n":
                break
        return out or None

    # ---- to the device

    def _writable(self):
        return self._error() or self._out.lost or self._out.free() is not None

    def _sent(self):
        """Raises OSError as _there(), or what became of bytes taken before, once."""
        self._there()
        out = self._out
        number, out.lost = out.lost, 0  # no jump between: the next one may fail right now
        if number:
            raise usbwait.error(number, self.name)

    def write(self, buf):
        """How many bytes it took, or None.  Raises OSError."""
        view = memoryview(buf)
        at = 0
        while at < len(view):
            ready = self._waited(self._writable, self.write_timeout)
            self._sent()
            piece = self._out.free() if ready else None
            if piece is None:
                break
            part = min(_BYTES, len(view) - at)
            piece.view[:part] = view[at : at + part]
            piece.length = part
            if self._out.send(piece):
                self._there()
                raise usbwait.error(-piece.status, self.name)
            at += part
        return at if at or not len(view) else None

    def flush(self):
        """Return once everything is with the device.  Raises OSError, ETIMEDOUT."""

        def done():
            return self.device.gone or not self._out.busy()

        if not self._waited(done, self.write_timeout):
            raise usbwait.error(usbwait.ETIMEDOUT, self.name)
        self._sent()

    def ioctl(self, op, arg):
        """For select.poll(), asyncio and C: 1 flush, 3 poll, 4 close."""
        if op == 3:
            flags = _IN if self._readable() else 0
            if self._writable():
                flags |= _OUT
            return flags & arg | (_HUP if self.device.gone else 0)
        if op == 1 and self._in.open:
            self.flush()
            return 0
        if op == 4:
            self.deinit()
            return 0
        return -22


def _nothing(piece):
    """Done with a piece that was written."""


def _until(ready, ms):
    clock = usbtask.loop().clock
    due = clock.ticks_add(clock.ticks_ms(), ms)
    while not ready() and clock.ticks_diff(due, clock.ticks_ms()) > 0:
        yield 1
    return ready()
