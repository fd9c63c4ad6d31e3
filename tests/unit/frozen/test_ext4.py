"""What ext4 adds, on structures made by hand: extents, checksums, the journal."""

import errno
import struct

import ext2c
import klog
from ext2 import VfsExt2
from ext2.checksums import crc16
from jbd2 import SUPER_V1, Log
from ramblk import RamBlock

_INCOMPAT = 1024 + 96
EXTENTS = 0x40
RECOVER = 4


def fails(number, function, *args):
    try:
        function(*args)
    except OSError as why:
        assert why.args[0] == number, why
        return klog.lines[-1][1]
    raise AssertionError("no error")


def read(disk, path="/a"):
    with VfsExt2(disk, read_only=True).open(path, "rb") as file:
        return file.read()


def made(size):
    """(disk with a file /a of so many blocks of 1 KiB, place of its inode, blocks of the file)"""
    disk = RamBlock(2 << 20)
    VfsExt2.mkfs(disk, 1024)
    fs = VfsExt2(disk)
    with fs.open("/a", "wb") as file:
        for i in range(size):
            file.write(bytes([i & 255]) * 1024)
    inode = fs.walk("/a")
    place = fs.volume.inodes.place(inode.ino)
    blocks = []
    for i in range(size):
        inode.map.run(inode, i, 1)
        blocks.append(inode.map.phys)
    fs.umount()
    return disk, place[0] * 1024 + place[1], blocks


def feature(disk, bits):
    words = struct.unpack_from("<I", disk.data, _INCOMPAT)[0]
    struct.pack_into("<I", disk.data, _INCOMPAT, words | bits)


def node(data, at, depth, room, entries):
    """A node of extents.  entries: (first, length, block), or (first, block) of the child."""
    struct.pack_into("<4H", data, at, 0xF30A, len(entries), room, depth)
    for i, entry in enumerate(entries):
        if depth:
            struct.pack_into("<IIH", data, at + 12 + 12 * i, entry[0], entry[1], 0)
        else:
            struct.pack_into("<IHHI", data, at + 12 + 12 * i, entry[0], entry[1], 0, entry[2])


def extents(disk, inode, size, depth, entries):
    feature(disk, EXTENTS)
    struct.pack_into("<I", disk.data, inode + 4, size * 1024)
    struct.pack_into("<I", disk.data, inode + 32, 0x80000)
    node(disk.data, inode + 40, depth, 4, entries)


def fill(value):
    return bytes([value]) * 1024


def test_crc_vectors():
    assert crc16(0, b"123456789") == 0xBB3D
    assert ext2c.crc32c(0xFFFFFFFF, b"123456789") ^ 0xFFFFFFFF == 0xE3069283
    assert ext2c.crc32c(ext2c.crc32c(0xFFFFFFFF, b"1234"), b"56789") ^ 0xFFFFFFFF == 0xE3069283


def test_extents_in_the_inode():
    disk, inode, blocks = made(4)
    a, b, c, d = blocks
    extents(disk, inode, 9, 0, [(1, 1, a), (3, 2, b), (6, 32768 + 2, d)])
    assert read(disk) == fill(0) + fill(0) + fill(0) + fill(1) + fill(2) + 4 * fill(0)
    assert b == a + 1 and c == b + 1


def test_extents_in_a_tree():
    disk, inode, blocks = made(6)
    top, left, right, x, y, z = blocks
    extents(disk, inode, 100, 2, [(0, top)])
    node(disk.data, top * 1024, 1, 84, [(0, left), (50, right)])
    node(disk.data, left * 1024, 0, 84, [(2, 1, x), (49, 1, y)])
    node(disk.data, right * 1024, 0, 84, [(51, 1, z)])
    got = read(disk)
    want = bytearray(100 * 1024)
    for at, value in ((2, 3), (49, 4), (51, 5)):
        want[at * 1024 : (at + 1) * 1024] = fill(value)
    assert got == want


def test_broken_extents():
    disk, inode, blocks = made(3)
    a, b, c = blocks
    good = bytes(disk.data)
    cases = (
        (0, [(0, 0, a)], None),  # nothing
        (0, [(0, 1, 0)], None),  # the superblock
        (0, [(0, 1, 3000)], None),  # beyond the end
        (0, [(0, 5, a), (3, 1, b)], None),  # one over the other
        (6, [(0, a)], None),  # too deep
        (1, [(0, a)], lambda d: node(d, a * 1024, 1, 84, [(0, a)])),  # itself
        (1, [(0, a)], lambda d: node(d, a * 1024, 0, 85, [(0, 1, b)])),  # more than there is
        (1, [(0, a)], None),  # no magic
        (1, [(0, 9999)], None),
        (1, [], None),
    )
    for depth, entries, more in cases:
        disk.data[:] = good
        extents(disk, inode, 9, depth, entries)
        if more:
            more(disk.data)
        log = fails(117, read, disk)
        assert "inode" in log and "corrupt" in log, log
    disk.data[:] = good
    extents(disk, inode, 9, 0, [(0, 3, a)])
    disk.data[_INCOMPAT] &= ~EXTENTS
    assert "no such feature" in fails(117, read, disk)


