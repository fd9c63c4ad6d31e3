"""What our driver writes, judged by e2fsprogs: random work, images of mke2fs changed, attributes
kept.
"""

import os

import e2fs
import pytest
from ext2 import VfsExt2
from ext2_workload import Workload, listing
from ramblk import RamBlock

from pyrallax import ROOT

pytestmark = pytest.mark.storage


def check(disk, tmp_path):
    (tmp_path / "judged").write_bytes(disk.data)
    e2fs.check(tmp_path / "judged")
    return tmp_path / "judged"


@pytest.mark.parametrize("block_size", [1024, 2048, 4096])
@pytest.mark.parametrize("seed", [11, 12])
def test_random_work(tmp_path, block_size, seed, full):
    disk = RamBlock(24 << 20)
    VfsExt2.mkfs(disk, block_size, inode_size=128 if seed & 1 else 256)
    check(disk, tmp_path)
    work = Workload(disk, seed, cache=256 << 10)
    work.fs.volume.commit_on_close = False
    for _ in range(20_000 if full else 1500):
        work.step()
        if work.random.randrange(50) == 0:
            work.fs.sync()
    work.compare()
    work.fs.umount()
    print(f"block size {block_size}, seed {seed}: {work.ops} operations")
    image = check(disk, tmp_path)
    for path, content in work.model.snapshot().items():
        if content is not None:
            assert e2fs.debugfs(image, f"cat {path}") == content
            break
    assert listing(VfsExt2(disk)) == work.model.snapshot()


@pytest.mark.parametrize(
    "options",
    [
        ["-b1024", "-I128"],
        ["-b4096"],
        ["-b16384"],
        ["-b65536"],
        ["-r0"],
        ["-Ometa_bg,^resize_inode"],
    ],
)
def test_work_on_an_image_of_mke2fs(tmp_path, options):
    size = (96 if "-b65536" in options else 24) << 20
    image = e2fs.mke2fs(tmp_path / "i", size, *options, tree=ROOT / "frozen/fs")
    disk = RamBlock(image.read_bytes())
    before = listing(VfsExt2(disk, read_only=True))
    work = Workload(disk, 21)
    for _ in range(400):
        work.step()
    changed = {p for path in work.model.snapshot() for p in (path, *_above(path))}
    after = listing(work.fs)
    assert {p: c for p, c in after.items() if p in before} == before
    assert set(after) - set(before) == {p for p in changed if p}
    work.fs.umount()
    check(disk, tmp_path)


def _above(path):
    while path.count("/") > 1:
        path = path.rpartition("/")[0]
        yield path


def test_debugfs_reads_what_we_wrote(tmp_path):
    disk = RamBlock(16 << 20)
    VfsExt2.mkfs(disk, 1024, "made here")
    fs = VfsExt2(disk)
    data = os.urandom(3_000_000)
    fs.mkdir("/dir")
    with fs.open("/dir/file", "wb") as file:
        for at in range(0, len(data), 100_003):
            file.write(data[at : at + 100_003])
    fs.symlink("dir/file", "/link")
    fs.umount()
    image = check(disk, tmp_path)
    assert e2fs.debugfs(image, "cat /dir/file") == data
    assert b"dir/file" in e2fs.debugfs(image, "stat /link")
    words = e2fs.run("dumpe2fs", "-h", image).decode()
    assert "made here" in words and "clean" in words


def test_a_hash_tree_becomes_a_list(tmp_path):
    tree = tmp_path / "tree"
    (tree / "many").mkdir(parents=True)
    for i in range(500):
        (tree / "many" / f"a name that is long enough {i}").write_text(str(i))
    image = e2fs.mke2fs(tmp_path / "i", 16 << 20, "-b1024", tree=tree)
    e2fs.run("e2fsck", "-fyD", image, ok=(0, 1))
    assert b"0x1000" in e2fs.debugfs(image, "stat /many")
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    assert len(list(fs.ilistdir("/many"))) == 500
    for i in range(0, 500, 3):
        fs.remove(f"/many/a name that is long enough {i}")
    for i in range(300):
        with fs.open(f"/many/new {i}", "w") as file:
            file.write("x")
    fs.umount()
    image = check(disk, tmp_path)
    assert b"Flags: 0x0" in e2fs.debugfs(image, "stat /many")


def test_an_empty_directory_block_of_64_kib(tmp_path):
    """Its record is longer than the record length has bits: 65535 says so."""
    image = e2fs.mke2fs(tmp_path / "i", 48 << 20, "-b65536")
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    names = [f"{i:04d}{'n' * 240}" for i in range(900)]
    with fs.open("/" + names[0], "w") as file:
        file.write("x")
    for name in names[1:]:
        fs.link("/" + names[0], "/" + name)
    assert fs.stat("/")[6] == 4 << 16
    for name in names[300:600]:
        fs.remove("/" + name)
    fs.sync()
    assert b"\0\0\0\0\xff\xff\0" in disk.data
    check(disk, tmp_path)
    for i, name in enumerate(names[400:500]):
        fs.rename("/" + names[i], "/" + name)
    fs.umount()
    image = check(disk, tmp_path)
    want = set(names[100:300] + names[400:500] + names[600:])
    assert set(listing(VfsExt2(disk))) == {"/" + name for name in want}
    found = [line.split("/") for line in e2fs.debugfs(image, "ls -p /").decode().splitlines()]
    assert {words[5] for words in found if len(words) > 5 and words[1] != "0"} == want | {
        ".",
        "..",
        "lost+found",
    }


