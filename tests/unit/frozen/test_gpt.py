"""GPT, primary and backup: sound ones, each way to be broken, and random ones."""

import os
import random
import struct

import gpt
import klog
from memdisk import Gpt, MemDisk, mbr

AREA = "storage"

COUNT = int(os.getenv("PYRALLAX_FUZZ") or 3000)
SEED = int(os.getenv("PYRALLAX_SEED") or 1)
PARTS = ((0x11, 40, 99, "boot"), (0x22, 100, 899, "root"))


def disk_of(size=512, blocks=1000):
    return MemDisk(bytearray(size * blocks), size)


def refusal(call, *args):
    try:
        call(*args)
    except OSError as why:
        return why.args
    raise AssertionError("not refused")


def spans(disk):
    return [(p.number, p.first, p.count, p.label) for p in gpt.partitions(disk)]


GOOD = [(1, 40, 60, "boot"), (2, 100, 800, "root")]


def test_both_block_sizes():
    for size in (512, 4096):
        disk = disk_of(size)
        Gpt(disk, PARTS).write(disk)
        klog.taken()
        assert spans(disk) == GOOD
        assert gpt.check(disk) == [] and klog.taken() == ""
        esp = gpt.partitions(disk)[0]
        assert esp.block_size == size and esp.name == "mem0p1"
        assert esp.type == "11111111-1111-1111-1111-111111111111"
        assert esp.guid == "01010101-0101-0101-0101-010101010101"
        assert gpt.read(disk).guid == "03020100-0504-0706-0809-0a0b0c0d0e0f"
        assert disk.written == []


def test_other_entry_sizes_and_counts():
    for count, size in ((4, 128), (128, 256), (16, 4096), (1, 128), (1024, 128)):
        disk = disk_of(512, 2000)
        Gpt(disk, ((0x11, 400, 499, "one"),), count, size).write(disk)
        assert spans(disk) == [(1, 400, 100, "one")], (count, size)


def test_names():
    disk = disk_of()
    table = Gpt(
        disk, ((0x11, 40, 50, "Gr\u00fc\u00dfe"), (0x11, 60, 70, "a\x01b"), (0x11, 80, 90))
    )
    for n, units in ((2, (0xD83D, 0xDE00)), (3, (0xD83D, 0x41)), (4, (0xDE00, 0xD83D))):
        table.entry(n, 0x11, 100 + 10 * n, 105 + 10 * n)
        at = n * 128 + 56
        table.entries[at : at + 4] = struct.pack("<HH", *units)
    table.entry(5, 0x11, 200, 201, "x" * 36)
    table.write(disk)
    names = [p.label for p in gpt.partitions(disk)]
    assert names == ["Gr\u00fc\u00dfe", "a?b", "\U0001f600", "?A", "??", "x" * 36]


def test_a_broken_primary_falls_back_and_says_so():
    breaks = {
        "no GPT header": (512, b"EFI PARX"),
        "CRC": (512 + 56, b"\xff"),
        "entries in block 2: CRC": (1024 + 300, b"\xff"),
        "block 1 is not readable": None,
    }
    for text, change in breaks.items():
        disk = disk_of()
        Gpt(disk, PARTS).write(disk)
        if change:
            disk.data[change[0] : change[0] + len(change[1])] = change[1]
        else:
            disk.bad.add(1)
        klog.taken()
        assert spans(disk) == GOOD, text
        said = klog.taken()
        assert "mem0: GPT broken" in said and text in said, said
        assert "using the GPT backup in block 999" in said
        assert any(text in problem for problem in gpt.check(disk))


def test_a_disk_that_has_grown():
    """The backup is where the primary's header says, no longer in the last block."""
    disk = disk_of()
    Gpt(disk, PARTS).write(disk)
    grown = MemDisk(disk.data + bytearray(512 * 500))
    assert spans(grown) == GOOD
    assert any("block 1499" in problem for problem in gpt.check(grown))
    grown.data[1024] ^= 1
    assert spans(grown) == GOOD and "backup in block 999" in klog.taken()


def test_both_broken_is_refused():
    disk = disk_of()
    Gpt(disk, PARTS).write(disk)
    disk.data[512] = 0
    disk.data[999 * 512] = 0
    assert refusal(gpt.partitions, disk)[0] == 117
    assert "GPT backup broken: block 999 is no GPT header" in klog.taken()


def test_without_protective_mbr_a_gpt_does_not_count():
    disk = disk_of()
    Gpt(disk, PARTS).write(disk)
    mbr(disk, [(0x83, 10, 20)])
    assert [p.type for p in gpt.partitions(disk)] == ["0x83"]
    disk.data[510] = 0
    assert gpt.partitions(disk) == []
    assert gpt.check(disk) == ["block 0 is no protective MBR"]


