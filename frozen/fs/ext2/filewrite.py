"""The writing half of an open file."""

import errno
import io

import ext2c
from micropython import const

from .cache import DATA
from .const import EFBIG, ENOSPC, EROFS
from .super import LARGE_FILE, RO_COMPAT

_2_GIB = const(1 << 31)


class Writing(io.IOBase):
    """File's write, truncate, flush.

    It is the stream: C sees one only where the first base is (import panics on a file otherwise).
    """

    def write(self, buf):
        """Write bytes, or a str as UTF-8, at the position, or at the end when opened with "a";
        how many bytes.

        OSError(ENOSPC) when the disk is full: what fitted is in the file.
        """
        if not self._writable:
            raise OSError(errno.EBADF)
        if isinstance(buf, str):
            buf = buf.encode()
        volume, inode = self._volume, self._inode
        pos = inode.size if self._append else self._pos
        left = size = len(buf)
        if size == 0:
            return 0
        volume.writable()
        if pos > inode.size:
            zero_tail(volume, inode)
        large(volume, pos + size)
        bits = volume.sb.block_bits
        mask = (1 << bits) - 1
        view = memoryview(buf)
        self._wrote = True
        while left:
            volume.begin()
            off = pos & mask
            try:
                if off == 0 and left > mask:
                    n = self._write_whole(pos, view[size - left :])
                else:
                    n = min(mask + 1 - off, left)
                    self._write_part(pos, view[size - left : size - left + n])
            except OSError as why:
                if why.args[0] == ENOSPC and volume.alloc.pending:
                    volume.commit()
                    continue
                self._pos = pos
                if left < size and why.args[0] == ENOSPC:
                    break
                raise
            pos += n
            left -= n
            if pos > inode.size:
                inode.size = pos
            inode.mtime = inode.ctime = volume.now()
            volume.inodes.mark(inode)
        self._pos = pos
        if left:
            raise OSError(ENOSPC)
        return size

    def _write_whole(self, pos, view):
        """Write blocks that lie side by side, from the start of view: how many bytes."""
        volume, inode = self._volume, self._inode
        bits = volume.sb.block_bits
        n, is_new = inode.map.grow(inode, pos >> bits, len(view) >> bits)
        try:
            volume.write_data(inode.map.phys, view[: n << bits], is_new)
        except OSError:
            if is_new:
                inode.map.release(inode, pos >> bits, n)
            raise
        return n << bits

    def _write_part(self, pos, part):
        """Write within one block."""
        volume, inode = self._volume, self._inode
        bits = volume.sb.block_bits
        off = pos & ((1 << bits) - 1)
        _, is_new = inode.map.grow(inode, pos >> bits, 1)
        block = inode.map.phys
        data = volume.cache.new(block, DATA) if is_new else volume.cache.get(block)
        memoryview(data)[off : off + len(part)] = part
        volume.cache.mark(block, data, DATA)

    def truncate(self, size=None):
        """Make the file `size` bytes long, up to the position without one; what is new is a
        hole.
        """
        if not self._writable:
            raise OSError(errno.EBADF)
        volume, inode = self._volume, self._inode
        if size is None:
            size = self._pos
        if size < 0:
            raise OSError(errno.EINVAL)
        volume.begin()
        self._wrote = True
        resize(volume, inode, size)
        return size

    def flush(self):
        """All that was written is on the medium when this returns."""
        if self._wrote:
            self._volume.sync()
            self._wrote = False


def large(volume, size):
    """Before a file gets this size.  OSError(EFBIG) for more than the volume can have."""
    sb = volume.sb
    if size > _2_GIB - 1:
        if sb.rev == 0 or size >> sb.block_bits >= min(
            volume.indirect.limit(), 1 << 32 - (sb.block_bits - 9)
        ):
            raise OSError(EFBIG)
        if not sb.has(RO_COMPAT, LARGE_FILE):
            sb.set_feature(RO_COMPAT, LARGE_FILE)
            volume.write_super()  # before the inode that needs it
            volume.disk.flush()


def zero_tail(volume, inode):
    """Clear what is behind a file's end in its last block, before the end moves up."""
    off = inode.size & (volume.sb.block_size - 1)
    if off:
        inode.map.run(inode, inode.size >> volume.sb.block_bits, 1)
        block = inode.map.phys
        if block:
            data = volume.cache.get(block)
            ext2c.fill(memoryview(data)[off:], 0)
            volume.cache.mark(block, data, DATA)


def cut(volume, inode, size):
    """Set a file's size, not above what it is, and free what is behind it."""
    bits = volume.sb.block_bits
    inode.map.cut(inode, (size + (1 << bits) - 1) >> bits)
    inode.size = size
    zero_tail(volume, inode)


def resize(volume, inode, size):
    """Set a file's size and free what is behind it."""
    if volume.read_only:
        raise OSError(EROFS)
    if size < inode.size:
        cut(volume, inode, size)
    elif size > inode.size:
        large(volume, size)
        zero_tail(volume, inode)
        inode.size = size
    inode.mtime = inode.ctime = volume.now()
    volume.inodes.mark(inode)
