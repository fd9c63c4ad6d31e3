"""Damaged ext2 images against the frozen file system; on MicroPython's unix port and CPython.

    ext2_target.py CORPUS SEED CASES [FIRST]

Each case damages one image of CORPUS, in half of the cases makes checksums right again, mounts it
read-only or for writing, walks all of it and reads; for writing it changes things too.  What may
come of it: data, or an OSError with a number that fits, and where that is EUCLEAN a line in the
log.  After the line that says so nothing is written any more, and before it nothing but the
superblock once a structure was found broken; sync() and umount() give EIO then.  The last line of
output says how many cases there were, how many met a broken structure, and the slowest.
"""

import os
import random
import sys

import klog
from ext2 import VfsExt2
from ext2_damage import Damage
from ext2_layout import Layout
from ext4_seals import Seals
from ramblk import RamBlock
from stopwatch import ticks_diff, ticks_ms

_LIMIT_MS = 10000
_REQUESTS = 20000
_NAMES = 150  # of one walk: a directory can contain itself
_EIO = 5
_EUCLEAN = 117
# ENOENT: a name that is not UTF-8, as for links ENAMETOOLONG, ELOOP.  ENOTDIR, EISDIR, EINVAL: a
# type that the inode does not have.
_READING = (2, 20, 21, 22, 36, 40, 95, _EUCLEAN)
# EEXIST EFBIG ENOSPC EROFS EMLINK ENOTEMPTY EPERM
_WRITING = _READING + (17, 27, 28, 30, 31, 39, 1)  # noqa: RUF005 - MicroPython
_MOUNTING = (19, 22, 95, _EUCLEAN)


class Wrong(Exception):
    """What must not happen."""


class Watched(RamBlock):
    """A disk that knows what may be written to it now."""

    def __init__(self, image, read_only):
        self.data = image
        self.block_size = 512
        self.name = "ram0"
        self.read_only = False
        self.reads = self.writes = self.flushes = 0
        self.frozen = read_only
        self.broken = False  # then the superblock only

    def readblocks(self, n, buf, off=0):
        if self.reads > _REQUESTS:
            raise Wrong("too many requests")
        if RamBlock.readblocks(self, n, buf, off):
            raise Wrong(f"read of {len(buf)} at {n}")
        return 0

    def writeblocks(self, n, buf, off=0):
        if self.frozen:
            raise Wrong(f"written to {n} though read-only")
        if self.broken and n != 2:
            raise Wrong(f"written to {n} though broken")
        if self.writes > _REQUESTS:
            raise Wrong("too many requests")
        if RamBlock.writeblocks(self, n, buf, off):
            raise Wrong(f"write of {len(buf)} at {n}")
        return 0


def listed(fs, folder):
    """All of a listing: the blocks are looked at as it comes to them."""
    return list(fs.ilistdir(folder))


