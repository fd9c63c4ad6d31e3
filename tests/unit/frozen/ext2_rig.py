"""What the tests of ext2 share: a volume in memory, and its files in one call."""

from ext2 import VfsExt2
from ramblk import RamBlock


def make(block_size=1024, size=4 << 20, **options):
    disk = RamBlock(size)
    VfsExt2.mkfs(disk, block_size, "label", **options)
    return disk, VfsExt2(disk)


def fails(number, function, *args):
    try:
        function(*args)
    except OSError as why:
        assert why.args[0] == number, why
        return
    raise AssertionError("no error")


def put(fs, path, data, mode="wb"):
    with fs.open(path, mode) as file:
        assert file.write(data) == len(data)


def get(fs, path):
    with fs.open(path, "rb") as file:
        return file.read()


def names(fs, path="/"):
    return sorted([entry[0] for entry in fs.ilistdir(path)])


def pattern(n, seed=1):
    data = bytearray(n)  # a list would be eight times as long, in a heap of 64 MiB
    for i in range(n):
        data[i] = (i * 7 + i // 251 + seed) & 255
    return bytes(data)
