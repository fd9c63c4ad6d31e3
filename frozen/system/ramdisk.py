"""Block device over a piece of memory."""

_BLOCK = const(512)


class RamDisk:
    """MicroPython's block protocol, simple and extended, over region (a writable buffer).

    Blocks of 512 bytes; what is left over at the end is not used. Keeps its content as long as
    the memory does: over a soft reset, not over a reset.
    """

    def __init__(self, region):
        self._mem = memoryview(region)
        self._blocks = len(region) // _BLOCK

    def readblocks(self, block, buf, offset=0):
        at = block * _BLOCK + offset
        n = len(buf)
        if block < 0 or at + n > self._blocks * _BLOCK:
            return -5  # EIO
        buf[:] = self._mem[at : at + n]
        return 0

    def writeblocks(self, block, buf, offset=0):
        at = block * _BLOCK + offset
        n = len(buf)
        if block < 0 or at + n > self._blocks * _BLOCK:
            return -5  # EIO
        self._mem[at : at + n] = buf
        return 0

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return _BLOCK
        return 0