class Case:
    """One mounted image."""

    def __init__(self, image, read_only, policy):
        self.disk = Watched(image, read_only)
        self.lines = []
        self.policy = policy
        self.read_only = read_only
        self.files = []
        self.folders = ["/"]
        self.broken = 0
        klog.log = self.log

    def log(self, level, text):
        """In place of the kernel log's."""
        self.lines.append(text)
        if " mounted read-only: " in text:
            self.disk.frozen = True
        if self.policy != "remount-ro":
            return
        if text.endswith("read-only from now on"):
            self.disk.frozen = True
        elif text.endswith("is corrupt"):
            self.disk.broken = True

    def attempt(self, allowed, do, *args):
        """What do() gives, None for an error that is allowed."""
        before = len(self.lines)
        try:
            return do(*args)
        except OSError as why:
            number = why.args[0]
            if number not in allowed:
                raise Wrong(f"OSError {number} from {do!r} {args!r}") from why
            if number == _EUCLEAN:
                self.broken += 1
                said = [t for t in self.lines[before:] if t.startswith("ext2 ram0: ")]
                if not said:
                    raise Wrong(f"no line in the log: {do!r} {args!r}") from why
            return None

    def run(self, cache):
        """All of it; whether something broken was met."""
        fs = self.attempt(
            _MOUNTING, lambda: VfsExt2(self.disk, None, self.read_only, cache, self.policy)
        )
        if fs is not None:
            self.walk(fs)
            if not fs.volume.read_only:
                self.change(fs)
                self.walk(fs)
            self.settle(fs, fs.umount)
        return fs is None or self.broken > 0

    def walk(self, fs):
        names = 0
        self.files, self.folders = [], ["/"]
        waiting = ["/"]
        while waiting and names < _NAMES:
            folder = waiting.pop()
            for name, kind, _ in self.attempt(_READING, listed, fs, folder) or ():
                names += 1
                if names > _NAMES:
                    break
                path = folder.rstrip("/") + "/" + name
                self.attempt(_READING, fs.stat, path)
                if kind == 0xA000:
                    self.attempt(_READING, fs.readlink, path)
                elif kind == 0x4000:
                    self.folders.append(path)
                    if len(path) < 200:
                        waiting.append(path)
                else:
                    self.files.append(path)
                    self.attempt(_READING, self.read, fs, path)
        fs.statvfs("/")

    def read(self, fs, path):
        with fs.open(path, "rb") as file:
            size = file.seek(0, 2)
            buf = bytearray(random.choice((700, 4096, 20000)))
            for at in (0, size // 2, max(size - 5000, 0), 12 << 10, 300 << 10, 70 << 20):
                file.seek(at)
                for _ in range(3):
                    if not file.readinto(buf):
                        break

    def change(self, fs):
        content = bytes(range(250)) * 20
        for _ in range(random.choice((3, 8))):
            step = random.choice(STEPS)
            path = random.choice(self.files or ["/none"])
            folder = random.choice(self.folders)
            if step is sync:
                self.settle(fs, step, fs, path, folder, content)
            else:
                self.attempt(_WRITING, step, fs, path, folder, content)
        self.settle(fs, fs.sync)

    def settle(self, fs, do, *args):
        """sync() or umount(): EIO where an error has ended all writing, and there always."""
        failed = fs.volume.failed
        silent = self.attempt((_EIO,) if failed else _WRITING, lambda: (do(*args),))
        if failed and silent:
            raise Wrong(f"{do!r} says nothing of an error before")


def create(fs, path, folder, content):
    with fs.open(folder + f"/created {random.randrange(9)}", "wb") as file:
        file.write(content[: random.choice((10, 1500, 5000))])


def append(fs, path, folder, content):
    with fs.open(path, "ab") as file:
        file.write(content[: random.choice((10, 1500, 5000))])


def overwrite(fs, path, folder, content):
    with fs.open(path, "r+b") as file:
        file.seek(random.choice((0, 5000, 13 << 10, 300 << 10, 70 << 20)))
        file.write(content)


def truncate(fs, path, folder, content):
    with fs.open(path, "r+b") as file:
        file.truncate(random.choice((0, 1, 5000, 20 << 10, 400 << 10)))


def rename(fs, path, folder, content):
    fs.rename(path, folder + f"/renamed {random.randrange(4)}")


def rename_folder(fs, path, folder, content):
    fs.rename(folder, f"/moved {random.randrange(4)}")


def remove(fs, path, folder, content):
    fs.remove(path)


def rmdir(fs, path, folder, content):
    fs.rmdir(folder)


def mkdir(fs, path, folder, content):
    fs.mkdir(folder + f"/made {random.randrange(4)}")


def link(fs, path, folder, content):
    fs.link(path, folder + f"/linked {random.randrange(4)}")


def symlink(fs, path, folder, content):
    fs.symlink("x" * random.choice((10, 100)), folder + f"/symbolic {random.randrange(4)}")


def touch(fs, path, folder, content):
    fs.chmod(path, 0o600)
    fs.utime(path, (1, 2))


def sync(fs, path, folder, content):
    fs.sync()


STEPS = (
    create,
    create,
    append,
    overwrite,
    truncate,
    rename,
    rename_folder,
    remove,
    remove,
    rmdir,
    mkdir,
    link,
    symlink,
    touch,
    sync,
)


def main(corpus, seed, cases, first=0):
    images = []
    for name in sorted(os.listdir(corpus)):
        with open(corpus + "/" + name, "rb") as f:
            image = f.read()
        layout = Layout(image)
        # One buffer for all cases of an image: 25,000 of them would leave a heap of small holes.
        images.append((name, image, bytearray(image), Damage(layout), Seals(layout, image)))
    broken = slowest = 0
    for case in range(first, first + cases):
        random.seed(seed * 1_000_003 + case)
        name, whole, image, damage, seal = random.choice(images)
        image[:] = whole
        hit = damage(image)
        if random.randrange(2):
            for place in hit:
                seal(image, place)
        read_only = random.randrange(3) == 0
        policy = random.choice(("remount-ro", "remount-ro", "remount-ro", "continue", None))
        cache = random.choice((1, 64, 256)) << 10
        before = ticks_ms()
        try:
            broken += Case(image, read_only, policy).run(cache)
        except Exception as why:
            kinds = [place[0] for place in hit]
            print("case", case, "of seed", seed, name, kinds, read_only, policy, repr(why))
            if os.getenv("FUZZ_GO_ON") is None:
                raise
        took = ticks_diff(ticks_ms(), before)
        slowest = max(slowest, took)
        if took > _LIMIT_MS:
            print("case", case, "of seed", seed, name, "took", took, "ms")
            return 1
    print(cases, "cases,", broken, "broken, slowest", slowest, "ms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *[int(word) for word in sys.argv[2:]]))
