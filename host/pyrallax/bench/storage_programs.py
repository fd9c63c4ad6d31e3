"""What the firmware runs for the figures of disks and ext2."""

# What a disk does without a file system; count() is the instructions, or the clock.  Block numbers
# are made before, so that the loops hold the reads alone.
_DISK = """
import ahci, array, boot
count = boot.instructions
disk = ahci.disks()[0]
def sequential(request, buf, first, n):
    blocks = len(buf) // 512
    a = count()
    for i in range(first, first + n):
        if request(i * blocks, buf):
            raise OSError
    return count() - a
def places(n):
    x = 1
    lbas = array.array("Q")
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        lbas.append((x >> 15) * 8)
    return lbas
def random(lbas, buf):
    read = disk.readblocks
    a = count()
    for lba in lbas:
        if read(lba, buf):
            raise OSError
    return count() - a
def gathered(lbas, buf):
    a = count()
    if disk.gather(lbas, 8, buf):
        raise OSError
    return count() - a
big, few, many = bytearray(1 << 20), bytearray(4096), bytearray(512 * 4096)
"""

AHCI = (
    _DISK
    + """
import asyncio
async def reader(lbas, buf):
    read = disk.areadblocks
    for lba in lbas:
        if await read(lba, buf):
            raise OSError
async def readers(lbas):
    each = [lbas[i:i + len(lbas) // 32] for i in range(0, len(lbas), len(lbas) // 32)]
    bufs = [bytearray(4096) for _ in each]
    a = count()
    await asyncio.gather(*[reader(l, b) for l, b in zip(each, bufs)])
    return count() - a
lbas = places(512)
sequential(disk.readblocks, big, 0, 2); random(lbas[:8], few)
asyncio.run(readers(lbas[:64]))
print((sequential(disk.readblocks, big, 0, 64) / 64, random(lbas, few) / 512,
       asyncio.run(readers(lbas)) / 512, gathered(lbas, many) / 512, disk.port.depth))
"""
)

# Every figure on a volume that was mounted just before: nothing of it is in the cache.
EXT2 = """
import ahci, boot, gc, os, time
from ext2 import VfsExt2
count = boot.instructions
disk = ahci.disks()[0]
def cold(f, *args, each=True):
    vfs = VfsExt2(disk)
    vfs.volume.commit_on_close = each
    os.mount(vfs, "/b")
    gc.collect()
    try:
        a = count()
        f(*args)
        b = count()
        cache = vfs.volume.cache
        kept = len(cache.young) + len(cache._old)
        held.append(kept * vfs.volume.sb.block_size)
    finally:
        os.umount("/b")
    return b - a
held = []
def whole(path, buf):
    with open(path, "rb") as f:
        read = f.readinto
        while read(buf):
            pass
def names(path):
    os.listdir(path)
def iterate(path):
    for entry in os.ilistdir(path):
        pass
def stats(path):
    stat = os.stat
    for entry in os.ilistdir(path):
        stat(path + "/" + entry[0])
def contents(path):
    for entry in os.ilistdir(path):
        with open(path + "/" + entry[0], "rb") as f:
            f.read()
def create(path, n):
    os.mkdir(path)
    for i in range(n):
        with open(path + "/file%d" % i, "wb") as f:
            f.write(b"x" * 100)
    os.sync()
def delete(path, n):
    for i in range(n):
        os.remove(path + "/file%d" % i)
    os.rmdir(path)
    os.sync()
"""

READS = (
    EXT2
    + """
big, page = bytearray(1 << 20), bytearray(65536)
cold(whole, "/b/big.bin", big); cold(names, "/b/d10")
out = [cold(whole, "/b/big.bin", page), cold(whole, "/b/big.bin", big)]
for n in (1000, 10000):
    out += [cold(names, "/b/d%d" % n) / n, cold(iterate, "/b/d%d" % n) / n]
out += [cold(stats, "/b/small") / 1000, cold(contents, "/b/small") / 1000]
print((out, max(held)))
"""
)

WRITES = (
    EXT2
    + """
cold(create, "/b/few", 2); cold(delete, "/b/few", 2)
requests = [disk.port.requests]
def counted(f, each=True):
    n = cold(f, "/b/many", 1000, each=each) / 1000
    requests.append(disk.port.requests)
    return n
out = [counted(create), counted(delete), counted(create, each=False)]
print((out, [b - a for a, b in zip(requests, requests[1:])]))
"""
)

# Two passes over one open file: the second finds the indirect blocks in the cache.
MEMORY = (
    EXT2
    + """
vfs = VfsExt2(disk)
os.mount(vfs, "/b")
buf = bytearray(65536)
def requests(f):
    n = 0
    read = f.readinto
    while read(buf):
        n += 1
    return n
def allocated(f):
    f.seek(0)
    gc.collect()
    gc.disable()
    a = gc.mem_alloc()
    n = requests(f)
    b = gc.mem_alloc()
    gc.enable()
    return b - a, n
with open("/b/big.bin", "rb") as f:
    print((allocated(f), allocated(f)))
"""
)

# The clock in place of the instructions; the zone that is read and written lies behind the volume.
WALLS = (
    EXT2
    + _DISK
    + """
count = boot.counter
page = bytearray(65536)
"""
)
