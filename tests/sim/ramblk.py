"""A block device in memory, as a driver gives one: status codes, nothing raised."""

EIO = 5
EROFS = 30
EINVAL = 22


class RamBlock:
    """size: bytes, or the content as bytes.  block_size: the device's own."""

    def __init__(self, size, block_size=512):
        self.data = bytearray(size)
        self.block_size = block_size
        self.name = "ram0"
        self.read_only = False
        self.reads = self.writes = self.flushes = 0

    def _range(self, n, buf, off):
        first = n * self.block_size + off
        last = first + len(buf)
        if n < 0 or last > len(self.data) or (off == 0 and len(buf) % self.block_size):
            return -1, -1
        return first, last

    def readblocks(self, n, buf, off=0):
        first, last = self._range(n, buf, off)
        if first < 0:
            return -EINVAL
        self.reads += 1
        buf[:] = memoryview(self.data)[first:last]
        return 0

    def writeblocks(self, n, buf, off=0):
        first, last = self._range(n, buf, off)
        if first < 0:
            return -EINVAL
        if self.read_only:
            return -EROFS
        self.writes += 1
        self.data[first:last] = buf
        return 0

    def ioctl(self, op, arg):
        if op == 3:
            self.flushes += 1
        if op == 4:
            return len(self.data) // self.block_size
        if op == 5:
            return self.block_size
        return 0
