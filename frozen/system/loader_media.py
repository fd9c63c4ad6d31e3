"""Media of the serial loader: block devices as ranges of bytes, changed in whole blocks only."""

import errno

import loaderc
from micropython import const

from loader_frames import FAILED, NOT_ENOUGH, TOO_MUCH, Refused

DISK, ESP, ROOT, PARTITION = const(0), const(1), const(2), const(3)
_SYNC, _COUNT, _SIZE = const(3), const(4), const(5)
_CHUNK = const(256 * 1024)  # a multiple of every block size


class Medium:
    """A block device.  name, kind, size in bytes, block in bytes, read_only."""

    def __init__(self, volume, kind):
        self._volume = volume
        self.kind = kind
        self.name = volume.name
        self.block = volume.ioctl(_SIZE, 0)
        self.size = volume.ioctl(_COUNT, 0) * self.block
        self.read_only = bool(getattr(volume, "read_only", False))

    def check(self, at, size):
        """Raises Refused where a range is not inside."""
        if at < 0 or size < 0 or at + size > self.size:
            text = "%s has %d bytes, not %d to %d"
            raise Refused(FAILED, text % (self.name, self.size, at, at + size))

    def _done(self, status, doing, block):
        if status:
            name = errno.errorcode.get(-status, -status)
            raise Refused(FAILED, "%s: %s of block %d: %s" % (self.name, doing, block, name))

    def read_blocks(self, n, buf):
        """Blocks from n on.  Raises Refused."""
        self._done(self._volume.readblocks(n, buf), "read", n)

    def write_blocks(self, n, buf):
        """Blocks from n on.  Raises Refused."""
        self._done(self._volume.writeblocks(n, buf), "write", n)

    def flush(self):
        """What was written is on the medium.  Raises Refused."""
        self._done(self._volume.ioctl(_SYNC, 0), "flush", 0)

    def pieces(self, at, size):
        """The bytes of a range as memoryviews, each to be used before the next is asked for."""
        self.check(at, size)
        block = self.block
        buf = memoryview(bytearray(min(_CHUNK, size + 2 * block) // block * block or block))
        while size:
            n, skip = at // block, at % block
            count = min(len(buf), (skip + size + block - 1) // block * block)
            self.read_blocks(n, buf[:count])
            got = min(count - skip, size)
            yield buf[skip : skip + got]
            at += got
            size -= got

    def read(self, at, size):
        """Bytes of a range."""
        return b"".join([bytes(piece) for piece in self.pieces(at, size)])

    def digest(self, at, size):
        """MD5 of a range, of what the medium gives after a flush."""
        self.check(at, size)
        self.flush()
        total = loaderc.md5()
        for piece in self.pieces(at, size):
            total.update(piece)
        return total.digest()

    def zero(self, at, size):
        """Zeros in a range."""
        out = Writer(self, at, size)
        zeros = memoryview(bytearray(min(_CHUNK, size)))
        while out.left:
            out.push(zeros[: min(len(zeros), out.left)])
        out.finish()


class Writer:
    """Writes `size` bytes from byte `at` on.  left: how many are still to come.

    A block that the range covers in part is read first, and is written when the last of its bytes
    has come.  Raises Refused.
    """

    def __init__(self, medium, at, size):
        medium.check(at, size)
        if medium.read_only and size:
            raise Refused(FAILED, "%s is read-only" % medium.name)
        self._medium = medium
        self._block = medium.block
        self._next = at // medium.block  # the block that is written next
        self.left = size
        self._held = bytearray(medium.block)
        self._have = at % medium.block  # bytes of it in _held
        if self._have and size:
            medium.read_blocks(self._next, self._held)

    def push(self, data):
        """The next bytes: at most `left`."""
        if len(data) > self.left:
            raise Refused(TOO_MUCH, "%d bytes more than announced" % (len(data) - self.left))
        block = self._block
        view = memoryview(data)
        self.left -= len(data)
        if self._have:
            n = min(block - self._have, len(view))
            self._held[self._have : self._have + n] = view[:n]
            self._have += n
            view = view[n:]
            if self._have < block:
                return
            self._write(self._held)
            self._have = 0
        whole = len(view) // block * block
        if whole:
            self._write(view[:whole])
        self._have = len(view) - whole
        self._held[: self._have] = view[whole:]

    def _write(self, data):
        self._medium.write_blocks(self._next, data)
        self._next += len(data) // self._block

    def finish(self):
        """Write what is left of the last block, with what the medium has behind it."""
        if self.left:
            raise Refused(NOT_ENOUGH, "%d bytes are missing" % self.left)
        if self._have:
            old = bytearray(self._block)
            self._medium.read_blocks(self._next, old)
            old[: self._have] = self._held[: self._have]
            self._write(old)
            self._have = 0
