"""Images of mke2fs read back by our driver, bit for bit."""

import os

import e2fs
import pytest
from ext2 import VfsExt2
from ramblk import RamBlock

from pyrallax import ROOT

pytestmark = pytest.mark.storage

TREE = ROOT / "frozen"


def mount(path, **options):
    return VfsExt2(RamBlock(path.read_bytes()), **options)


def same(fs, here, there):
    """Assert that a folder of the host and one of the image have the same content."""
    names = {name for name, _, _ in fs.ilistdir(there)} - {"lost+found"}
    assert names == {p.name for p in here.iterdir()}
    for path in here.iterdir():
        inside = f"{there}/{path.name}"
        if path.is_symlink():
            assert fs.readlink(inside) == os.readlink(path)
        elif path.is_dir():
            same(fs, path, inside)
        else:
            assert fs.stat(inside)[6] == path.stat().st_size
            with fs.open(inside, "rb") as file:
                assert file.read() == path.read_bytes(), inside


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A folder with the awkward cases beside ordinary files."""
    top = tmp_path_factory.mktemp("tree")
    (top / "deep" / "er").mkdir(parents=True)
    (top / "deep" / "er" / "leaf").write_text("leaf\n")
    (top / "slow").symlink_to("x" * 100)
    (top / "fast").symlink_to("deep/er/leaf")
    (top / "empty").write_bytes(b"")
    (top / ("ü" * 127)).write_text("long name")
    with open(top / "holes", "wb") as file:
        for at in (0, 5000, 80_000, 1 << 20, 70 << 20):
            file.seek(at)
            file.write(b"here %d" % at)
    (top / "many").mkdir()
    for i in range(600):
        (top / "many" / f"file number {i}").write_text(str(i))
    return top


@pytest.mark.parametrize("block_size", [1024, 2048, 4096])
@pytest.mark.parametrize("options", [["-I128"], ["-I256"], ["-r0"], ["-Ometa_bg,^resize_inode"]])
def test_tree(tmp_path, tree, block_size, options):
    image = e2fs.mke2fs(tmp_path / "i", 48 << 20, f"-b{block_size}", *options, tree=tree)
    fs = mount(image)
    same(fs, tree, "")
    with fs.open("/fast") as file:
        assert file.read() == "leaf\n"


@pytest.mark.parametrize("block_size", [8192, 65536])
@pytest.mark.parametrize("fs_type", ["ext2", "ext4"])
def test_large_blocks(tmp_path, tree, fs_type, block_size):
    image = e2fs.mke2fs(tmp_path / "i", 192 << 20, f"-b{block_size}", fs_type=fs_type, tree=tree)
    same(mount(image), tree, "")


def test_source_tree(tmp_path):
    image = e2fs.mke2fs(tmp_path / "i", 32 << 20, tree=TREE)
    same(mount(image), TREE, "")


def test_reading_through_small_buffers(tmp_path, tree):
    fs = mount(e2fs.mke2fs(tmp_path / "i", 48 << 20, "-b1024", tree=tree))
    want = (tree / "holes").read_bytes()[: 3 << 20]
    for size in (1, 333, 1024, 5000, 65536):
        buf = bytearray(size)
        got = bytearray()
        with fs.open("/holes", "rb") as file:
            while len(got) < min(3 << 20, 300 * size):
                got += buf[: file.readinto(buf)]
        assert got == want[: len(got)]
