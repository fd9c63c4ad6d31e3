"""ext2 on a RAM disk that it made itself: every operation, without a judge from outside."""

import errno

from ext2 import VfsExt2
from ramblk import RamBlock

AREA = "storage"

SIZES = (1024, 2048, 4096)


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


def test_mkfs_and_empty():
    for block_size in SIZES:
        for inode_size in (128, 256):
            disk, fs = make(block_size, inode_size=inode_size)
            assert names(fs) == ["lost+found"]
            assert fs.volume.sb.label == "label"
            state = fs.statvfs("/")
            assert state[0] == block_size and state[3] == fs.volume.sb.free_blocks
            fs.umount()
            again = VfsExt2(disk, read_only=True)
            assert again.volume.sb.clean
            assert again.statvfs("/")[2:8] == state[2:8]


def test_files_of_all_depths():
    for block_size in SIZES:
        disk, fs = make(block_size, 8 << 20)
        for n in (0, 1, block_size, 12 * block_size, 12 * block_size + 1, 300 * block_size + 7):
            data = pattern(n)
            put(fs, "/f%d" % n, data)
            assert get(fs, "/f%d" % n) == data
        fs.umount()
        again = VfsExt2(disk, read_only=True)
        for n in (0, 1, 300 * block_size + 7):
            assert get(again, "/f%d" % n) == pattern(n)


def test_sparse_and_beyond_4_gib():
    disk, fs = make(4096, 8 << 20)
    for at in (5000, 3 << 20, 2_000_000_000, 5_000_000_000):
        with fs.open("/s", "r+b" if at > 5000 else "wb") as file:
            file.seek(at)
            file.write(b"here")
    fs.umount()
    fs = VfsExt2(disk)
    with fs.open("/s", "rb") as file:
        for at in (5000, 3 << 20, 2_000_000_000, 5_000_000_000):
            file.seek(at - 3)
            assert file.read(7) == b"\0\0\0here", at
        assert file.seek(0, 2) == 5_000_000_004
    free = fs.statvfs("/")[3]
    with fs.open("/s", "r+b") as file:
        file.truncate(5002)
    fs.sync()
    assert fs.statvfs("/")[3] > free
    assert get(fs, "/s")[4990:] == bytes(10) + b"he"


def test_modes():
    disk, fs = make()
    put(fs, "/a", b"one")
    put(fs, "/a", b"two", "ab")
    assert get(fs, "/a") == b"onetwo"
    with fs.open("/a", "r+b") as file:
        file.seek(3)
        file.write(b"2")
        file.seek(-1, 2)
        assert file.read() == b"o" and file.tell() == 6
    assert get(fs, "/a") == b"one2wo"
    put(fs, "/a", b"new")
    assert get(fs, "/a") == b"new"
    fails(errno.EEXIST, fs.open, "/a", "x")
    fails(errno.ENOENT, fs.open, "/none")
    fails(errno.EISDIR, fs.open, "/lost+found")
    with fs.open("/a", "rb") as file:
        fails(errno.EBADF, file.write, b"x")
    fails(errno.EBADF, file.read)


def test_text():
    disk, fs = make()
    text = "first\nzweite größe\n\n€ last"
    with fs.open("/t", "w") as file:
        file.write(text)
    with fs.open("/t") as file:
        assert file.read() == text
    with fs.open("/t") as file:
        assert list(file) == ["first\n", "zweite größe\n", "\n", "€ last"]
    with fs.open("/t") as file:
        assert file.readline() == "first\n"
        assert file.read(9) == "zweite gr"
        assert file.read(3) == "öße"


def test_truncate():
    disk, fs = make(1024, 8 << 20)
    data = pattern(400_000)
    for size in (0, 1, 1023, 1024, 12288, 12289, 270_000, 399_999, 500_000):
        put(fs, "/t", data)
        with fs.open("/t", "r+b") as file:
            file.truncate(size)
            file.truncate(600_000)
        want = (data + bytes(200_000))[:size] + bytes(600_000 - size)
        assert get(fs, "/t") == want, size
        with fs.open("/t", "ab") as file:
            file.write(b"end")
        assert get(fs, "/t") == want + b"end"


