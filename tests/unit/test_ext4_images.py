"""Images of ext3 and ext4, made and judged by e2fsprogs, read through VfsExt2."""

import os
import struct
import zlib

import e2fs
import ext2c
import klog
import pytest
from ext2 import VfsExt2
from ramblk import RamBlock
from test_ext2_read import TREE, mount, same, tree  # noqa: F401

from pyrallax import BUILD, ROOT

pytestmark = pytest.mark.storage

SIZE = 48 << 20
WALK = ROOT / "tests/unit/frozen/walk_ext.py"
FEATURES = (
    "",
    "^64bit",
    "^metadata_csum",
    "^metadata_csum,uninit_bg,^64bit",
    "^metadata_csum,uninit_bg",
    "metadata_csum_seed,orphan_file",
    "^extents,^64bit",
    "^flex_bg",
    "^huge_file,^dir_nlink,^extra_isize",
    "^has_journal",
    "large_dir",
    "bigalloc",
    "meta_bg,^resize_inode",
    "sparse_super2",
    "mmp",
    "quota",
)


def ext4(path, *options, size=SIZE, fs_type="ext4", source=None):
    return e2fs.mke2fs(path / "i", size, *options, fs_type=fs_type, tree=source)


def refused(data, *words):
    """Assert that these bytes do not mount, and that the log says why with all the words."""
    with pytest.raises(OSError) as why:
        VfsExt2(RamBlock(data))
    log = " ".join(text for _, text in klog.lines[-3:])
    for word in words:
        assert word in log
    return why.value.args[0]


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("block_size", [1024, 4096])
def test_features(tmp_path, block_size, features):
    image = ext4(
        tmp_path, f"-b{block_size}", *([f"-O{features}"] if features else []), source=TREE
    )
    fs = mount(image)
    same(fs, TREE, "")
    assert fs.volume.read_only
    assert "mounted read-only: feature " in klog.lines[-1][1]


@pytest.mark.parametrize("features", FEATURES)
def test_features_under_micropython(tmp_path, features):
    source = TREE / "fs"
    options = [f"-O{features}"] if features else []
    image = ext4(tmp_path, "-b1024", *options, size=12 << 20, source=source)
    unix = BUILD / "unix" / "micropython"
    assert unix.is_file(), "no unix port: run `make unix`"
    places = ":".join([".frozen", str(ROOT / "frozen/fs"), str(ROOT / "tests/sim")])
    printed = e2fs.run(unix, WALK, image, env={**os.environ, "MICROPYPATH": places})
    want = {
        f"/{p.relative_to(source)} 8000 {zlib.crc32(p.read_bytes())}"
        for p in source.rglob("*")
        if p.is_file()
    }
    assert {line for line in printed.decode().splitlines() if " 8000 " in line} == want


@pytest.mark.parametrize("fs_type", ["ext3", "ext4"])
def test_awkward_tree(tmp_path, tree, fs_type):  # noqa: F811
    same(mount(ext4(tmp_path, fs_type=fs_type, source=tree)), tree, "")


@pytest.mark.parametrize("fs_type", ["ext3", "ext4"])
@pytest.mark.parametrize("inode_size", [128, 256, 1024])
def test_inode_sizes(tmp_path, fs_type, inode_size):
    same(mount(ext4(tmp_path, f"-I{inode_size}", fs_type=fs_type, source=TREE)), TREE, "")


def test_clean_ext3_is_written(tmp_path):
    """A clean journal is not needed to write as ext2 does."""
    disk = RamBlock(ext4(tmp_path, fs_type="ext3").read_bytes())
    fs = VfsExt2(disk)
    with fs.open("/a", "wb") as file:
        file.write(b"text")
    fs.umount()
    (tmp_path / "i").write_bytes(disk.data)
    e2fs.check(tmp_path / "i")


def test_nothing_is_written(tmp_path):
    disk = RamBlock(ext4(tmp_path, source=TREE).read_bytes())
    fs = VfsExt2(disk)
    for change in (
        lambda: fs.open("/new", "w"),
        lambda: fs.mkdir("/new"),
        lambda: fs.remove("/manifest.py"),
        lambda: fs.rename("/manifest.py", "/new"),
    ):
        with pytest.raises(OSError) as why:
            change()
        assert why.value.args[0] == 30
    fs.sync()
    fs.umount()
    assert disk.writes == 0


@pytest.mark.parametrize(
    "feature, name",
    [
        ("inline_data", "inline_data"),
        ("encrypt", "encrypt"),
        ("casefold", "casefold"),
        ("ea_inode", "ea_inode"),
        (0x1, "compression"),
        (0x8, "journal_dev"),
        (0x1000, "dirdata"),
        (0x40000, "incompat 0x40000"),
    ],
)
def test_refused_by_name(tmp_path, feature, name):
    if isinstance(feature, str):
        data = ext4(tmp_path, f"-O{feature}").read_bytes()
    else:
        data = bytearray(ext4(tmp_path, "-O^metadata_csum").read_bytes())
        words = struct.unpack_from("<I", data, 1024 + 96)[0]
        struct.pack_into("<I", data, 1024 + 96, words | feature)
    assert refused(data, "not mounted: feature", name) == 95


