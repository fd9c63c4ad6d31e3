"""Dirty journals written by debugfs: what we mount is what e2fsck makes of a copy."""

import shutil
import struct

import e2fs
import pytest
from dirty_journals import BLOCK, transactions, tree_in_journal
from test_ext4_images import TREE, RamBlock, VfsExt2, ext4, klog, refused

pytestmark = pytest.mark.storage
FORMATS = [
    (features, f"jo -c -v {version}" if version else "jo")
    for features in ("", "^64bit")
    for version in (0, 2, 3)
]


def compare(image, path):
    """Mount, read-only, and compare each block with e2fsck's replay; the file system."""
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    assert fs.volume.read_only
    copy = shutil.copy(image, path / "copy")
    e2fs.run("e2fsck", "-fy", "-E", "journal_only", copy, ok=(0, 1))
    judge = copy.read_bytes()
    journal = {int(n) for n in e2fs.debugfs(image, "blocks <8>").split()}
    buf = bytearray(BLOCK)
    for block in range(2, len(judge) // BLOCK):
        if block not in journal:
            fs.volume.disk.read(block, buf)
            assert buf == judge[block * BLOCK : (block + 1) * BLOCK], block
    assert disk.writes == 0 and disk.data == image.read_bytes()
    return fs


@pytest.mark.parametrize("features, journal", FORMATS)
def test_a_tree_in_the_journal(tmp_path, features, journal):
    """All that making a tree changes is in the journal, in three transactions."""
    options = [f"-b{BLOCK}", *([f"-O{features}"] if features else [])]
    image = ext4(tmp_path, *options, size=16 << 20)
    source = TREE / "fs" / "ext2"
    tree_in_journal(image, tmp_path, source, journal)
    words = e2fs.run("dumpe2fs", "-h", image).decode()
    assert ("journal_64bit" in words) == (features == "")
    assert ("-v" not in journal) or f"journal_checksum_v{journal[-1]}" in words
    fs = compare(image, tmp_path)
    names = {p.name for p in source.glob("*.py")}
    assert {name for name, _, _ in fs.ilistdir("/d")} == names
    for name in names:
        with fs.open("/d/" + name, "rb") as file:
            assert file.read() == (source / name).read_bytes()
    assert "journal replayed in memory" in " ".join(text for _, text in klog.lines[-3:])


@pytest.mark.parametrize("features, journal", FORMATS)
def test_revoked_escaped_incomplete(tmp_path, features, journal):
    options = [f"-b{BLOCK}", *([f"-O{features}"] if features else [])]
    image = ext4(tmp_path, *options, size=16 << 20)
    files = []
    for i in range(4):
        file = tmp_path / f"c{i}"
        begin = struct.pack(">I", 0xC03B3998) if i % 2 else b"plain"
        file.write_bytes((begin + bytes([i]) * BLOCK)[:BLOCK] * 2)
        files.append(file)
    jobs = [
        journal,
        f"jw -b 9000,9001 {files[0]}",
        f"jw -b 9001,9002 {files[1]}",
        "jw -r 9001,9100",
        f"jw -b 9100,9101 {files[3]}",
        f"jw -c -b 9000,9200 {files[2]}",
    ]
    transactions(image, tmp_path, jobs)
    fs = compare(image, tmp_path)
    assert set(fs.volume.disk.copies) == {9000, 9002, 9100, 9101}
    assert fs.volume.disk.copies[9100][1] and not fs.volume.disk.copies[9000][1]


@pytest.mark.parametrize("features, journal", FORMATS)
@pytest.mark.parametrize("start", [12, 512])
def test_torn_end(tmp_path, features, journal, start):
    """The cut came while the last descriptor was written: all before it counts."""
    options = [f"-b{BLOCK}", *([f"-O{features}"] if features else [])]
    image = ext4(tmp_path, *options, size=16 << 20)
    file = tmp_path / "c"
    file.write_bytes(b"x" * BLOCK * 2)
    jobs = [journal, f"jw -b 9000,9001 {file}", f"jw -c -b 9001,9002 {file}"]
    transactions(image, tmp_path, jobs)
    data = bytearray(image.read_bytes())
    at = data.rindex(struct.pack(">II", 0xC03B3998, 1))
    data[at + start : at + BLOCK] = bytes([255]) * (BLOCK - start)
    image.write_bytes(data)
    fs = compare(image, tmp_path)
    assert set(fs.volume.disk.copies) == {9000, 9001}


@pytest.mark.parametrize("fs_type, journal", [("ext3", "jo"), ("ext4", "jo -c -v 3")])
def test_changed_copy(tmp_path, fs_type, journal):
    """Checksums tell a copy that is not what was written; without them nothing does."""
    image = ext4(tmp_path, f"-b{BLOCK}", size=16 << 20, fs_type=fs_type)
    file = tmp_path / "c"
    file.write_bytes(b"x" * BLOCK)
    transactions(image, tmp_path, [journal, f"jw -b 9000 {file}"])
    compare(image, tmp_path)
    data = bytearray(image.read_bytes())
    data[data.index(b"x" * BLOCK)] ^= 1
    if fs_type == "ext4":
        assert refused(data, "checksum: journal copy", "cannot be replayed") == 117
    else:
        fs = VfsExt2(RamBlock(data))
        buf = bytearray(BLOCK)
        fs.volume.disk.read(9000, buf)
        assert buf == b"y" + b"x" * (BLOCK - 1)


def image_with_data(tmp_path, fs_type="ext3"):
    """An image whose journal has a copy of block 9000, all of "x"."""
    image = ext4(tmp_path, f"-b{BLOCK}", size=16 << 20, fs_type=fs_type)
    (tmp_path / "c").write_bytes(b"x" * BLOCK)
    transactions(image, tmp_path, ["jo", f"jw -b 9000 {tmp_path / 'c'}"])
    return image


def block_9000(fs):
    buf = bytearray(BLOCK)
    fs.volume.disk.read(9000, buf)
    return buf


@pytest.mark.parametrize("fs_type", ["ext3", "ext4"])
def test_data_but_no_flag(tmp_path, fs_type):
    """Linux would discard such a journal, e2fsck asks: nothing is written.  A superblock's backup
    never has the flag, and e2fsck replays then.
    """
    image = image_with_data(tmp_path, fs_type)
    e2fs.debugfs_write(image, "feature -needs_recovery")
    disk = RamBlock(image.read_bytes())
    fs = VfsExt2(disk)
    if fs_type == "ext3":
        assert "read-only: the journal is not empty" in klog.lines[-1][1]
    assert block_9000(fs) == bytes(BLOCK)
    with pytest.raises(OSError, match="30"):
        fs.mkdir("/d")
    fs.umount()
    fs = VfsExt2(disk, sb=8193)
    assert fs.volume.read_only and block_9000(fs) == b"x" * BLOCK
    fs.umount()
    assert disk.writes == 0


def test_backup_superblock_of_a_clean_image(tmp_path):
    image = ext4(tmp_path, f"-b{BLOCK}", size=16 << 20, fs_type="ext3")
    assert not VfsExt2(RamBlock(image.read_bytes()), sb=8193).volume.read_only


@pytest.mark.parametrize("command", ["ssv journal_inum 0", "sif <8> mode 0100600", "zap -f <8> 0"])
def test_a_journal_that_cannot_be_asked(tmp_path, command):
    """What has no readable journal may have a dirty one: it is read, and not written."""
    image = ext4(tmp_path, f"-b{BLOCK}", size=16 << 20, fs_type="ext3", source=TREE / "fs")
    e2fs.debugfs_write(image, command)
    if command.startswith("sif"):
        e2fs.debugfs_write(image, "sif <8> block[0] 0")
    disk = RamBlock(image.read_bytes())
    for sb in (None,) if command.startswith("ssv") else (None, 8193):  # not of the backups
        fs = VfsExt2(disk, sb=sb)
        assert fs.volume.read_only and "read-only" in klog.lines[-1][1]
        assert fs.stat("/ext2/vfs.py")[6] == (TREE / "fs/ext2/vfs.py").stat().st_size
        fs.umount()
    assert disk.writes == 0
