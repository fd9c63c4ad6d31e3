"""A file of the host as a block device that is only read."""


class FileDisk:
    """path: an image."""

    name = "file"
    read_only = True

    def __init__(self, path, block_size=512):
        self._file = open(path, "rb")
        self._block_size = block_size
        self._blocks = self._file.seek(0, 2) // block_size

    def readblocks(self, n, buf):
        self._file.seek(n * self._block_size)
        return 0 if self._file.readinto(buf) == len(buf) else -5

    def ioctl(self, op, arg):
        return {4: self._blocks, 5: self._block_size}.get(op, 0)
