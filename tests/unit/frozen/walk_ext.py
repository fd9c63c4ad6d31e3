"""Mounts the image that the command line names and prints path, type and CRC-32 of all in it."""

import binascii
import sys

from ext2 import VfsExt2
from filedisk import FileDisk


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


walk(VfsExt2(FileDisk(sys.argv[1])), "")