def test_deep_extents(tmp_path):
    """A tree of extents three levels deep, with holes between all blocks."""
    top = tmp_path / "top"
    top.mkdir()
    with open(top / "comb", "wb") as file:
        for i in range(2500):
            file.seek(i * 8192)
            file.write(b"%04d" % i)
    image = ext4(tmp_path, "-b1024", source=top)
    levels = e2fs.debugfs(image, "ex /comb").decode().splitlines()[1].split()[1]
    assert levels == "2", levels  # the index of the root is 0
    fs = mount(image)
    with fs.open("/comb", "rb") as file:
        for i in (2499, 0, 1321, 83, 84, 85, 2000):
            file.seek(i * 8192)
            assert file.read(4) == b"%04d" % i
            if i:
                file.seek(i * 8192 - 2)
                assert file.read(4) == b"\0\0%02d" % (i // 100)


def test_unwritten_extents_read_as_zeros(tmp_path):
    image = ext4(tmp_path, "-b1024", source=TREE)
    e2fs.debugfs_write(image, "fallocate /manifest.py 0 9000")
    e2fs.debugfs_write(image, "set_inode_field /manifest.py size 4000000")
    assert b"uninit" in e2fs.debugfs(image, "ex /manifest.py").lower()
    want = (TREE / "manifest.py").read_bytes()
    with mount(image).open("/manifest.py", "rb") as file:
        got = file.read()
    assert got[: len(want)] == want and got[len(want) :] == bytes(4_000_000 - len(want))


@pytest.mark.parametrize("features", ["metadata_csum", "large_dir", "^metadata_csum,uninit_bg"])
def test_hash_trees(tmp_path, features):
    top = tmp_path / "top"
    top.mkdir()
    names = {f"{i:04d} {'long name ' * 10}" for i in range(1200)}
    for name in names:
        (top / name).write_text(name[:4])
    image = ext4(tmp_path, "-b1024", f"-O{features}", source=top)
    e2fs.run("e2fsck", "-fyD", image, ok=(0, 1))
    assert b"Indirect levels: 1" in e2fs.debugfs(image, "htree_dump /")
    fs = mount(image)
    assert {name for name, _, _ in fs.ilistdir("/")} - {"lost+found"} == names
    for name in sorted(names)[::200]:
        with fs.open("/" + name, "r") as file:
            assert file.read() == name[:4]


def test_backup_superblock(tmp_path):
    data = bytearray(ext4(tmp_path, "-b1024", source=TREE).read_bytes())
    data[1024:2048] = bytes(1024)
    same(VfsExt2(RamBlock(data), sb=8193, read_only=True), TREE, "")


# Checksums: one changed byte in each structure is noticed and named.


def block_of(image, command):
    """The first number that a debugfs command prints."""
    return int(e2fs.debugfs(image, command).split()[0].strip(b"(),:"))


def read_all(data):
    """Go through all files and folders of an image."""
    fs = VfsExt2(RamBlock(data))
    folders = [""]
    while folders:
        folder = folders.pop()
        for name, kind, _ in fs.ilistdir(folder or "/"):
            path = f"{folder}/{name}"
            if kind == 0x4000:
                folders.append(path)
            elif kind == 0x8000:
                with fs.open(path, "rb") as file:
                    file.read()


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """An image with metadata_csum, 1 KiB blocks, a deep file and a hash tree."""
    path = tmp_path_factory.mktemp("checked")
    top = path / "top"
    (top / "many").mkdir(parents=True)
    for i in range(300):
        (top / "many" / f"name number {i:06d} of many").write_text("")
    with open(top / "comb", "wb") as file:
        for i in range(500):
            file.seek(i * 8192)
            file.write(b"x")
    (top / "small").mkdir()
    image = ext4(path, "-b1024", source=top)
    e2fs.run("e2fsck", "-fyD", image, ok=(0, 1))
    read_all(image.read_bytes())
    return image


def place(image, what):
    """(byte in the image to change, words of the log)"""
    if what == "superblock":
        return 1024 + 120, "checksum of superblock"
    if what == "descriptor":
        return 2048 + 18, "checksum: descriptor of group 0"
    if what == "inode":
        found = e2fs.debugfs(image, "imap /comb").decode().split("located at block ")[1].split()
        block, off = int(found[0].strip(",")), int(found[-1], 16)
        return block * 1024 + off + 8, "checksum: inode"
    if what == "leaf":
        return block_of(image, "blocks /small") * 1024 + 900, "checksum: directory block"
    if what == "root":
        return block_of(image, "blocks /many") * 1024 + 44, "checksum: directory block"
    if what == "extents":
        tree = e2fs.debugfs(image, "ex -n /comb").decode().splitlines()
        return int(tree[1].split()[-2]) * 1024 + 20, "checksum: extent block"
    raise AssertionError(what)


@pytest.mark.parametrize("what", ["superblock", "descriptor", "inode", "leaf", "root", "extents"])
def test_damage_is_noticed(checked, what):
    data = bytearray(checked.read_bytes())
    at, words = place(checked, what)
    data[at] ^= 1
    with pytest.raises(OSError) as why:
        read_all(data)
    assert why.value.args[0] == 117
    assert words in klog.lines[-1][1]


def test_damage_of_crc16(tmp_path):
    image = ext4(tmp_path, "-b1024", "-O^metadata_csum,uninit_bg", source=TREE)
    data = bytearray(image.read_bytes())
    data[2048 + 18] ^= 1
    with pytest.raises(OSError) as why:
        read_all(data)
    assert why.value.args[0] == 117
    assert "checksum: descriptor of group 0" in klog.lines[-1][1]


def test_crc32c_of_the_sim():
    assert ext2c.crc32c(0xFFFFFFFF, b"123456789") ^ 0xFFFFFFFF == 0xE3069283
