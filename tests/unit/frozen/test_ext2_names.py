"""Directories and names of ext2: made, moved, linked, listed, removed."""

import errno

from ext2 import VfsExt2
from ext2.const import EROFS
from ramblk import RamBlock

from ext2_rig import fails, get, make, names, pattern, put

AREA = "storage"


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
        (2, fs.link, "/f", "/new/"),
        (17, fs.link, "/f", "/d/"),
        (2, fs.symlink, "f", "/new/"),
        (17, fs.symlink, "f", "/f"),
        (20, fs.chdir, "/f"),
        (20, fs.ilistdir, "/f"),
    ):
        fails(number, call, *args)
    assert names(fs) == ["d", "dangling", "f", "loop", "lost+found"]
    fs.rename("/d/", "/e/")
    assert get(fs, "/f") == b"content" and names(fs)[1] == "e"


def test_a_directory_named_with_a_slash_is_not_its_parent():
    for ask in ("/lib/", "/lib/.", "/lib/./", "lib/"):
        disk, fs = make()
        fs.mkdir("/lib")
        put(fs, "/main", b"outer")
        put(fs, "/lib/main", b"inner")
        list(fs.ilistdir(ask))
        prefix = ask.rpartition("/")[0] + "/"
        assert get(fs, prefix + "main") == b"inner", ask
        fs.stat(ask)
        put(fs, prefix + "main", b"new")
        assert get(fs, "/main") == b"outer" and get(fs, "/lib/main") == b"new", ask


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


def test_a_file_that_outlives_its_mount_changes_nothing():
    disk, fs = make()
    file = fs.open("/a", "wb")
    file.write(b"x" * 100)
    file.flush()
    fs.umount()
    before = bytes(disk.data)
    file.seek(5000)
    fails(EROFS, file.write, b"late")
    fails(EROFS, file.truncate, 9)
    try:
        file.close()
    except OSError:
        pass
    assert bytes(disk.data) == before


def test_the_copy_of_an_indexed_directory_has_no_index():
    disk, fs = make()
    fs.mkdir("/from")
    fs.mkdir("/from/was")
    fs.mkdir("/to")
    fs.walk("/from/was").flags |= 0x1000  # EXT2_INDEX_FL, as Linux leaves it on an emptied one
    fs.rename("/from/was", "/to/is")
    assert fs.walk("/to/is").flags & 0x1000 == 0


def test_mkfs_takes_an_identifier_of_16_bytes():
    try:
        make(uuid=b"0123")
    except ValueError:
        return
    raise AssertionError("no error")
