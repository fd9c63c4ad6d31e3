"""A bulk or interrupt endpoint with transfers of its own, mended when they fail."""

import dma
import irq
import klog
from micropython import const

import usbtask
import usbwait
from usbendpoint import Transfer

_CLOSE_MS = const(1000)
_MEND_MS = const(10)
_ERRORS = const(5)  # in a row


class Piece(Transfer):
    """A transfer with its part of the pipe's memory.  end: bytes that wait in it to be read."""

    def __init__(self, endpoint, memory, offset, size, callback):
        super().__init__(endpoint, memory, callback)
        self.offset = offset
        self.length = size
        self.limit_ms = None
        self.view = memoryview(memory)[offset : offset + size]
        self.end = 0


class Pipe:
    """count transfers of `size` bytes.  IN: all that hold nothing to be read are under way.

    done(piece): called softly when one has ended well.  send(piece): 0 or -errno.  again(piece):
    have it read once more; later, where it is being mended.  open: whether it is.  errors: stalls
    and the like so far.  lost: errno of the last one, until somebody takes it back.  error: errno
    for which it was given up, until it is opened again.
    """

    def __init__(self, endpoint, count, size, done):
        self.endpoint = endpoint
        self.pieces = ()
        self.open = False
        self.errors = self.lost = self.error = 0
        self._count, self._size, self._done = count, size, done
        self._memory = None
        self._row = 0  # of errors
        self._halted = False
        self._mender = None
        self._sound = {0: True}  # without it somebody mends: dict.pop() is not interrupted
        # By programs, too, which Ctrl-C ends: a piece that is half submitted would be lost.
        self.again = irq.Held(self._again)
        self.send = irq.Held(Piece.submit)

    def begin(self):
        """Generator: open it.  Raises OSError."""
        endpoint, size = self.endpoint, self._size
        if self._memory is not None:
            yield from self.close()  # the last time that was interrupted
        if self._halted:
            yield from endpoint.clear_halt()
            self._halted = False
        self.lost = self.error = self._row = 0
        self._memory = memory = dma.alloc(self._count * size, 64, "usbpipe")
        self.pieces = [
            Piece(endpoint, memory, n * size, size, self._ended) for n in range(self._count)
        ]
        self._sound[0] = self.open = True
        self._go()

    def close(self):
        """Generator: nothing is under way any more, or the memory is given up.

        Raises nothing but KeyboardInterrupt; to be done again then.
        """
        self.open = False
        if self._mender is not None:
            self._mender.cancel()
            yield from _end(self._mender)
            self._mender = None
        for piece in self.pieces:
            piece.cancel()
        for piece in self.pieces:
            piece.limit_ms = _CLOSE_MS
            yield from _end(piece)
        if not self.busy():
            memory, self._memory = self._memory, None
            if memory is not None:
                memory.free()  # else better lost than written to by a device

    def busy(self):
        """Whether a transfer is under way."""
        return any([piece.status == usbwait.PENDING for piece in self.pieces])

    def free(self):
        """A piece that is not under way, or None: all are, or it is being mended."""
        if self._sound:
            for piece in self.pieces:
                if piece.status != usbwait.PENDING:
                    return piece
        return None

    def _again(self, piece):
        piece.end = 0
        if self.open and self._sound:
            status = piece.submit()
            if status and status != -usbwait.EBUSY:
                self._failed(-status)

    def _go(self):
        if self.endpoint.is_in:
            for piece in self.pieces:
                if not piece.end:
                    self.again(piece)

    def _ended(self, piece):
        if not self.open:
            return
        if piece.status == 0:
            self._row = 0
            self._done(piece)
        else:
            self._failed(-piece.status)

    def _failed(self, number):
        if self.endpoint.device.gone or not self._sound.pop(0, False):
            return
        self._halted = True
        self.errors += 1
        self.lost = number
        self._row += 1
        if self._row > _ERRORS:
            self._give_up(number)
        else:
            self._mender = usbtask.start(self._mend(), self.endpoint.device.name)

    def _give_up(self, number):
        device = self.endpoint.device
        self.error = number
        why = usbwait.words(usbwait.error(number))
        device.bus.log(klog.ERROR, "%s: %r given up: %s" % (device.name, self.endpoint, why))

    def _mend(self):
        """The endpoint again, once all that was queued on it has ended."""
        try:
            yield _MEND_MS << self._row
            while self.busy():
                yield _MEND_MS
            yield from self.endpoint.clear_halt()
            self._halted = False
        except BaseException as why:  # Ctrl-C, too, which ends whichever task it hits
            failed = isinstance(why, OSError)
            if self.open and not self.endpoint.device.gone:
                self._give_up(why.errno if failed else usbwait.EIO)
            if not failed:
                raise
            return
        self._sound[0] = True
        self._go()


def _end(wait):
    """Generator: until it has ended, however."""
    if wait.status == usbwait.PENDING:
        try:
            yield wait
        except OSError:
            pass
