"""What arrives in numbered blocks: writes to a medium, plain or deflated, and loads to memory.

A block is acknowledged when it has come whole and undamaged; it is written while the next one is
on its way.  What goes wrong then is the answer to all that follows, up to the next begin.
"""

import loaderc
from micropython import const

from loader_frames import BAD_BLOCK_SIZE, FAILED, INFLATE, INVALID, NOT_ENOUGH, TOO_MUCH, Refused

_INFLATED = const(65536)
_LARGEST = const(64 << 20)  # of a firmware's file: boot/elf.h
_MOST = const(65535 - 16)  # bytes of a block: a request's length is 16 bits


class Numbered:
    """Checks the numbers of blocks: accept() gives False for one that came before."""

    def __init__(self, count, size):
        if size > _MOST or (count and not size):
            raise Refused(BAD_BLOCK_SIZE, "blocks of %d bytes" % size)
        self._count = count
        self._size = size
        self.next = 0

    def accept(self, request):
        """Raises Refused for a block that is not the next one."""
        if self.next and request.seq == self.next - 1:
            return False  # the answer to it was lost
        if request.seq >= self._count:
            raise Refused(TOO_MUCH, "block %d of %d" % (request.seq, self._count))
        if request.seq != self.next:
            raise Refused(INVALID, "block %d in place of %d" % (request.seq, self.next))
        if len(request.data) > self._size:
            raise Refused(BAD_BLOCK_SIZE, "block of %d bytes" % len(request.data))
        self.next += 1
        return True


class Download:
    """Blocks on their way to a Writer.

    receive: a generator of their data, which ends when the client asks for something else.
    failed: the Refused that ended it, or None.
    """

    def __init__(self, writer):
        self._writer = writer
        self.failed = None

    def run(self, receive, deflated):
        """Write what comes until it ends."""
        try:
            if deflated:
                self._inflate(receive)
            else:
                for data in receive:
                    self._push(data)
        except Refused as why:
            self.failed = why
        except MemoryError:
            self.failed = Refused(NOT_ENOUGH, "no room to write the blocks")
        except (OSError, EOFError, ValueError) as why:
            if deflated:
                self.failed = Refused(INFLATE, "the blocks are no zlib stream")
            else:
                self.failed = Refused(FAILED, "%s: %s" % (type(why).__name__, why))

    def _push(self, data):
        writer = self._writer
        if len(data) > writer.left:
            if not writer.left:
                raise Refused(TOO_MUCH, "a block after the last byte")
            data = memoryview(data)[: writer.left]  # the client pads its last block
        writer.push(data)
        if not writer.left:
            writer.finish()

    def _inflate(self, receive):
        import deflate

        stream = deflate.DeflateIO(loaderc.Feed(lambda: next(receive, b"")), deflate.ZLIB)
        buf = memoryview(bytearray(_INFLATED))
        writer = self._writer
        while True:
            n = stream.readinto(buf)
            if not n:
                break
            writer.push(buf[:n])
            if not writer.left:
                writer.finish()
        for _ in receive:
            raise Refused(TOO_MUCH, "a block behind the end of the zlib stream")

    def check(self):
        """Raises Refused unless everything has come and is written."""
        if self.failed:
            raise self.failed
        if self._writer.left:
            raise Refused(NOT_ENOUGH, "%d bytes are missing" % self._writer.left)


class Load:
    """Blocks on their way to memory, or where the address is 0, to image: room of its own."""

    def __init__(self, memory, size, count, block, at):
        self._numbered = Numbered(count, block)
        self._memory = memory
        self._size = size
        self._block = block
        self._at = at
        self._left = size
        self.image = None
        if at == 0:
            try:
                self.image = bytearray(size)
            except MemoryError:
                raise Refused(NOT_ENOUGH, "no room for %d bytes" % size)

    def take(self, request):
        """One block.  Raises Refused, OSError (BusError)."""
        if not self._numbered.accept(request):
            return
        at = request.seq * self._block
        data = request.data
        if at + len(data) > self._size:
            raise Refused(TOO_MUCH, "%d bytes more than announced" % (at + len(data) - self._size))
        if self.image is None:
            self._memory.write(self._at + at, data)
        else:
            self.image[at : at + len(data)] = data
        self._left -= len(data)

    def check(self):
        """Raises Refused unless everything has come."""
        if self._left > 0:
            raise Refused(NOT_ENOUGH, "%d bytes are missing" % self._left)


def inflated(image):
    """An image, which may have come as a zlib stream.  Raises ValueError."""
    if image[:1] != b"\x78":
        return image
    import io

    import deflate

    stream = deflate.DeflateIO(io.BytesIO(image), deflate.ZLIB)
    buf = memoryview(bytearray(_INFLATED))
    out = []
    try:
        while len(out) <= _LARGEST // _INFLATED:  # all but the last are full
            n = stream.readinto(buf)
            if not n:
                return b"".join(out)
            out.append(bytes(buf[:n]))
        raise ValueError("file-too-large")
    except (OSError, EOFError):
        raise ValueError("no zlib stream")
