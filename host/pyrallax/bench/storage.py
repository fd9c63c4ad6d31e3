"""Disks and ext2: instructions of reads, listings and small files, and what reading allocates."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..vm.config import Unfit
from .figures import MIB, Figure
from .machine import Images, Target

_NULL = "driver=null-co,node-name=n,size=268435456,read-zeroes=on"
_FILE_MIB = 64
_SMALL = 1000  # files of _SMALL_BYTES
_SMALL_BYTES = 300

# Block numbers are made before, so that the loops hold the reads alone.
_AHCI = """
import ahci, array, asyncio, boot
count = boot.instructions
disk = ahci.disks()[0]
def sequential(n, buf):
    read = disk.readblocks
    blocks = len(buf) // 512
    a = count()
    for i in range(n):
        if read(i * blocks, buf):
            raise OSError
    return (count() - a) / n
def places(n):
    x = 1
    out = array.array("Q")
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        out.append((x >> 15) * 8)
    return out
def one_by_one(lbas, buf):
    read = disk.readblocks
    a = count()
    for lba in lbas:
        if read(lba, buf):
            raise OSError
    return (count() - a) / len(lbas)
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
    return (count() - a) / len(lbas)
def gathered(lbas, buf):
    a = count()
    if disk.gather(lbas, 8, buf):
        raise OSError
    return (count() - a) / len(lbas)
lbas = places(512)
big, page, all = bytearray(1 << 20), bytearray(4096), bytearray(512 * 4096)
sequential(2, big); one_by_one(lbas[:8], page)
asyncio.run(readers(lbas[:64]))
print((sequential(64, big), one_by_one(lbas, page), asyncio.run(readers(lbas)),
       gathered(lbas, all), disk.port.depth))
"""

# Every figure on a volume that was mounted just before: nothing of it is in the cache.
_EXT2 = """
import ahci, boot, gc, os, time
from ext2 import VfsExt2
count = boot.instructions
disk = ahci.disks()[0]
def cold(f, *args):
    vfs = VfsExt2(disk)
    os.mount(vfs, "/b")
    gc.collect()
    try:
        a = count()
        f(*args)
        b = count()
        cache = vfs.volume.cache
        kept = len(cache._young) + len(cache._old)
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
def delete(path, n):
    for i in range(n):
        os.remove(path + "/file%d" % i)
    os.rmdir(path)
"""

_READS = (
    _EXT2
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

_WRITES = (
    _EXT2
    + """
cold(create, "/b/few", 2); cold(delete, "/b/few", 2)
before = disk.port.requests
made = cold(create, "/b/many", 1000)
between = disk.port.requests
gone = cold(delete, "/b/many", 1000)
print((made / 1000, gone / 1000, between - before, disk.port.requests - between))
"""
)

# Two passes over one open file: the second finds the indirect blocks in the cache.
_MEMORY = (
    _EXT2
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

_WALL = (
    _EXT2
    + """
def rate(f, *args):
    a = time.ticks_us()
    f(*args)
    return 1e6 / time.ticks_diff(time.ticks_us(), a)
big = bytearray(1 << 20)
def raw(n):
    for i in range(n):
        disk.readblocks(2048 * i, big)
raw(16)
vfs = VfsExt2(disk)
os.mount(vfs, "/b")
print((max(64 * rate(raw, 64) for _ in range(5)),
       max(64 * rate(whole, "/b/big.bin", big) for _ in range(5))))
"""
)


def tree(root: Path) -> None:
    """The files that are measured, as a folder."""
    root.mkdir()
    pattern = bytes(i * i % 251 for i in range(MIB))
    with (root / "big.bin").open("wb") as big:
        for _ in range(_FILE_MIB):
            big.write(pattern)
    for count in (10, 1000, 10000):
        folder = root / f"d{count}"
        folder.mkdir()
        for n in range(count):
            (folder / f"name-{n:05}.txt").touch()
    small = root / "small"
    small.mkdir()
    for n in range(_SMALL):
        (small / f"small-{n:04}.txt").write_bytes(b"s" * _SMALL_BYTES)


def volume(folder: Path) -> Path:
    """An ext2 volume of 256 MiB with tree() on it.  Raises Unfit without mke2fs."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    mke2fs = shutil.which("mke2fs", path=path)
    if not mke2fs:
        raise Unfit("there is no mke2fs (e2fsprogs): run `make setup`")
    tree(folder / "tree")
    out = folder / "ext2.img"
    words = ["-q", "-t", "ext2", "-b", "4096", "-I", "256", "-m", "0", "-d", folder / "tree"]
    done = subprocess.run([mke2fs, *words, out, "256M"], capture_output=True, text=True)
    if done.returncode:
        raise Unfit(f"mke2fs: {done.stderr.strip()}")
    shutil.rmtree(folder / "tree")
    return out


