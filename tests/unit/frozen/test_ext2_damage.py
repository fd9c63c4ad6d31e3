"""What the fuzzer of ext2 found (tests/fuzz/ext2_target.py), one by one."""

import struct

import klog
from ext2 import VfsExt2
from ramblk import RamBlock

from ext2_rig import fails, get, put

EUCLEAN = 117
BLOCK = 1024


def made(size=400 << 10):
    disk = RamBlock(size)
    VfsExt2.mkfs(disk, BLOCK)
    return disk


def refused(do, *args):
    """The line of the log that goes with EUCLEAN."""
    before = len(klog.lines)
    try:
        do(*args)
    except OSError as why:
        assert why.args[0] == EUCLEAN, why
        assert len(klog.lines) > before
        return klog.lines[before][1]
    raise AssertionError("not refused")


def inode_at(disk, fs, path):
    """Offset on the disk of a file's inode."""
    block, off = fs.volume.inodes.place(fs.stat(path)[1])
    return block * BLOCK + off


def written(disk, path, content):
    """Offset of the inode of a new file."""
    fs = VfsExt2(disk)
    with fs.open(path, "wb") as file:
        file.write(content)
    fs.umount()
    return inode_at(disk, fs, path)


def test_inodes_of_no_bytes():
    disk = made()
    struct.pack_into("<H", disk.data, 1024 + 88, 0)
    assert "superblock" in refused(VfsExt2, disk)


