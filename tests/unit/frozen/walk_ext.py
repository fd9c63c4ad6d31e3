"""Mounts the image that the command line names and prints path, type and CRC-32 of all in it."""

import binascii
import sys

from ext2 import VfsExt2


class FileBlock:
    """A read-only block device over a file of the host."""

    name = "file0"
    read_only = True

    def __init__(self, path):
        self._file = open(path, "rb")
        self._blocks = self._file.seek(0, 2) // 512

    def readblocks(self, n, buf):
        self._file.seek(n * 512)
        return 0 if self._file.readinto(buf) == len(buf) else -5

    def ioctl(self, op, arg):
        return {4: self._blocks, 5: 512}.get(op, 0)


def walk(fs, folder):
    for name, kind, _ in fs.ilistdir(folder or "/"):
        path = folder + "/" + name
        crc = 0
        if kind == 0x4000:
            walk(fs, path)
        else:
            with fs.open(path, "rb") as file:
                crc = binascii.crc32(file.read())
        print("%s %x %d" % (path, kind, crc))


walk(VfsExt2(FileBlock(sys.argv[1])), "")
