"""Two bulk endpoints as a stream."""

import io

import dma
import klog
from micropython import const

import usbtask
import usbwait
from usbendpoint import Transfer

_BYTES = const(1024)  # of a transfer: the device decides how many it fills
_READS = const(4)
_WRITES = const(2)
_CLOSE_MS = const(1000)
_MEND_MS = const(10)
_ERRORS = const(5)  # in a row
_IN, _OUT, _HUP = const(1), const(4), const(16)  # of poll


class _Piece(Transfer):
    """A transfer with its part of the port's memory.  end: bytes that wait in it."""

    def __init__(self, endpoint, memory, offset, size, callback):
        super().__init__(endpoint, memory, callback)
        self.offset = offset
        self.length = size
        self.limit_ms = None
        self.view = memoryview(memory)[offset : offset + size]
        self.end = 0


class Stream(io.IOBase):
    """read, readinto, readline: what is there, after at most `timeout` for the first byte; None:
    nothing.  write: how many bytes were taken, all unless that takes longer than `write_timeout`;
    None: none.  timeout, write_timeout: ms.  errors: of transfers.  Everything raises
    OSError(ENODEV) once it is unplugged and what had come is read.
    """

    def __init__(self, name, device, chip, reader, writer):
        self.name = name
        self.device = device
        self.chip = chip
        self.timeout = 0
        self.write_timeout = 1000
        self.errors = 0
        self._reader, self._writer = reader, writer
        self._memory = None
        self._reads = self._writes = ()
        self._came = []  # _Pieces with data, the oldest first
        self._at = 0  # how much of the first one was read
        self._mending = []  # endpoints
        self._row = 0  # of errors
        self._error = 0

    def _start(self):
        """Generator: the transfers, and the endpoints anew after an error."""
        if self._error:
            yield from self._reader.clear_halt()
            yield from self._writer.clear_halt()
        self._error = self._row = 0
        self._begin()

    def _begin(self):
        size = max(self._reader.mps, _BYTES // self._reader.mps * self._reader.mps)
        memory = dma.alloc(_READS * size + _WRITES * _BYTES, 64, "usbserial")
        self._reads = []
        self._writes = []
        for n in range(_READS):
            self._reads.append(_Piece(self._reader, memory, n * size, size, self._read))
        for n in range(_WRITES):
            at = _READS * size + n * _BYTES
            self._writes.append(_Piece(self._writer, memory, at, _BYTES, self._written))
        self._memory = memory
        for piece in self._reads:
            piece.submit()

    def deinit(self):
        """Close it; what waits is lost."""
        if self._memory is not None:
            usbtask.run(self._end(), self.name)

    close = deinit

    def _end(self):
        memory, self._memory = self._memory, None
        del self._came[:]
        self._at = 0
        pieces = self._reads + self._writes
        for piece in pieces:
            piece.cancel()
        for piece in pieces:
            if piece.status == usbwait.PENDING:
                piece.limit_ms = _CLOSE_MS
                try:
                    yield piece
                except OSError:
                    pass
        try:
            yield from self.chip.close()
        except OSError:
            pass  # unplugged, or it does not care
        if not any([piece.status == usbwait.PENDING for piece in pieces]):
            memory.free()  # else better lost than written to by a device

    def detached(self):
        """By the core: unplugged.  What had come can still be read."""
        usbtask.start(self._gone(), self.name)

    def _gone(self):
        try:
            yield from self.chip.close()
        except OSError:
            pass
        memory, self._memory = self._memory, None
        if memory is not None:
            for piece in self._came:
                piece.view = memoryview(bytes(piece.view[: piece.end]))
            memory.free()

    # ---- from the device

    def _read(self, piece):
        if piece.status != 0:
            self._failed(piece)
            return
        self._row = 0
        piece.end = self.chip.unpack(self, piece.view, piece.actual, self._reader.mps)
        if piece.end:
            self._came.append(piece)
        elif self._memory is not None:
            piece.submit()

    def _failed(self, piece):
        endpoint = piece.endpoint
        if self._memory is None or self.device.gone or endpoint in self._mending:
            return
        self.errors += 1
        self._row += 1
        if self._row > _ERRORS:
            self._error = -piece.status
            self.device.bus.log(klog.ERROR, "%s: given up: error %d" % (self.name, -piece.status))
            return
        self._mending.append(endpoint)
        usbtask.start(self._mend(endpoint), self.name)

    def _mend(self, endpoint):
        """The endpoint again, once all that was queued on it has ended."""
        pieces = self._reads if endpoint is self._reader else self._writes
        try:
            yield _MEND_MS << self._row
            while any([p.status == usbwait.PENDING for p in pieces]):
                yield _MEND_MS
            yield from endpoint.clear_halt()
        finally:
            self._mending.remove(endpoint)
        if endpoint is self._reader and self._memory is not None:
            for piece in pieces:
                if piece not in self._came:
                    piece.submit()

    def any(self):
        """How many bytes can be read at once."""
        count = -self._at
        for piece in self._came:
            count += piece.end
        return count

    def _there(self):
        if self.device.gone:
            raise usbwait.error(usbwait.ENODEV, self.name)
        if self._error:
            raise usbwait.error(self._error, self.name)

    def _open(self):
        if self._memory is None:
            raise OSError(9, "%s: not open" % self.name)  # EBADF

    def _waited(self, ready, ms):
        """Whether it is ready, within that time."""
        if ready() or not ms:
            return ready()
        return usbtask.run(_until(ready, ms), self.name)

    def _readable(self):
        return self._came or self.device.gone or self._error

    def _arrived(self, most):
        """How many bytes can be had now, up to `most`; None: none in time.  Raises OSError."""
        self._waited(self._readable, self.timeout)
        if self._came:
            return min(most, self.any())
        self._there()
        self._open()
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
                if not self.device.gone and self._reader not in self._mending:
                    piece.submit()

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

    def _free(self):
        for piece in self._writes:
            if piece.status != usbwait.PENDING:
                return piece
        return None

    def _writable(self):
        if self.device.gone or self._error:
            return True
        return self._writer not in self._mending and self._free() is not None

    def write(self, buf):
        """How many bytes it took, or None.  Raises OSError."""
        view = memoryview(buf)
        at = 0
        while at < len(view):
            ready = self._waited(self._writable, self.write_timeout)
            self._there()
            self._open()
            if not ready:
                break
            piece = self._free()
            part = min(_BYTES, len(view) - at)
            piece.view[:part] = view[at : at + part]
            piece.length = part
            if piece.submit():
                self._there()
                raise usbwait.error(-piece.status, self.name)
            at += part
        return at if at or not len(view) else None

    def _written(self, piece):
        if piece.status != 0:
            self._failed(piece)
        else:
            self._row = 0

    def flush(self):
        """Return once everything is with the device.  Raises OSError, ETIMEDOUT."""

        def done():
            return self.device.gone or not any(
                [piece.status == usbwait.PENDING for piece in self._writes]
            )

        if not self._waited(done, self.write_timeout):
            raise usbwait.error(usbwait.ETIMEDOUT, self.name)
        self._there()

    def ioctl(self, op, arg):
        """For select.poll(), asyncio and C: 1 flush, 3 poll, 4 close."""
        if op == 3:
            flags = _IN if self._readable() else 0
            if self._writable():
                flags |= _OUT
            return flags & arg | (_HUP if self.device.gone else 0)
        if op == 1 and self._memory is not None:
            self.flush()
            return 0
        if op == 4:
            self.deinit()
            return 0
        return -22


def _until(ready, ms):
    clock = usbtask.loop().clock
    due = clock.ticks_add(clock.ticks_ms(), ms)
    while not ready() and clock.ticks_diff(due, clock.ticks_ms()) > 0:
        yield 1
    return ready()
