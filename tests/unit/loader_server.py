"""The frozen serial loader under MicroPython's unix port: stdin and stdout are its line.

Argument: a file that is the disk.  It is written when the loader leaves.
"""

import select
import sys

import loader
from loader_media import DISK, Medium
from memdisk import MemDisk


class Line:
    """What loader._Line is on the target."""

    def __init__(self):
        self._in = sys.stdin.buffer
        self._poll = select.poll()
        self._poll.register(self._in, select.POLLIN)

    def read(self, ms):
        if not self._poll.poll(ms):
            return b""
        data = self._in.read(1)
        if not data:
            raise SystemExit("the line is gone")
        return data

    def write(self, data):
        sys.stdout.buffer.write(data)


path = sys.argv[1]
with open(path, "rb") as f:
    disk = MemDisk(bytearray(f.read()), name="sd0")
loader.Loader(Line(), [Medium(disk, DISK)], None, None).run()
with open(path, "wb") as f:
    f.write(disk.data)
