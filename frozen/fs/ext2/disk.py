"""The block device as the file system sees it: its blocks, errors as OSError, barriers only where
needed.
"""

import errno

from micropython import const

_SYNC = const(3)
_COUNT = const(4)
_SIZE = const(5)


class Disk:
    """A MicroPython block device.  block_size is set once the superblock is known."""

    def __init__(self, bdev):
        self.bdev = bdev
        bdev.ioctl(1, 0)
        self.sector = bdev.ioctl(_SIZE, 0) or 512
        self.sectors = bdev.ioctl(_COUNT, 0)
        self.name = getattr(bdev, "name", None) or "disk"
        self.read_only = bool(getattr(bdev, "read_only", False))
        self._writev = getattr(bdev, "writev", None)
        self._per_block = 1
        self._unsafe = False  # written since the last flush

    def set_block_size(self, size):
        """From now on blocks are of `size` bytes.  OSError(EINVAL) when smaller than the device's
        own.
        """
        if size < self.sector or size % self.sector:
            raise OSError(errno.EINVAL)
        self._per_block = size // self.sector

    @property
    def size(self):
        """Bytes."""
        return self.sectors * self.sector

    def read(self, block, buf):
        """Fill buf, whole blocks, from `block` on: one request.  OSError as the device says."""
        status = self.bdev.readblocks(block * self._per_block, buf)
        if status:
            raise OSError(-status)

    def write(self, block, buf):
        """Write buf, whole blocks, from `block` on: one request.  OSError as the device says."""
        self._unsafe = True
        status = self.bdev.writeblocks(block * self._per_block, buf)
        if status:
            raise OSError(-status)

    def write_all(self, block, bufs):
        """Write a list of buffers, whole blocks, one after the other, from `block` on."""
        if self._writev is None:
            # Not bytes.join(): bytes have a hash, 6 instructions for each of them.
            whole = bytearray(sum([len(buf) for buf in bufs]))
            at = 0
            for buf in bufs:
                whole[at : at + len(buf)] = buf
                at += len(buf)
            return self.write(block, whole)
        self._unsafe = True
        status = self._writev(block * self._per_block, bufs)
        if status:
            raise OSError(-status)

    def flush(self):
        """Barrier: all that was written is on the medium when this returns."""
        if self._unsafe:
            status = self.bdev.ioctl(_SYNC, 0)
            if status:
                raise OSError(-status if status < 0 else errno.EIO)
            self._unsafe = False

    def read_bytes(self, at, buf):
        """Fill buf from any byte of the device: for the superblock, before the block size is
        known.
        """
        first = at // self.sector
        whole = bytearray(-(-(at + len(buf)) // self.sector) * self.sector - first * self.sector)
        if first + len(whole) // self.sector > self.sectors:
            raise OSError(errno.ENODEV)
        status = self.bdev.readblocks(first, whole)
        if status:
            raise OSError(-status)
        off = at - first * self.sector
        buf[:] = whole[off : off + len(buf)]

    def write_bytes(self, at, data):
        """Write data at any byte of the device; sectors it covers in part are read first."""
        first = at // self.sector
        whole = bytearray(-(-(at + len(data)) // self.sector) * self.sector - first * self.sector)
        off = at - first * self.sector
        if len(whole) != len(data):
            status = self.bdev.readblocks(first, whole)
            if status:
                raise OSError(-status)
        whole[off : off + len(data)] = data
        self._unsafe = True
        status = self.bdev.writeblocks(first, whole)
        if status:
            raise OSError(-status)