def test_directories():
    disk, fs = make()
    fs.mkdir("/d")
    fs.mkdir("/d/e")
    fails(errno.EEXIST, fs.mkdir, "/d/e")
    fails(errno.ENOENT, fs.mkdir, "/x/y")
    fails(39, fs.rmdir, "/d")
    for i in range(300):
        put(fs, "/d/e/%03d-a-longer-name-%d" % (i, i), b"%d" % i)
    assert len(names(fs, "/d/e")) == 300
    grown = fs.stat("/d/e")[6]
    assert grown > 8192
    for i in range(300):
        assert get(fs, "/d/e/%03d-a-longer-name-%d" % (i, i)) == b"%d" % i
        fs.remove("/d/e/%03d-a-longer-name-%d" % (i, i))
    assert fs.stat("/d/e")[6] == 1024
    fs.chdir("/d/e")
    assert fs.getcwd() == "/d/e"
    put(fs, "here", b"x")
    assert names(fs, "/d/e") == ["here"] == names(fs, "") == names(fs, "../e/./")
    fs.remove("here")
    fs.chdir("..")
    fs.rmdir("e")
    fs.chdir("/")
    fs.rmdir("d")
    assert fs.stat("/")[3] == 3
    fails(errno.ENOENT, fs.rmdir, "/d")


def test_names():
    disk, fs = make()
    longest = "ü" * 127 + "x"
    put(fs, longest, b"1")
    assert longest in names(fs)
    fails(36, fs.open, longest + "x", "w")
    fails(errno.EINVAL, fs.mkdir, "/..")
    fails(20, fs.open, longest + "/x")
    fails(20, fs.stat, longest + "/")


def test_numbers_of_errors():
    """As Linux has them: a slash behind what is no directory, links to nothing, the root."""
    _, fs = make()
    put(fs, "/f", b"content")
    fs.mkdir("/d")
    fs.symlink("/nowhere", "/dangling")
    fs.symlink("/loop", "/loop")
    for number, call, *args in (
        (20, fs.remove, "/f/"),
        (20, fs.rename, "/f/", "/g"),
        (20, fs.rename, "/f", "/g/"),
        (20, fs.open, "/f/", "r"),
        (21, fs.open, "/new/", "w"),
        (21, fs.open, "/d", "w"),
        (21, fs.open, "/d", "r"),
        (21, fs.remove, "/d"),
        (20, fs.rmdir, "/f"),
        (17, fs.open, "/dangling", "x"),
        (17, fs.open, "/loop", "x"),
        (40, fs.open, "/loop", "w"),
        (17, fs.mkdir, "/dangling"),
        (17, fs.mkdir, "/"),
        (17, fs.mkdir, "/d/"),
        (20, fs.mkdir, "/f/x"),
        (22, fs.rename, "/d", "/d/e"),
        (22, fs.rename, "/", "/x"),
        (1, fs.link, "/d", "/dd"),
        (20, fs.chdir, "/f"),
        (20, fs.ilistdir, "/f"),
    ):
        fails(number, call, *args)
    assert names(fs) == ["d", "dangling", "f", "loop", "lost+found"]
    fs.rename("/d/", "/e/")
    assert get(fs, "/f") == b"content" and names(fs)[1] == "e"


def test_rename():
    disk, fs = make()
    for i in range(200):
        put(fs, "/file %d" % i, b"%d" % i)
    fs.mkdir("/d")
    fs.mkdir("/d/sub")
    put(fs, "/d/sub/leaf", b"leaf")
    fs.rename("/file 1", "/file 2")
    assert get(fs, "/file 2") == b"1"
    fails(errno.ENOENT, fs.stat, "/file 1")
    fs.rename("/file 3", "/d/three")
    fs.rename("/file 4", "/d/three")
    assert get(fs, "/d/three") == b"4"
    fs.rename("/file 5", "/" + "n" * 250)
    assert get(fs, "/" + "n" * 250) == b"5"
    fs.rename("/file 6", "/file 6")
    assert get(fs, "/file 6") == b"6"
    fails(errno.EINVAL, fs.rename, "/d", "/d/sub/x")
    fails(errno.EISDIR, fs.rename, "/file 7", "/d")
    fails(20, fs.rename, "/d", "/file 7")
    fs.mkdir("/e")
    fails(39, fs.rename, "/e", "/d")
    fs.mkdir("/f")
    fs.rename("/f", "/e")
    fs.rename("/d", "/e/moved")
    assert get(fs, "/e/moved/sub/leaf") == b"leaf" and get(fs, "/e/moved/three") == b"4"
    assert get(fs, "/e/moved/sub/../three") == b"4"
    fails(errno.ENOENT, fs.stat, "/d")
    assert fs.stat("/e")[3] == 3 and fs.stat("/")[3] == 4
    assert fs.stat("/e/moved/three")[3] == 1
    fs.rename("/e", "/" + "m" * 250)
    assert get(fs, "/" + "m" * 250 + "/moved/sub/leaf") == b"leaf"


