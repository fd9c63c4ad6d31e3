"""Boot records: primary and logical partitions, chains that lead astray."""

import os
import random

import klog
import mbr
from memdisk import MemDisk
from memdisk import mbr as write

AREA = "storage"

COUNT = int(os.getenv("PYRALLAX_FUZZ") or 3000)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)


def disk_of(blocks=1000, size=512):
    return MemDisk(bytearray(size * blocks), size)


def spans(disk):
    return [(p.number, p.first, p.count, p.type) for p in mbr.partitions(disk)]


def chain(disk, links, base=200, size=800):
    """An extended partition: links (record's block, partition's first, count, next block or 0)."""
    write(disk, [(0x83, 10, 100), (0x05, base, size)])
    for at, first, count, following in links:
        ext = (0x05, following - base, 10) if following else (0, 0, 0)
        write(disk, [(0x83, first - at, count), ext], at)


def test_primary():
    for size in (512, 4096):
        disk = disk_of(1000, size)
        write(disk, [(0xEF, 1, 99), (0, 0, 0), (0x83, 100, 900)], status=0x80)
        assert spans(disk) == [(1, 1, 99, "0xef"), (3, 100, 900, "0x83")]
        esp = mbr.partitions(disk)[0]
        assert esp.guid == "1b2c3d4e-01" and esp.name == "mem0p1"


def test_what_is_no_table():
    disk = disk_of()
    assert mbr.partitions(disk) == []
    write(disk, [(0x83, 10, 20)])
    disk.data[446] = ord("N")  # "No system disk": the boot sector of a file system
    assert mbr.partitions(disk) == []
    write(disk, [(0x83, 10, 20)])
    disk.data[511] = 0
    assert mbr.partitions(disk) == []


def test_bad_primary_entries():
    disk = disk_of()
    write(disk, [(0x83, 0, 20), (0x83, 900, 101), (0x83, 100, 50), (0x83, 140, 20)])
    klog.taken()
    assert spans(disk) == []
    said = klog.taken()
    assert "partition 1 refused: blocks 0 to 19 are not within 1 to 999" in said
    assert "partition 2 refused: blocks 900 to 1000" in said
    assert "partition 4 refused: overlaps partition 3" in said


def test_logical():
    disk = disk_of()
    chain(disk, ((200, 210, 90, 300), (300, 310, 90, 400), (400, 401, 99, 0)))
    klog.taken()
    assert spans(disk)[1:] == [
        (5, 210, 90, "0x83"), (6, 310, 90, "0x83"), (7, 401, 99, "0x83"),
    ]  # fmt: skip
    assert klog.taken() == ""


def test_chains_that_return():
    for links in (
        ((200, 210, 20, 200),),
        ((200, 210, 20, 300), (300, 310, 20, 200)),
        ((200, 210, 20, 300), (300, 310, 20, 400), (400, 410, 20, 300)),
    ):
        disk = disk_of()
        chain(disk, links)
        klog.taken()
        assert len(spans(disk)) == 1 + len(links)
        assert "the chain returns to block" in klog.taken() and disk.calls < 6


def test_a_chain_without_end():
    disk = disk_of(4000)
    chain(disk, [(200 + n, 2000 + n, 1, 201 + n) for n in range(300)], size=3800)
    klog.taken()
    assert len(mbr.partitions(disk)) == 129
    assert "more than 128 in the chain" in klog.taken()


def test_chains_that_leave():
    disk = disk_of()
    chain(disk, ((200, 210, 20, 1200),))
    assert len(spans(disk)) == 2 and "block 1200 is outside" in klog.taken()
    chain(disk, ((200, 210, 2000, 300), (300, 310, 20, 0)))
    assert [n for n, _, _, _ in spans(disk)] == [1, 6] and "it leaves" in klog.taken()
    chain(disk, ((200, 210, 20, 300),), size=801)
    assert len(spans(disk)) == 1 and "extended partition 2 refused" in klog.taken()


def test_a_record_that_is_none():
    disk = disk_of()
    chain(disk, ((200, 210, 20, 300),))
    assert len(spans(disk)) == 2 and "block 300 is no boot record" in klog.taken()
    disk.bad.add(200)
    assert len(spans(disk)) == 1 and "block 200 is not readable" in klog.taken()


def test_random_records():
    random.seed(SEED)
    rng = random.getrandbits
    for n in range(COUNT):
        disk = disk_of(64)
        for lba in range(0, 64, 1 + rng(4)):
            entries = []
            for _ in range(4):
                kind = (0x83, 0x05, 0x0F, 0, 0x85, 0xEF, rng(8), 0x05)[rng(3)]
                entries.append(
                    (kind, (rng(6), rng(32))[rng(3) == 0], (rng(5), rng(32))[not rng(3)])
                )
            write(disk, entries, lba, 0x80 * rng(1))
        taken = set()
        for p in mbr.partitions(disk):
            blocks = set(range(p.first, p.first + p.count))
            assert 0 < p.first and p.first + p.count <= 64 and not blocks & taken, n
            taken |= blocks
        assert disk.calls < 600 and not disk.written