def test_no_file_has_more_than_32_bits_of_blocks():
    disk, inode, blocks = made(1)
    extents(disk, inode, 1, 0, [(0, 1, blocks[0])])
    struct.pack_into("<I", disk.data, inode + 108, 0x1000)  # the upper half of the size
    with VfsExt2(disk, read_only=True).open("/a", "rb") as file:
        buf = bytearray(4096)
        assert file.seek((1 << 42) - 1024) and file.readinto(memoryview(buf)[:1024]) == 1024
        assert buf == bytes(4096)
        for at in (1 << 42, (1 << 42) - 1024, 1 << 43):
            file.seek(at)
            assert "size of inode" in fails(117, file.readinto, buf)


def test_damaged_trees_end():
    disk, inode, blocks = made(4)
    top, left, x, y = blocks
    extents(disk, inode, 60, 2, [(0, top)])
    node(disk.data, top * 1024, 1, 84, [(0, left)])
    node(disk.data, left * 1024, 0, 84, [(2, 1, x), (49, 1, y)])
    good = bytes(disk.data)
    state = 12345
    for _ in range(400):
        disk.data[:] = good
        for _ in range(3):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            where = (inode + 40, top * 1024, left * 1024)[state % 3]
            disk.data[where + (state >> 8) % 36] = state >> 16 & 255
        try:
            assert len(read(disk)) == 60 * 1024
        except OSError as why:
            assert why.args[0] == 117


# The journal: /j is the file, blocks of /a are what it has copies of.

LENGTH = 40


def journaled(log):
    """(disk with this log as its journal and RECOVER set, blocks of /a)"""
    disk = RamBlock(2 << 20)
    VfsExt2.mkfs(disk, 1024)
    fs = VfsExt2(disk)
    with fs.open("/a", "wb") as file:
        for i in range(8):
            file.write(fill(i))
    with fs.open("/j", "wb") as file:
        for _ in range(log.length):
            file.write(fill(255))
    places = []
    for path, n in (("/a", 8), ("/j", log.length)):
        inode = fs.walk(path)
        row = []
        for i in range(n):
            inode.map.run(inode, i, 1)
            row.append(inode.map.phys)
        places.append(row)
    ino = fs.stat("/j")[1]
    fs.umount()
    struct.pack_into("<I", disk.data, 1024 + 224, ino)
    feature(disk, RECOVER)
    disk.data[1024 + 92] |= 4  # has_journal
    return disk, places[0], places[1]


def install(disk, journal, log):
    for place, block in zip(journal, log.blocks):
        disk.data[place * 1024 : place * 1024 + 1024] = block


BLOCKS = journaled(Log(LENGTH))[1]
KINDS = ((False, 0), (True, 0), (False, 2), (True, 2), (False, 3), (True, 3))


def replayed(log):
    disk, blocks, journal = journaled(log)
    assert blocks == BLOCKS
    install(disk, journal, log)
    before = bytes(disk.data)
    got = read(disk)
    assert disk.data == before
    return [
        got[i * 1024] if got[i * 1024 : i * 1024 + 1024] == fill(got[i * 1024]) else None
        for i in range(8)
    ]


def test_replay():
    for wide, checksum in KINDS:
        log = Log(LENGTH, 1024, wide, checksum)
        log.write([(BLOCKS[0], fill(100)), (BLOCKS[1], fill(101))], True)
        log.write([(BLOCKS[5], fill(105))])
        log.commit()
        log.write([(BLOCKS[1], fill(111)), (BLOCKS[2], fill(112))])
        log.commit()
        log.write([(BLOCKS[3], fill(123))])  # never committed
        assert replayed(log) == [100, 111, 112, 3, 4, 105, 6, 7]


def test_revoked():
    for wide, checksum in KINDS:
        log = Log(LENGTH, 1024, wide, checksum)
        log.write([(BLOCKS[0], fill(100)), (BLOCKS[1], fill(101)), (BLOCKS[2], fill(102))])
        log.commit()
        log.revoke([BLOCKS[0], BLOCKS[1]])
        log.write([(BLOCKS[7], fill(107))])
        log.commit()
        log.write([(BLOCKS[1], fill(121))])
        log.commit()
        log.revoke([BLOCKS[2]])  # never committed
        assert replayed(log) == [0, 121, 102, 3, 4, 5, 6, 107]


def test_around_the_end_and_over():
    for checksum in (0, 3):
        log = Log(LENGTH, 1024, False, checksum, at=LENGTH - 4, sequence=0xFFFFFFFF)
        log.write([(BLOCKS[i], fill(100 + i)) for i in range(6)])
        log.commit()
        log.write([(BLOCKS[7], fill(107))])
        log.commit()
        assert replayed(log) == [100, 101, 102, 103, 104, 105, 6, 107]


