"""A side of test_partition_tables.py, on either interpreter: JSON of an image's partitions."""

import json
import sys

import gpt
import klog


class FileDisk:
    """An image, read only."""

    name = "file"

    def __init__(self, path, block_size):
        self.f = open(path, "rb")
        self.block_size = block_size
        self.count = self.f.seek(0, 2) // block_size

    def readblocks(self, n, buf):
        self.f.seek(n * self.block_size)
        return 0 if self.f.readinto(buf) == len(buf) else -5

    def ioctl(self, op, arg):
        return {4: self.count, 5: self.block_size}.get(op, 0)


disk = FileDisk(sys.argv[1], int(sys.argv[2]))
found = [[p.number, p.first, p.count, p.type, p.guid, p.label] for p in gpt.partitions(disk)]
print(json.dumps({"found": found, "check": gpt.check(disk), "log": [t for _, t in klog.lines]}))
