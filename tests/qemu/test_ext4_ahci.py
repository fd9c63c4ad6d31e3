"""ext3 and ext4 on an AHCI disk of QEMU: read bit for bit, and nothing is written."""

import zlib

import e2fs
import pytest
from ahcidisks import drive, machine, value
from dirty_journals import tree_in_journal

from pyrallax import ROOT

pytestmark = pytest.mark.storage

TREE = ROOT / "frozen/fs/ext2"
WALK = """
import binascii, os, vfs
from ext2 import VfsExt2
def walk(folder):
    found = {}
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + '/' + name
        if kind == 0x4000:
            found.update(walk(path))
        else:
            with open(path, 'rb') as file:
                found[path] = binascii.crc32(file.read())
    return found
def error(call, *args):
    try:
        call(*args)
    except OSError as why:
        return why.errno
"""
CHANGES = (
    "open, '/d/new', 'w'",
    "open, '/d/vfs.py', 'r+b'",
    "open, '/d/vfs.py', 'a'",
    "os.mkdir, '/d/new'",
    "os.remove, '/d/vfs.py'",
    "os.rename, '/d/vfs.py', '/d/new'",
    "os.rmdir, '/d/lost+found'",
)


def mounted(vm_factory, image):
    repl = machine(vm_factory, drive(0, image))
    repl.exec(WALK + "vfs.mount(VfsExt2(d), '/d')\n", timeout=60)
    return repl


def same(repl, folder, tree):
    """Assert that a folder of the target and one of the host have the same files."""
    want = {
        f"{folder}/{p.relative_to(tree)}": zlib.crc32(p.read_bytes())
        for p in tree.rglob("*")
        if p.is_file()
    }
    assert want and value(repl, f"walk('{folder}')") == want


@pytest.fixture
def tree(tmp_path):
    """A source tree, a file in many extents, and a directory of many blocks."""
    top = tmp_path / "tree"
    (top / "many").mkdir(parents=True)
    for path in TREE.glob("*.py"):
        (top / path.name).write_bytes(path.read_bytes())
    for i in range(700):
        (top / "many" / f"{i} of a number of files").write_text(str(i))
    with open(top / "comb", "wb") as file:
        for i in range(600):
            file.seek(i * 16384)
            file.write(b"%08d" % i * 512)
    return top


@pytest.mark.parametrize(
    "fs_type, options",
    [
        ("ext4", ()),
        ("ext4", ("-b1024", "-Ometadata_csum_seed,orphan_file")),
        ("ext4", ("-O^metadata_csum,uninit_bg",)),
        ("ext3", ()),
    ],
    ids=["default", "seed", "uninit_bg", "ext3"],
)
def test_read(vm_factory, tmp_path, tree, fs_type, options):
    image = e2fs.mke2fs(tmp_path / "i", 64 << 20, *options, fs_type=fs_type, tree=tree)
    features = e2fs.run("dumpe2fs", "-h", image).decode()
    if not options and fs_type == "ext4":
        assert all(name in features for name in ("metadata_csum", "64bit", "flex_bg", "extent"))
    before = image.read_bytes()
    repl = mounted(vm_factory, image)
    same(repl, "/d", tree)
    if fs_type == "ext3":  # which is written, as ext2
        repl.exec("with open('/d/new', 'wb') as f:\n    f.write(b'text')\n")
        repl.exec("vfs.umount('/d')")
        e2fs.check(image)
        assert e2fs.debugfs(image, "cat /new") == b"text"
        return
    assert value(repl, f"[error(*call) for call in [{', '.join(f'({c})' for c in CHANGES)}]]") == [
        30
    ] * len(CHANGES)
    repl.exec("os.sync()\nvfs.umount('/d')")
    assert image.read_bytes() == before


@pytest.mark.parametrize("fs_type, journal", [("ext3", "jo"), ("ext4", "jo -c -v 3")])
def test_dirty_journal(vm_factory, tmp_path, fs_type, journal):
    image = e2fs.mke2fs(tmp_path / "i", 16 << 20, "-b1024", fs_type=fs_type)
    tree_in_journal(image, tmp_path, TREE, journal)
    before = image.read_bytes()
    repl = mounted(vm_factory, image)
    assert "replayed in memory: 3 transactions" in repl.exec("import klog\nklog.dmesg()")
    assert set(value(repl, "os.listdir('/d/d')")) == {p.name for p in TREE.glob("*.py")}
    for path in sorted(TREE.glob("*.py")):
        crc = value(repl, f"binascii.crc32(open('/d/d/{path.name}', 'rb').read())")
        assert crc == zlib.crc32(path.read_bytes()), path.name
    assert value(repl, "error(open, '/d/new', 'w')") == 30
    repl.exec("vfs.umount('/d')")
    assert image.read_bytes() == before
