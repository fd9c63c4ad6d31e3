"""An open file: a stream as MicroPython's own file objects are."""

import errno

import ext2c
from micropython import const

from .filewrite import Writing

_FLUSH = const(1)
_SEEK = const(2)
_POLL = const(3)
_CLOSE = const(4)
_BUFFER_SIZE = const(11)


_MEMBERS = (
    "_volume",
    "_changes",
    "_inode",
    "_readable",
    "_writable",
    "_append",
    "_pos",
    "_wrote",
)


def opened(kind, volume, changes, inode, readable, writable, append):
    """A File or TextFile of an inode, at its beginning."""
    inode.opened += 1
    return ext2c.make(kind, _MEMBERS, volume, changes, inode, readable, writable, append, 0, False)


class File(Writing):
    """Bytes of one inode, made by opened().  Not buffered: what is read in whole blocks goes from
    the disk into the caller's buffer.
    """

    _view = None

    def readinto(self, buf, n=-1):
        """Fill buf, of bytes, or its first n; how many were read, fewer only at the end of the
        file.
        """
        volume = self._volume
        inode = self._inode
        if not self._readable:
            raise OSError(errno.EBADF)
        size = len(buf)
        if 0 <= n < size:
            size = n
        pos = self._pos
        left = size = min(size, inode.size - pos)
        if left <= 0:
            return 0
        bits = volume.sb.block_bits
        block_size = 1 << bits
        mask = block_size - 1
        whole = size == len(buf)
        view = None
        while left:
            off = pos & mask
            if off == 0 and left >= block_size:
                n = inode.map.run(inode, pos >> bits, left >> bits) << bits
                part = buf
                if not whole or n != size:
                    part = view = self._window(buf, size - left, n)
                phys = inode.map.phys
                if phys:
                    volume.read_data(phys, part)
                else:
                    ext2c.fill(part, 0)
            else:
                n = min(block_size - off, left)
                inode.map.run(inode, pos >> bits, 1)
                phys = inode.map.phys
                if phys:
                    ext2c.copy(buf, size - left, volume.cache.get(phys), off, n)
                else:
                    view = self._window(buf, size - left, n)
                    ext2c.fill(view, 0)
            pos += n
            left -= n
        if view is not None:
            ext2c.window(view, buf, 0, 0)
        self._pos = pos
        return size

    def _window(self, buf, off, n):
        """buf[off : off + n] as a memoryview: one for all reads, to allocate nothing in them."""
        view = self._view
        if view is None:
            view = self._view = memoryview(bytearray(1))
        return ext2c.window(view, buf, off, n)

    def read(self, n=-1):
        """Up to n bytes, all that is left without n."""
        inode = self._inode
        pos = self._pos
        left = inode.size - pos
        if n is not None and 0 <= n < left:
            left = n
        volume = self._volume
        bits = volume.sb.block_bits
        off = pos & (1 << bits) - 1
        if left > 0 and (off + left) >> bits == 0 and self._readable:  # within one block
            block_map = inode.map
            block_map.run(inode, pos >> bits, 1)
            phys = block_map.phys
            data = ext2c.part(volume.cache.get(phys), off, left) if phys else bytes(left)
            self._pos = pos + left
            return data
        data = bytearray(max(left, 0))
        self.readinto(data)
        return bytes(data)

    def readline(self, n=-1):
        """Up to and with the next newline, or n bytes."""
        volume = self._volume
        bits = volume.sb.block_bits
        mask = (1 << bits) - 1
        start = at = self._pos
        end = self._inode.size
        if n is not None and n >= 0:
            end = min(end, start + n)
        while at < end:
            self._inode.map.run(self._inode, at >> bits, 1)
            upto = min(end, (at | mask) + 1)
            if self._inode.map.phys:
                base = at & ~mask
                data = volume.cache.get(self._inode.map.phys)
                found = ext2c.byte(data, 10, at - base, upto - base)
                if found >= 0:
                    at = base + found + 1
                    break
            at = upto
        return File.read(self, at - start)

    def readlines(self):
        return list(self)

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def seek(self, offset, whence=0):
        """Go to offset from the start, from here (1) or from the end (2); the new position."""
        if whence == 1:
            offset += self._pos
        elif whence == 2:
            offset += self._inode.size
        if offset < 0:
            raise OSError(errno.EINVAL)
        self._pos = offset
        return offset

    def tell(self):
        return self._pos

    def close(self):
        """Write what waits.  A file without a name left is freed now.  OSError(EIO) when what was
        written cannot reach the medium.
        """
        inode, self._inode = self._inode, _CLOSED
        if inode is _CLOSED:
            return
        self._readable = self._writable = False
        inode.opened -= 1
        volume = self._volume
        if not (inode.links or inode.opened or inode.dtime or volume.read_only):
            self._changes.drop(inode)
        if self._wrote and volume.commit_on_close:
            volume.sync()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.close()
        except OSError:  # most likely the consequence of the error that is on its way already
            if kind is None or not issubclass(kind, OSError):
                raise

    def ioctl(self, request, arg):
        """The stream protocol: flush, seek, close, poll, buffer size."""
        if request == _FLUSH:
            self.flush()
            return 0
        if request == _SEEK:
            return self._seek_struct(arg)
        if request == _CLOSE:
            self.close()
            return 0
        if request == _POLL:
            return arg & 5
        if request == _BUFFER_SIZE:
            return 255
        return -errno.EINVAL

    def _seek_struct(self, addr):
        """struct mp_stream_seek_t: offset, then whence."""
        import uctypes

        seek = uctypes.struct(addr, {"offset": 0 | uctypes.INT64, "whence": 8 | uctypes.INT32})
        try:
            seek.offset = self.seek(seek.offset, seek.whence)
        except OSError as why:
            return -why.args[0]
        return 0


class TextFile(File):
    """The same in UTF-8 text: read() counts characters, positions are bytes."""

    def read(self, n=-1):
        if n is None or n < 0:
            return str(File.read(self), "utf-8")
        data = File.read(self, n)
        while True:
            short = n - len([c for c in data if c & 0xC0 != 0x80])
            tail = _missing(data)
            if short <= 0 and tail == 0:
                return str(data, "utf-8")
            more = File.read(self, max(short + tail, 1))
            if not more:
                return str(data, "utf-8")
            data += more

    def readline(self, n=-1):
        return str(File.readline(self, n), "utf-8")


def _missing(data):
    """How many bytes the last character of UTF-8 data lacks."""
    for back in range(1, min(4, len(data)) + 1):
        c = data[-back]
        if c & 0xC0 != 0x80:
            return max((1 if c < 0x80 else 2 if c < 0xE0 else 3 if c < 0xF0 else 4) - back, 0)
    return 0


class _Closed:
    """What a closed file has for an inode: any use is EBADF."""

    def __getattr__(self, name):
        raise OSError(errno.EBADF)


_CLOSED = _Closed()
