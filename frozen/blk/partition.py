"""A part of a disk as a block device, and what makes the entries of a table fit to be used."""

import klog
from micropython import const

EUCLEAN = const(117)  # Linux's "structure needs cleaning": a table that is no good
_EINVAL = const(-22)
_EROFS = const(-30)
_LINES = const(8)  # of the log about one table: a hostile one would flood it
_SYNC, _COUNT, _SIZE, _ERASE = const(3), const(4), const(5), const(6)


class Partition:
    """Blocks first to first + count - 1 of disk, by MicroPython's block protocol.

    name: the device's, "sd0p2" on the disk sd0, for logs.  number: in the table, from 1.
    label: what the table calls it.  type: a GUID, "0x83" from an MBR.  guid: its own; an MBR's
    disk signature and number, "1b2c3d4e-02".  Whatever is asked outside of it is -EINVAL, a
    write where read_only -EROFS, the rest the disk's answer.  The disk stays: init and deinit do
    nothing.
    """

    def __init__(self, disk, first, count, number=0, label="", type="", guid="", read_only=False):
        self.disk = disk
        self.first = first
        self.count = count
        self.number = number
        self.name = "%sp%d" % (name_of(disk), number)
        self.label = label
        self.type = type
        self.guid = guid
        self.read_only = bool(read_only or getattr(disk, "read_only", False))
        self.block_size = disk.ioctl(_SIZE, 0)
        self._bytes = count * self.block_size

    def __repr__(self):
        label = ' "%s"' % self.label if self.label else ""
        span = (self.name, label, self.first, self.count, self.block_size, self.type)
        return "<Partition %s%s: from %d, %d blocks of %d, type %s>" % span

    def readblocks(self, n, buf, offset=None):
        """Read len(buf) bytes from block n on, from `offset` bytes into it if given."""
        end = n * self.block_size + len(buf)
        if offset is None:
            if n < 0 or end > self._bytes or len(buf) % self.block_size:
                return _EINVAL
            return self.disk.readblocks(self.first + n, buf)
        if n < 0 or offset < 0 or end + offset > self._bytes:
            return _EINVAL
        return self.disk.readblocks(self.first + n, buf, offset)

    def writeblocks(self, n, buf, offset=None):
        """Write buf, as readblocks()."""
        if self.read_only:
            return _EROFS
        end = n * self.block_size + len(buf)
        if offset is None:
            if n < 0 or end > self._bytes or len(buf) % self.block_size:
                return _EINVAL
            return self.disk.writeblocks(self.first + n, buf)
        if n < 0 or offset < 0 or end + offset > self._bytes:
            return _EINVAL
        return self.disk.writeblocks(self.first + n, buf, offset)

    @property
    def writev(self):
        """writev(n, bufs): write buffers of whole blocks, on a disk that can; None on others."""
        return self._writev if getattr(self.disk, "writev", None) else None

    def _writev(self, n, bufs):
        if self.read_only:
            return _EROFS
        size = 0
        for buf in bufs:
            size += len(buf)
        if n < 0 or n * self.block_size + size > self._bytes:
            return _EINVAL
        return self.disk.writev(self.first + n, bufs)

    async def areadblocks(self, n, buf, offset=0):
        """As readblocks() while other tasks run, on a disk that can."""
        if n < 0 or offset < 0 or n * self.block_size + offset + len(buf) > self._bytes:
            return _EINVAL
        return await self.disk.areadblocks(self.first + n, buf, offset)

    async def awriteblocks(self, n, buf, offset=0):
        """As writeblocks() while other tasks run, on a disk that can."""
        if self.read_only:
            return _EROFS
        if n < 0 or offset < 0 or n * self.block_size + offset + len(buf) > self._bytes:
            return _EINVAL
        return await self.disk.awriteblocks(self.first + n, buf, offset)

    def ioctl(self, op, arg):
        """MicroPython's control operations 1 to 6."""
        if op == _COUNT:
            return self.count
        if op == _SIZE:
            return self.block_size
        if op < _SYNC:
            return 0
        if op == _ERASE:
            if self.read_only:
                return _EROFS
            if not 0 <= arg < self.count:
                return _EINVAL
            arg += self.first
        return self.disk.ioctl(op, arg)


def name_of(disk):
    """A disk's name for logs."""
    return getattr(disk, "name", None) or "disk"


def read(disk, lba, count=1):
    """Blocks of a disk as bytearray.  Raises OSError with the disk's errno."""
    buf = bytearray(count * disk.ioctl(_SIZE, 0))
    status = disk.readblocks(lba, buf)
    if status:
        raise OSError(-status, "block %d is not readable" % lba)
    return buf


def log(disk, text):
    """A line of the kernel log about a disk's table."""
    klog.log(klog.WARN, "partitions: %s: %s" % (name_of(disk), text))


def sound(disk, found, low, high):
    """Those of the Partitions that lie within low to high and share no block with another.

    Each of the others gets a line in the log.  Of two that overlap neither is given: nothing
    tells which is right, and a write to one could destroy the other.
    """
    bad = {}
    inside = []
    for p in found:
        if p.count < 1 or p.first < low or p.first + p.count - 1 > high:
            text = "blocks %d to %d are not within %d to %d"
            bad[p.number] = text % (p.first, p.first + p.count - 1, low, high)
        else:
            inside.append(p)
    inside.sort(key=lambda p: p.first)
    widest = None  # of those before, the one that ends last
    for p in inside:
        if widest and p.first < widest.first + widest.count:
            bad[p.number] = "overlaps partition %d" % widest.number
            bad[widest.number] = "overlaps partition %d" % p.number
        if widest is None or p.first + p.count > widest.first + widest.count:
            widest = p
    for number in sorted(bad)[:_LINES]:
        log(disk, "partition %d refused: %s" % (number, bad[number]))
    if len(bad) > _LINES:
        log(disk, "%d partitions refused in all" % len(bad))
    return [p for p in found if p.number not in bad]