def test_links():
    disk, fs = make()
    put(fs, "/a", b"text")
    fs.link("/a", "/b")
    assert fs.stat("/b")[3] == 2 and fs.stat("/a")[1] == fs.stat("/b")[1]
    fs.rename("/a", "/b")
    assert sorted(names(fs)) == ["a", "b", "lost+found"]
    fs.remove("/a")
    assert get(fs, "/b") == b"text" and fs.stat("/b")[3] == 1
    fails(errno.EPERM, fs.link, "/lost+found", "/c")
    fs.symlink("b", "/fast")
    fs.symlink("/" + "./" * 200 + "b", "/slow")
    assert fs.readlink("/fast") == "b" and get(fs, "/fast") == get(fs, "/slow") == b"text"
    assert fs.lstat("/fast")[0] & 0xF000 == 0xA000 and fs.stat("/fast")[0] & 0xF000 == 0x8000
    fs.symlink("loop", "/loop")
    fails(40, fs.stat, "/loop")
    fails(errno.EINVAL, fs.readlink, "/b")
    fs.symlink("made", "/dangling")
    put(fs, "/dangling", b"through")
    assert get(fs, "/made") == b"through"
    assert [e[1] for e in fs.ilistdir("/") if e[0] == "fast"] == [0xA000]
    for name in ("/fast", "/slow", "/loop", "/dangling"):
        fs.remove(name)
    assert names(fs) == ["b", "lost+found", "made"]


def test_unlink_of_an_open_file():
    disk, fs = make()
    free = fs.statvfs("/")[3]
    put(fs, "/a", pattern(50_000))
    fs.sync()
    file = fs.open("/a", "r+b")
    fs.remove("/a")
    fs.sync()
    assert file.read() == pattern(50_000)
    file.write(b"more")
    file.seek(49_999)
    assert file.read() == pattern(50_000)[-1:] + b"more"
    assert fs.statvfs("/")[3] < free
    file.close()
    fs.sync()
    assert fs.statvfs("/")[3] == free


