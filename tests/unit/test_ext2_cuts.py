"""Power cuts: whatever of the writes after the last flush arrived, e2fsck repairs without
questions, and what was
synced before is there."""

import random

import e2fs
import pytest
from blocklog import BlockLog
from ext2 import VfsExt2
from ext2_workload import Workload, listing
from ramblk import RamBlock

pytestmark = pytest.mark.storage

SIZE = 3 << 20
OPS_BETWEEN_SYNCS = 12


def recorded(block_size, seed, ops):
    """The log of a workload: (disk, workload, paths that each operation changed)."""
    disk = BlockLog(SIZE)
    VfsExt2.mkfs(disk, block_size)
    work = Workload(disk, seed, small=True, cache=128 << 10)
    work.fs.volume.commit_on_close = seed % 2 == 0
    disk.restart()
    disk.mark(("synced", {}))
    touched = []
    for i in range(ops):
        disk.mark(("op", i))
        touched.append(work.step())
        if work.random.randrange(OPS_BETWEEN_SYNCS) == 0:
            work.fs.sync()
            disk.mark(("synced", work.model.snapshot()))
    work.compare()
    return disk, work, touched


def survivors(disk, upto, touched):
    """{path: content} of what was synced before a cut and not changed since."""
    kept, changed = {}, set()
    for kind, what in disk.marks(upto):
        if kind == "synced":
            kept, changed = what, set()
        else:
            changed.update(touched[what])
    return {path: content for path, content in kept.items() if path not in changed}


def judge(image, data, kept):
    """Assert that an image is repaired without questions and has what it should keep."""
    image.write_bytes(data)
    e2fs.run("e2fsck", "-fp", image, ok=(0, 1))
    found = listing(VfsExt2(RamBlock(image.read_bytes()), read_only=True))
    for path, content in kept.items():
        assert path in found, f"{path} is gone"
        assert found[path] == content, f"{path} changed"


def cuts(image, block_size, seed, ops, most):
    disk, _, touched = recorded(block_size, seed, ops)
    writes = [i + 1 for i, e in enumerate(disk.log) if e is not None and e[0] != "mark"]
    chance = random.Random(seed)
    if len(writes) * 2 > most:
        writes = sorted(chance.sample(writes, most // 2))
    for upto in writes:
        kept = survivors(disk, upto, touched)
        for loose in (None, chance):
            try:
                judge(image, disk.cut(upto, loose, block_size), kept)
            except AssertionError as why:
                raise AssertionError(
                    f"block size {block_size}, seed {seed}, cut at {upto}, "
                    f"{'reordered' if loose else 'in order'}: {why}"
                ) from why
    return 2 * len(writes)


@pytest.mark.parametrize("block_size", [1024, 2048, 4096])
def test_cuts(tmp_path, block_size, full):
    done = 0
    for seed in range(1, 9 if full else 2):
        done += cuts(
            tmp_path / "image", block_size, seed, 400 if full else 120, 250 if full else 60
        )
    print(f"{done} cuts at block size {block_size}")
    assert done >= (1700 if full else 50)


@pytest.mark.parametrize("block_size", [1024, 4096])
def test_a_replaced_file_is_old_or_new(tmp_path, block_size):
    disk = BlockLog(SIZE)
    VfsExt2.mkfs(disk, block_size)
    fs = VfsExt2(disk)
    fs.mkdir("/elsewhere")
    for i in range(80):  # names of several blocks
        fs.mkdir(f"/filler {i} {'x' * 100}")
    contents = {}
    steps = []
    for i, place in enumerate(("/new", "/elsewhere/new", "/new again " + "y" * 200)):
        old, new = b"old %d" % i * 500, b"new %d" % i * 700
        for path, content in ((f"/target {i}", old), (place, new)):
            with fs.open(path, "wb") as file:
                file.write(content)
        contents[f"/target {i}"] = (old, new)
        steps.append((place, f"/target {i}"))
    fs.sync()
    disk.restart()
    for place, target in steps:
        fs.rename(place, target)
    fs.sync()
    chance = random.Random(1)
    for upto in range(1, len(disk.log) + 1):
        for loose in (None, chance, chance):
            image = tmp_path / "image"
            image.write_bytes(disk.cut(upto, loose, block_size))
            e2fs.run("e2fsck", "-fp", image, ok=(0, 1))
            found = listing(VfsExt2(RamBlock(image.read_bytes()), read_only=True))
            for path, either in contents.items():
                assert found.get(path) in either, f"cut at {upto}: {path}"
