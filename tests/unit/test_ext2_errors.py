"""A device that fails at each request of a workload, once or from then on: the error reaches the
caller, e2fsck repairs without questions, and what was synced before is there.
"""

import e2fs
import pytest
from ext2 import VfsExt2
from ext2_workload import Workload, listing
from ramblk import EIO, EROFS, RamBlock

pytestmark = [pytest.mark.storage, pytest.mark.timeout(0)]

SIZE = 2 << 20
OPS = 40
SYNC_EACH = 10
SYNC = 3


class FailingDisk(RamBlock):
    """Fails request number `at` (from 0: reads, writes, flushes) with -EIO, and with `dead` all
    after it.
    """

    def __init__(self, image, at=None, dead=False):
        RamBlock.__init__(self, image)
        self.at, self.dead = at, dead
        self.requests = 0
        self.failed = None  # the first request that did

    def _fails(self, what):
        n = self.requests
        self.requests += 1
        if self.at is None or n < self.at or (n > self.at and not self.dead):
            return False
        self.failed = self.failed or what
        return True

    def readblocks(self, n, buf, off=0):
        if self._fails("read"):
            return -EIO
        return RamBlock.readblocks(self, n, buf, off)

    def writeblocks(self, n, buf, off=0):
        if self._fails("write"):
            return -EIO
        return RamBlock.writeblocks(self, n, buf, off)

    def ioctl(self, op, arg):
        if op == SYNC and self._fails("flush"):
            return -EIO
        return RamBlock.ioctl(self, op, arg)


class Script:
    """The steps of a workload; a little cache, so that it reads too."""

    def __init__(self, disk, seed):
        self._disk, self._seed = disk, seed
        self.work = None

    def steps(self):
        """Names of methods, in order."""
        yield "mount"
        for i in range(OPS):
            yield "op"
            if i % SYNC_EACH == SYNC_EACH - 1:
                yield "sync"
        yield from ("read", "umount")

    def mount(self):
        self.work = Workload(self._disk, self._seed, small=True, cache=16 << 10)
        self.work.fs.volume.commit_on_close = self._seed % 2 == 0

    def op(self):
        """The paths it changed."""
        return self.work.step()

    def sync(self):
        """What is on the disk now."""
        self.work.fs.sync()
        return self.work.model.snapshot()

    def read(self):
        self.work.compare()

    def umount(self):
        self.work.fs.umount()


def recorded(image, seed):
    """(number of requests, [(step, result)]) without failures."""
    disk = FailingDisk(image)
    script = Script(disk, seed)
    done = [(step, getattr(script, step)()) for step in script.steps()]
    return disk.requests, done


def judge(path, disk, kept, whole):
    path.write_bytes(disk.data)
    if whole:
        e2fs.check(path)
    else:
        e2fs.run("e2fsck", "-fp", path, ok=(0, 1))
    found = listing(VfsExt2(RamBlock(path.read_bytes()), read_only=True))
    for name, content in kept.items():
        assert found.get(name, "gone") == content, f"{name} changed or gone"


def fail(image, seed, reference, at, dead):
    """One failure, and what a user does then: the disk, what it should keep, and whether all
    could be written in the end: then nothing may be left half-made.
    """
    disk = FailingDisk(image, at, dead)
    script = Script(disk, seed)
    kept, touched, seen = {}, set(), None
    for step, result in reference:
        if step == "op":
            touched.update(result or ())
        try:
            getattr(script, step)()
        except OSError as why:
            seen = why
            break
        assert disk.failed is None, f"{disk.failed} failed, but {step} did not"
        if step == "sync":
            kept, touched = result, set()
    assert disk.failed and seen is not None and seen.args[0] == EIO, repr(seen)
    if script.work is not None:
        if disk.failed == "flush":  # what was written before it may be lost
            assert script.work.fs.volume.read_only
        for step in (script.sync, script.umount):
            try:
                step()
            except OSError as why:
                assert why.args[0] in (EIO, EROFS), repr(why)
    whole = script.work is not None and not script.work.fs.volume.failed
    return disk, {n: content for n, content in kept.items() if n not in touched}, whole


@pytest.mark.parametrize("dead", [False, True], ids=["once", "dead"])
@pytest.mark.parametrize("block_size", [1024, 4096])
def test_errors(tmp_path, block_size, dead, full):
    blank = RamBlock(SIZE)
    VfsExt2.mkfs(blank, block_size)
    image = bytes(blank.data)
    cases = clean = 0
    for seed in (1, 2, 3, 4) if full else (1, 2):
        total, reference = recorded(image, seed)
        for at in range(0 if full else seed, total, 1 if full else 9):
            try:
                disk, kept, whole = fail(image, seed, reference, at, dead)
                judge(tmp_path / "image", disk, kept, whole)
            except AssertionError as why:
                message = f"block size {block_size}, seed {seed}, request {at}: {why}"
                raise AssertionError(message) from why
            cases += 1
            clean += whole
    print(f"{cases} failures, {clean} of them without a trace")
    assert cases > 20