def test_more_groups_than_fit():
    disk = made()
    blocks, inodes = struct.unpack_from("<I", disk.data, 1028)[0], 64
    struct.pack_into("<I", disk.data, 1024 + 32, 8)
    struct.pack_into("<I", disk.data, 1024 + 40, inodes)
    struct.pack_into("<I", disk.data, 1024, -(-(blocks - 1) // 8) * inodes)
    assert "superblock" in refused(VfsExt2, disk)


def test_a_first_inode_that_is_not_there():
    """Within the volume is right: groups may have less inodes than are reserved."""
    disk = made()
    n = struct.unpack_from("<I", disk.data, 1024)[0]
    for first in (0, 10, n + 1, 0xFFFFFFFF):
        struct.pack_into("<I", disk.data, 1024 + 84, first)
        assert "superblock" in refused(VfsExt2, disk)
    struct.pack_into("<I", disk.data, 1024 + 84, n)
    fs = VfsExt2(disk)
    fs.mkdir("/the last one")
    assert fs.stat("/the last one")[1] == n
    try:
        fs.mkdir("/one more")
    except OSError as why:
        assert why.args[0] == 28
    else:
        raise AssertionError("made")


def test_a_file_beyond_its_pointers_is_no_endless_read():
    disk = made()
    at = written(disk, "/file", b"content")
    struct.pack_into("<I", disk.data, at + 108, 0x1000)  # upper half of the size
    assert "inode size" in refused(VfsExt2(disk).open, "/file", "rb")


def test_a_directory_larger_than_the_volume():
    disk = made()
    fs = VfsExt2(disk)
    fs.mkdir("/folder")
    fs.umount()
    struct.pack_into("<I", disk.data, inode_at(disk, fs, "/folder") + 4, 0x10000000)
    assert "inode size" in refused(VfsExt2(disk).ilistdir, "/folder")


def test_a_link_that_is_not_utf8():
    disk = made()
    fs = VfsExt2(disk)
    fs.symlink("abc", "/fast")
    fs.umount()
    block, off = fs.volume.inodes.place(fs.lstat("/fast")[1])
    disk.data[block * BLOCK + off + 41] = 0xFF
    fs = VfsExt2(disk)
    for what in (fs.readlink, fs.stat):
        try:
            what("/fast")
        except OSError as why:
            assert why.args[0] == 22
        else:
            raise AssertionError("found")


def test_pointers_to_the_same_blocks_are_not_freed_for_ever():
    disk = made()
    at = written(disk, "/file", bytes(280 * BLOCK))
    double = struct.unpack_from("<I", disk.data, at + 40 + 4 * 13)[0]
    disk.data[double * BLOCK : (double + 1) * BLOCK] = struct.pack("<I", double) * (BLOCK // 4)
    fs = VfsExt2(disk)
    assert "block map" in refused(fs.remove, "/file")
    assert fs.volume.read_only


def overwritten(fs, path, content):
    with fs.open(path, "r+b") as file:
        file.write(content)


def test_the_error_in_a_with_block_is_not_hidden_by_close():
    """close() says EIO then, as nothing is written any more; what is broken tells more."""
    disk = made()
    at = written(disk, "/file", b"content")
    struct.pack_into("<I", disk.data, at + 40, 0xFFFFFF)  # i_block[0]
    fs = VfsExt2(disk)
    assert "inode" in refused(overwritten, fs, "/file", b"new")
    assert fs.volume.failed


def test_nobody_is_told_that_all_is_written_after_an_error():
    disk = made()
    for last in range(5):
        fs = VfsExt2(disk)
        file = fs.open("/file", "wb")
        file.write(b"content")
        fs.volume.fail()
        leave = (
            file.close,
            lambda: file.__exit__(None, None, None),
            file.flush,
            fs.sync,
            fs.umount,
        )
        fails(5, leave[last])
    fs.mount(False, False)  # as vfs.mount(): the disk is read anew
    fs.mkdir("/d")
    fs.umount()


def test_a_failed_umount_is_one():
    """vfs.umount() has taken it off its list by then: the next mount reads the disk anew."""
    for errors in ("remount-ro", "continue"):
        disk = made()
        written(disk, "/file", b"old")
        fs = VfsExt2(disk, errors=errors)
        with fs.open("/file", "r+b") as file:
            file.write(b"new")
        file = fs.open("/file", "r+b")
        disk.writeblocks = lambda n, buf, off=0: -5
        fails(5, fs.umount)
        del disk.writeblocks
        fs.mount(False, False)
        fails(30, file.write, b"???")
        assert get(fs, "/file") == b"new"
        fs.mkdir("/d")
        put(fs, "/file", b"own")
        fs.umount()
        assert get(VfsExt2(disk), "/file") == b"own"


def test_files_of_a_failed_umount_write_nothing():
    """Not over the next mount either, whichever object that is."""
    for again in (True, False):
        disk = made()
        written(disk, "/file", b"old" * BLOCK)
        first = fs = VfsExt2(disk, errors="continue")
        old = [fs.open("/file", "r+b") for _ in range(3)]
        for file in old:
            file.write(b"new")
        disk.writeblocks = lambda n, buf, off=0: -5
        fails(5, fs.umount)
        del disk.writeblocks
        if again:
            fs.mount(False, False)
        else:
            fs = VfsExt2(disk)
        paths = ["/%d" % n for n in range(20)]
        for path in paths:
            put(fs, path, path.encode() * BLOCK)
        fs.sync()
        before = bytes(disk.data)
        old[0].seek(0)
        assert old[0].read() == b"new" + b"old" * (BLOCK - 1)
        fails(5, old[1].flush)
        for file in old:
            fails(5, file.close)
        if not again:
            fails(5, first.sync)
        assert disk.data == before
        fs.umount()
        fs = VfsExt2(disk)
        assert [get(fs, path) for path in paths] == [path.encode() * BLOCK for path in paths]


def test_what_is_free_already_stops_the_commit():
    disk = made()
    written(disk, "/file", bytes(20 * BLOCK))
    fs = VfsExt2(disk)
    bitmap = fs.volume.groups.block_bitmap(0)
    fs.remove("/file")
    disk.data[bitmap * BLOCK : (bitmap + 1) * BLOCK] = bytes(BLOCK)
    assert "block bitmap" in refused(fs.sync)
    before = disk.writes
    fails(5, fs.umount)
    assert disk.writes == before and fs.volume.read_only


def test_a_read_after_the_error_writes_nothing():
    """What waits is still what a reader sees."""
    disk = made()
    written(disk, "/other", b"x")
    fs = VfsExt2(disk)
    fs.volume.commit_on_close = False
    with fs.open("/new", "wb") as file:
        file.write(bytes(range(250)) * 12)
    fs.volume.fail()
    before = disk.writes
    with fs.open("/new", "rb") as file:
        assert file.read() == bytes(range(250)) * 12
    assert disk.writes == before


def test_moving_a_directory_that_contains_itself_ends():
    disk = made()
    fs = VfsExt2(disk)
    for path in ("/a", "/a/b", "/a/b/c", "/x"):
        fs.mkdir(path)
    fs.dirs.find(fs.walk("/a/b"), b"c")
    block, _, off = fs.dirs.at
    number = fs.stat("/a")[1]
    fs.umount()
    struct.pack_into("<I", disk.data, block * BLOCK + off, number)
    fs = VfsExt2(disk)
    assert "directory" in refused(fs.rename, "/a", "/x/a")
    assert fs.volume.read_only