def test_hostile_headers_are_refused_by_name():
    cases = (
        ({"count": 0xFFFFFFFF}, "4294967295 entries of 128 bytes"),
        ({"count": 0}, "0 entries"),
        ({"count": 8193}, "8193 entries"),
        ({"size": 0}, "entries of 0 bytes"),
        ({"size": 64}, "entries of 64 bytes"),
        ({"size": 192}, "entries of 192 bytes"),
        ({"size": 1 << 31}, "entries of 2147483648 bytes"),
        ({"first": 1}, "blocks 1 to 966 of 1000 are usable"),
        ({"last": 1000}, "blocks 34 to 1000 of 1000 are usable"),
        ({"first": 900, "last": 800}, "blocks 900 to 800"),
        ({"last": (1 << 64) - 1}, "are usable"),
        ({"entries": 1}, "entries from block 1 on"),
        ({"entries": 3}, "entries from block 3 on"),
        ({"entries": 980}, "entries from block 980 on"),
        ({"entries": (1 << 64) - 2}, "entries from block"),
        ({"my": 7}, "says that it is in block 7"),
    )
    for says, text in cases:
        disk = disk_of()
        table = Gpt(disk, PARTS)
        table.says = says
        table.write(disk)
        klog.taken()
        assert refusal(gpt.partitions, disk)[0] == 117, says
        assert text in klog.taken(), says
        assert disk.calls < 10 and disk.written == []


def test_revision_and_header_size():
    for revision, size, fine in (
        (0x10000, 92, True), (0x10001, 512, True), (0x10000, 91, False),
        (0x10000, 513, False), (0x10000, 0xFFFFFFFF, False), (0x20000, 92, False), (0, 92, False),
    ):  # fmt: skip
        disk = disk_of()
        table = Gpt(disk, PARTS)
        table.revision, table.header_size = revision, min(size, 1024)
        head = table.header(1)
        table.header_size = size
        table.header = lambda lba, h=head: (
            h if lba == 1 and h[12:16] == struct.pack("<I", size) else b"\0" * 92
        )
        table.write(disk, (1,))
        if fine:
            assert spans(disk) == GOOD
        else:
            assert refusal(gpt.partitions, disk)[0] == 117


def test_entries_that_cannot_be():
    disk = disk_of()
    bad = (
        (0x11, 40, 49, "good"), (0x11, 33, 39, "in the table"), (0x11, 60, 967, "past the end"),
        (0x11, 50, 49, "empty"), (0x11, 100, 200, "a"), (0x11, 150, 160, "within a"),
        (0x11, 170, 300, "over a's end"), (0x11, 400, (1 << 64) - 1, "huge"),
        (0x11, 500, 500, "one block"),
    )  # fmt: skip
    Gpt(disk, bad).write(disk)
    klog.taken()
    assert [p.label for p in gpt.partitions(disk)] == ["good", "one block"]
    said = klog.taken()
    assert "partition 2 refused: blocks 33 to 39 are not within 34 to 966" in said
    assert "partition 6 refused: overlaps partition 5" in said
    assert "partition 7 refused: overlaps partition 5" in said


def test_many_bad_entries_do_not_flood_the_log():
    disk = disk_of()
    Gpt(disk, [(0x11, 40, 50, "")] * 128).write(disk)
    klog.taken()
    assert gpt.partitions(disk) == []
    said = klog.taken()
    assert len(said.split("\n")) == 9 and "128 partitions refused" in said


def test_read_only_attribute():
    disk = disk_of()
    Gpt(disk, ((0x11, 40, 49, "ro", 1 << 60), (0x11, 50, 59, "rw", 1))).write(disk)
    assert [p.read_only for p in gpt.partitions(disk)] == [True, False]


def test_disks_too_small_and_unreadable():
    for blocks in (1, 2, 3, 34):
        disk = disk_of(512, blocks)
        assert gpt.partitions(disk) == []
        mbr(disk, [(0xEE, 1, 10)])
        assert refusal(gpt.partitions, disk)[0] == 117
    disk = disk_of()
    disk.bad.add(0)
    assert refusal(gpt.partitions, disk)[0] == 5


def test_random_changes():
    """No other exception than OSError, no write, few requests; what is given lies inside."""
    random.seed(SEED)
    rng = random.getrandbits
    disk = disk_of(512, 200)
    sound = bytes(Gpt(disk, ((0x11, 40, 49, "a"), (0x11, 60, 99, "b")), 16).write(disk).entries)
    image = bytes(disk.data)
    assert sound
    for n in range(COUNT):
        disk.data[:] = image
        table = Gpt(disk, ((0x11, 40, 49, "a"), (0x11, 60, 99, "b")), 16)
        for _ in range(rng(3)):
            at = rng(11) % len(table.entries)
            table.entries[at] = rng(8)
        if rng(1):
            for field in ("first", "last", "entries", "count", "size", "alternate"):
                if not rng(2):
                    table.says[field] = (rng(4), rng(8), rng(32))[rng(8) % 3]
        if n % 8:
            table.write(disk)  # CRCs fit what was changed
        for _ in range(rng(2)):
            place = (512, 1024, 195 * 512, 0)[rng(2)] + rng(11)
            disk.data[place % len(disk.data)] = rng(8)
        disk.calls = 0
        try:
            found = gpt.partitions(disk)
        except OSError as why:
            assert why.args[0] in (5, 117), why
            found = []
        taken = set()
        for p in found:
            blocks = set(range(p.first, p.first + p.count))
            assert 0 < p.first and p.first + p.count <= 200 and not blocks & taken, n
            taken |= blocks
        assert disk.calls < 600 and not disk.written, (n, disk.calls)