def machine(images: Images, disk: str, icount: str = "") -> Any:
    """A machine with one AHCI disk.  disk: QEMU's words for `-blockdev`, node n.

    icount: words for `-icount`.  sleep=on where the host does I/O: else virtual time leaps from
    one timer to the next while it does, and the guest works at each of them.
    """
    return images.machine(
        icount=False,
        append="noautomount",
        device=["ich9-ahci,id=ahci", "ide-hd,drive=n,bus=ahci.0"],
        extra=["-blockdev", disk] + (["-icount", icount] if icount else []),
    )


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Instructions of each; what the host does for the volume's image takes none."""
    ahci, reads, writes, memory = [], [], [], []
    with TemporaryDirectory(prefix="pyrallax-bench-") as folder:
        path = volume(Path(folder))
        fixed = f"driver=file,node-name=n,filename={path}"
        for n in range(runs):
            with machine(images, _NULL, "shift=0,sleep=off") as vm:
                ahci.append(Target(vm).run(_AHCI))
            # What is written stays out of the next run.
            scratch = path.with_suffix(f".{n}")
            shutil.copyfile(path, scratch)
            with machine(
                images, f"driver=file,node-name=n,filename={scratch}", "shift=0,sleep=on"
            ) as vm:
                target = Target(vm)
                reads.append(target.run(_READS))
                memory.append(target.run(_MEMORY))
                writes.append(target.run(_WRITES))
            scratch.unlink()
        with machine(images, fixed) as vm:
            walls = Target(vm).run(_WALL)
    return figures(ahci, reads, writes, memory, walls), {}


def figures(ahci, reads, writes, memory, walls) -> list[Figure]:
    """What the programs above printed, run by run, as figures."""
    times = list(zip(*(run[0] for run in reads), strict=True))
    per_mib = [[t / _FILE_MIB for t in times[i]] for i in (0, 1)]
    cold_bytes, asked = memory[0][0]
    insns = "instructions"
    out = [
        Figure(
            "ahci.sequential_insns_per_mib",
            insns,
            [run[0] for run in ahci],
            f"{walls[0]:,.0f} MiB/s wall, from a file of the host",
        ),
        Figure("ahci.random_insns", insns, [run[1] for run in ahci]),
        Figure(
            "ahci.random_async_insns",
            insns,
            [run[2] for run in ahci],
            f"32 tasks, {ahci[0][4]} tags",
        ),
        Figure("ahci.random_gather_insns", insns, [run[3] for run in ahci], "gather()"),
        Figure(
            "ext2.file_insns_per_mib",
            insns,
            per_mib[0],
            f"64 KiB a read; {min(per_mib[1]):,.0f} with 1 MiB; {walls[1]:,.0f} MiB/s wall",
        ),
    ]
    for at, count in ((2, 1000), (4, 10000)):
        beside = f"ilistdir() {min(times[at + 1]):,.0f}"
        out.append(Figure(f"ext2.list_{count}_insns", insns, list(times[at]), beside))
    out += [
        Figure("ext2.stat_insns", insns, list(times[6]), "listing and stat(), a name"),
        Figure("ext2.small_insns", insns, list(times[7]), "listing, open, read, close, a file"),
        Figure(
            "ext2.create_insns", insns, [w[0] for w in writes], f"{writes[0][2]:,} requests in all"
        ),
        Figure(
            "ext2.delete_insns", insns, [w[1] for w in writes], f"{writes[0][3]:,} requests in all"
        ),
        Figure(
            "ext2.read_alloc_bytes",
            "bytes",
            [run[1][0] for run in memory],
            f"{asked:,} reads of 64 KiB; {cold_bytes:,} the first time: indirect blocks",
        ),
        Figure("ext2.cache_bytes", "bytes", [run[1] for run in reads], "most that was kept"),
    ]
    return out