def test_escaped():
    data = b"\xc0\x3b\x39\x98" + bytes(1020)
    for wide, checksum in KINDS:
        log = Log(LENGTH, 1024, wide, checksum)
        log.write([(BLOCKS[2], data), (BLOCKS[3], fill(103))])
        log.commit()
        disk, _, journal = journaled(log)
        install(disk, journal, log)
        got = read(disk)
        assert got[2048:3072] == data and got[3072:4096] == fill(103)


def test_nothing_to_replay():
    log = Log(LENGTH, at=0)
    assert replayed(log) == list(range(8))
    log = Log(LENGTH)
    assert replayed(log) == list(range(8))
    log = Log(LENGTH)
    log.write([(BLOCKS[0], fill(100))])
    log.commit()
    struct.pack_into(">I", log.blocks[0], 4, SUPER_V1)
    assert replayed(log)[0] == 100


def test_old_transactions_end_it():
    log = Log(LENGTH)
    log.write([(BLOCKS[0], fill(100))])
    log.commit()
    log.sequence -= 1
    log.write([(BLOCKS[1], fill(101))])
    log.commit()
    assert replayed(log)[:2] == [100, 1]


def test_wrong_checksums():
    for checksum in (2, 3):
        for index, what in (
            (0, "superblock"),
            (1, "block"),
            (2, "copy"),
            (4, "commit"),
            (5, "block"),
        ):
            log = Log(LENGTH, 1024, True, checksum)
            log.write([(BLOCKS[0], fill(100)), (BLOCKS[1], fill(101))])
            log.commit()
            log.revoke([BLOCKS[6]])
            log.commit()
            log.blocks[index][100] ^= 1
            disk, _, journal = journaled(log)
            install(disk, journal, log)
            del klog.lines[:]
            fails(117, VfsExt2, disk)
            text = " ".join([line for _, line in klog.lines])
            assert "journal " + what in text and "cannot be replayed" in text, text


def test_a_torn_end():
    """What has no commit was not written whole: it ends the journal, whatever is in it."""
    for wide, checksum in KINDS:
        for tear in ((12, b"\xff" * 500), (12, bytes(500)), (512, b"\xff" * 512)):
            for revokes in (False, True):
                log = Log(LENGTH, 1024, wide, checksum)
                log.write([(BLOCKS[0], fill(100))])
                log.commit()
                at = log.at
                if revokes:
                    log.revoke([BLOCKS[0]])
                log.write([(BLOCKS[1], fill(101))])
                off, torn = tear
                log.blocks[at][off : off + len(torn)] = torn
                assert replayed(log) == [100, 1, 2, 3, 4, 5, 6, 7], (wide, checksum, tear[0])


def test_broken_journals():
    for at, value in ((0, 0), (12, 4096), (16, 1000), (20, 0), (20, LENGTH), (28, LENGTH), (4, 1)):
        log = Log(LENGTH)
        struct.pack_into(">I", log.blocks[0], at, value)
        disk, _, journal = journaled(log)
        install(disk, journal, log)
        fails(117, VfsExt2, disk)
    log = Log(LENGTH)
    log.write([(9999, fill(0))])
    log.commit()
    disk, _, journal = journaled(log)
    install(disk, journal, log)
    fails(117, VfsExt2, disk)


def test_refused_journals():
    for bits, name in ((4, "async_commit"), (32, "fast_commit"), (0x100, "0x100")):
        log = Log(LENGTH)
        log.blocks[0][42] |= bits >> 8
        log.blocks[0][43] |= bits & 255
        disk, _, journal = journaled(log)
        install(disk, journal, log)
        fails(errno.EOPNOTSUPP, VfsExt2, disk)
        assert name in klog.lines[-2][1]
    struct.pack_into("<I", disk.data, 1024 + 224, 0)
    fails(errno.EOPNOTSUPP, VfsExt2, disk)
    assert "another device" in klog.lines[-2][1]


def test_damaged_journals_end():
    state = 99
    log = Log(LENGTH, 1024, True)
    for i in range(5):
        log.write([(BLOCKS[i], fill(100 + i)), (BLOCKS[i + 1], fill(50))])
        log.revoke([BLOCKS[0]])
        log.commit()
    disk, _, journal = journaled(log)
    install(disk, journal, log)
    good = bytes(disk.data)
    for _ in range(200):
        disk.data[:] = good
        for _ in range(4):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            place = journal[(state >> 4) % 22] * 1024 + (state >> 12) % 60
            disk.data[place] = state >> 20 & 255
        try:
            assert len(read(disk)) == 8192
        except OSError as why:
            assert why.args[0] in (117, errno.EOPNOTSUPP), why


def test_replay_of_the_superblock_and_directories():
    """What is mounted is what the journal makes: a copy of the superblock counts too."""
    log = Log(LENGTH)
    disk, _, journal = journaled(log)
    raw = bytearray(disk.data[1024:2048])
    raw[120:128] = b"replayed"
    log.write([(1, raw)])
    log.commit()
    install(disk, journal, log)
    assert VfsExt2(disk).volume.sb.label.startswith("replayed")
    raw[24] = 1  # blocks of 2 KiB
    log = Log(LENGTH)
    log.write([(1, raw)])
    log.commit()
    install(disk, journal, log)
    fails(117, VfsExt2, disk)