def test_full_disk():
    for block_size in SIZES:
        disk, fs = make(block_size, 1 << 20)
        fs.mkdir("/d")
        fs.sync()
        free = fs.statvfs("/")[3]
        with fs.open("/big", "wb") as file:
            fails(28, file.write, bytes(2 << 20))
        assert fs.statvfs("/")[3] == 0
        fails(28, fs.mkdir, "/e")
        fs.symlink("x", "/in the inode")
        fails(28, fs.symlink, "x" * 100, "/in a block")
        assert names(fs) == ["big", "d", "in the inode", "lost+found"]
        fs.remove("/big")
        put(fs, "/again", bytes(free // 2 * block_size))
        fs.remove("/again")
        fs.sync()
        assert fs.statvfs("/")[3] == free


def test_no_inode_left():
    disk, fs = make(1024, 1 << 20)
    n = fs.statvfs("/")[6]
    for i in range(n):
        put(fs, "/%d" % i, b"")
    fails(28, fs.open, "/more", "w")
    fs.remove("/0")
    put(fs, "/more", b"")


def test_read_only():
    disk, fs = make()
    put(fs, "/a", b"text")
    fs.umount()
    before = bytes(disk.data)
    fs = VfsExt2(disk, read_only=True)
    fails(30, fs.open, "/a", "w")
    fails(30, fs.mkdir, "/d")
    fails(30, fs.remove, "/a")
    assert get(fs, "/a") == b"text"
    fs.umount()
    assert before == disk.data


def test_state():
    disk, fs = make()
    assert not VfsExt2(disk, read_only=True).volume.sb.clean
    fs.umount()
    assert VfsExt2(disk, read_only=True).volume.sb.clean
    counts = [VfsExt2(disk).volume.sb.mounts[0] for _ in range(3)]
    assert counts == [2, 3, 4]


def test_backup_superblock():
    disk, fs = make(1024, 20 << 20)
    put(fs, "/a", b"text")
    fs.umount()
    disk.data[1024:2048] = bytes(1024)
    fails(errno.ENODEV, VfsExt2, disk)
    assert get(VfsExt2(disk, sb=8193, read_only=True), "/a") == b"text"


def test_attributes():
    disk, fs = make()
    put(fs, "/a", b"")
    fs.chmod("/a", 0o600)
    fs.utime("/a", (1000, 2000))
    fs.umount()
    state = VfsExt2(disk).stat("/a")
    assert state[0] == 0o100600 and state[7:9] == (1000, 2000)


def test_features_are_refused_by_name():
    import klog

    disk, fs = make()
    fs.umount()
    disk.data[1024 + 96 + 2] |= 1  # incompat 0x10000
    fails(errno.EOPNOTSUPP, VfsExt2, disk)
    assert "encrypt" in klog.lines[-1][1]
    disk.data[1024 + 96 + 2] = 0x80
    fails(errno.EOPNOTSUPP, VfsExt2, disk)
    assert "incompat 0x800000" in klog.lines[-1][1]
    disk.data[1024 + 96 + 2] = 0
    disk.data[1024 + 100 + 3] = 1
    assert VfsExt2(disk).volume.read_only
    assert "ro_compat 0x1000000" in klog.lines[-1][1]


def test_write_errors_reach_the_caller():
    disk, fs = make()
    put(fs, "/a", b"synced")
    fs.sync()
    file = fs.open("/b", "wb")
    file.write(b"x")
    disk.read_only = True
    fails(30, fs.sync)
    fails(30, fs.mkdir, "/d")
    disk.read_only = False
    assert get(VfsExt2(disk, read_only=True), "/a") == b"synced"


def test_a_write_that_fails_leaves_no_blocks():
    """Neither behind the end, nor in a hole: that would show what the disk had there before."""
    disk, fs = make()
    fs.volume.commit_on_close = False
    put(fs, "/file", b"begin")
    file = fs.open("/file", "r+b")
    file.truncate(400 << 10)
    fs.sync()
    free = fs.statvfs("/")[3]
    works = disk.writeblocks
    for at in (5 << 10, 100 << 10, 300 << 10, 390 << 10, 500 << 10):
        disk.writeblocks = lambda n, buf: -5
        file.seek(at)
        fails(5, file.write, b"x" * (30 << 10))
        disk.writeblocks = works
    assert fs.stat("/file")[6] == 400 << 10
    file.seek(0)
    assert file.read() == b"begin" + bytes((400 << 10) - 5)
    fs.sync()
    # Indirect blocks stay for what comes next, and go with the file.
    assert free - 6 <= fs.statvfs("/")[3] <= free
    file.truncate(5)
    fs.sync()
    assert fs.statvfs("/")[3] == free
    file.close()


def test_a_directory_that_cannot_move_leaves_what_it_would_replace():
    disk, fs = make(size=400 << 10)
    for path in ("/s", "/s/a", "/s/a/1", "/s/a/2", "/t", "/t/b"):
        fs.mkdir(path)
    fs.chmod("/t/b", 0o700)
    i = 0
    while fs.statvfs("/")[6] > 1:
        put(fs, "/full%d" % i, b"")
        i += 1
    fails(28, fs.rename, "/s/a", "/t/b")
    assert names(fs, "/s/a") == ["1", "2"] and names(fs, "/t/b") == []
    assert fs.stat("/t/b")[0] == 0o40700
    fs.umount()
    fs.mount(False, False)
    assert names(fs, "/s/a") == ["1", "2"] and names(fs, "/t") == ["b"]


def test_sizes_in_a_listing():
    for block_size, inode_size in ((1024, 128), (4096, 256)):
        disk = RamBlock(6 << 20)
        VfsExt2.mkfs(disk, block_size, inode_size=inode_size)
        fs = VfsExt2(disk, sizes=True)
        fs.volume.commit_on_close = False
        fs.mkdir("/many")
        for i in range(300):
            put(fs, "/many/%d" % i, bytes(i))
        want = {str(i): i for i in range(300)}
        assert {e[0]: e[3] for e in fs.ilistdir("/many")} == want  # nothing is on the disk
        fs.sync()
        put(fs, "/many/7", b"more", "ab")
        want["7"] = 11
        fs.symlink("target", "/many/link")
        want["link"] = 6
        fs.mkdir("/many/folder")
        want["folder"] = 0
        assert {e[0]: e[3] for e in fs.ilistdir("/many")} == want
        fs.umount()
        fs.mount(False, False)
        assert {e[0]: e[3] for e in fs.ilistdir("/many")} == want
        assert len(next(VfsExt2(disk).ilistdir("/"))) == 3


def test_a_size_of_no_inode():
    disk, fs = make()
    put(fs, "/a", b"abc")
    fs.dirs.find(fs.walk("/"), b"a")
    block, _, off = fs.dirs.at
    fs.umount()
    disk.data[block * 1024 + off + 3] = 0x7F
    assert {e[0]: e[3] for e in VfsExt2(disk, sizes=True).ilistdir("/")}["a"] == -1


def test_deep_directories_move():
    _, fs = make()
    path = "/a"
    for i in range(120):
        fs.mkdir(path)
        put(fs, path + "/file", b"%d" % i)
        path += "/d"
    fs.mkdir("/x")
    fs.rename("/a", "/x/a")
    assert get(fs, "/x" + path[: -len("/d")] + "/file") == b"119"
    assert names(fs) == ["lost+found", "x"]


def test_flush_is_durable():
    disk, fs = make()
    file = fs.open("/a", "wb")
    file.write(b"text")
    before = disk.flushes
    file.flush()
    assert disk.flushes > before
    assert get(VfsExt2(disk, read_only=True), "/a") == b"text"