@pytest.mark.parametrize("inode_size", [128, 256])
def test_attributes_are_kept(tmp_path, inode_size):
    image = e2fs.mke2fs(tmp_path / "i", 8 << 20, f"-I{inode_size}", tree=ROOT / "frozen/fs/ext2")
    for name in ("vfs.py", "file.py"):
        e2fs.debugfs_write(image, f"ea_set /{name} user.color blue")
        e2fs.debugfs_write(image, f"ea_set /{name} user.long {'x' * 300}")
    e2fs.check(image)
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    fs.chmod("/vfs.py", 0o600)
    with fs.open("/vfs.py", "ab") as file:
        file.write(b"#" * 5000)
    fs.rename("/vfs.py", "/moved.py")
    fs.remove("/file.py")
    fs.umount()
    image = check(disk, tmp_path)
    assert b"blue" in e2fs.debugfs(image, "ea_get /moved.py user.color")
    assert b"x" * 300 in e2fs.debugfs(image, "ea_get /moved.py user.long")


def test_devices_are_shown_and_kept(tmp_path):
    image = e2fs.mke2fs(tmp_path / "i", 4 << 20)
    e2fs.debugfs_write(image, "mknod null c 1 3")
    e2fs.debugfs_write(image, "mknod disk b 8 0")
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    kinds = {name: kind for name, kind, _ in fs.ilistdir("/")}
    assert kinds["null"] == 0x2000 and kinds["disk"] == 0x6000
    fs.rename("/null", "/zero")
    fs.remove("/disk")
    fs.umount()
    assert b"character special" in e2fs.debugfs(check(disk, tmp_path), "stat /zero")


def test_orphans_of_others_are_freed(tmp_path):
    image = e2fs.mke2fs(tmp_path / "i", 4 << 20, tree=ROOT / "frozen/fs/ext2")
    ino = int(e2fs.debugfs(image, "ncheck 12").split()[-2])
    path = e2fs.debugfs(image, f"ncheck {ino}").split()[-1].decode()
    for command in (f"unlink {path}", f"sif <{ino}> links_count 0", f"ssv last_orphan {ino}"):
        e2fs.debugfs_write(image, command)
    disk = RamBlock(image.read_bytes())
    VfsExt2(disk).umount()
    check(disk, tmp_path)


def test_truncations_that_a_cut_interrupted_are_finished(tmp_path):
    """A file with a name on the list of orphans: what is behind its end goes."""
    size, length = 300_000, 5000
    tree = tmp_path / "tree"
    tree.mkdir()
    content = bytes(range(1, 251)) * (size // 250)
    for name in ("cut", "gone", "whole"):
        (tree / name).write_bytes(content)
    image = e2fs.mke2fs(tmp_path / "i", 4 << 20, "-b1024", tree=tree)
    ino = {
        name: VfsExt2(RamBlock(image.read_bytes())).stat("/" + name)[1]
        for name in os.listdir(tree)
    }
    for command in (
        "unlink gone",
        f"sif <{ino['gone']}> links_count 0",
        f"sif <{ino['gone']}> dtime @{ino['whole']}",
        f"sif <{ino['cut']}> size {length}",
        f"sif <{ino['cut']}> dtime @{ino['gone']}",
        f"ssv last_orphan {ino['cut']}",
    ):
        e2fs.debugfs_write(image, command)
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    with fs.open("/cut", "r+b") as file:
        assert file.read() == content[:length]
        file.truncate(length + 100)
        file.seek(length)
        assert file.read() == bytes(100)
    with fs.open("/whole", "rb") as file:
        assert file.read() == content
    fs.umount()
    image = check(disk, tmp_path)
    assert len(e2fs.debugfs(image, "blocks /cut").split()) == 5


def test_groups_with_less_inodes_than_are_reserved(tmp_path):
    image = e2fs.mke2fs(tmp_path / "i", 2 << 20, "-b1024", "-N16", "-g256")
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    assert fs.volume.sb.inodes_per_group == 8 and fs.volume.sb.first_ino == 11
    free = fs.statvfs("/")[6]
    for i in range(free):
        fs.mkdir(f"/{i}")
    with pytest.raises(OSError, match="28"):
        fs.mkdir("/one more")
    fs.umount()
    check(disk, tmp_path)


def test_full_disk(tmp_path):
    for block_size in (1024, 4096):
        disk = RamBlock(2 << 20)
        VfsExt2.mkfs(disk, block_size)
        fs = VfsExt2(disk)
        i = 0
        with pytest.raises(OSError, match="28"):
            while True:
                fs.mkdir(f"/d{i}")
                with fs.open(f"/d{i}/f", "wb") as file:
                    file.write(bytes(20_000 + i))
                i += 1
        fs.umount()
        check(disk, tmp_path)


def test_an_open_file_without_a_name_at_unmount(tmp_path):
    disk = RamBlock(4 << 20)
    VfsExt2.mkfs(disk, 1024)
    fs = VfsExt2(disk)
    file = fs.open("/a", "wb")
    file.write(bytes(100_000))
    fs.remove("/a")
    fs.umount()
    check(disk, tmp_path)
