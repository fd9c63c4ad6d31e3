"""mpremote's file commands on a root that is an ext2 disk, and what a broken copy leaves there."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from disks import ahci, debugfs, fsck, image

pytestmark = pytest.mark.storage

_MPREMOTE = Path(sys.executable).parent / "mpremote"


@pytest.fixture
def disk(tmp_path):
    return image(tmp_path / "disk.img")


@pytest.fixture
def vm(vm_factory, disk):
    """What the fixture `pty` has behind it: a machine with this root."""
    return vm_factory(**ahci(disk))


def cut(vm):
    """End the machine at once; the bridge notices by itself."""
    vm.process.kill()
    vm.process.wait()


def settled(pty, vm, disk):
    """Unmount by a soft reset, end the machine; what e2fsck says of the disk, which is clean."""
    pty.mpremote("soft-reset", "exec", "print('up')")
    cut(vm)
    return fsck(disk)


def test_files(pty, vm, disk, tmp_path):
    data = random.Random(4).randbytes(150_000)
    source, back = tmp_path / "data.bin", tmp_path / "back.bin"
    source.write_bytes(data)
    pty.mpremote("fs", "cp", source, ":data.bin")
    rows = [line.split() for line in pty.mpremote("fs", "ls").splitlines()]
    assert [b"150000", b"data.bin"] in rows
    assert pty.mpremote("eval", "__import__('os').stat('data.bin')[6]").strip() == b"150000"
    assert b"data.txt" in pty.mpremote("fs", "ls", ":/")
    pty.mpremote("fs", "cp", ":data.bin", back)
    assert back.read_bytes() == data
    pty.mpremote("fs", "mkdir", ":d", "+", "fs", "cp", ":data.bin", ":d/copy.bin")
    assert b"copy.bin" in pty.mpremote("fs", "tree")
    assert len(pty.mpremote("fs", "sha256sum", ":d/copy.bin").strip()) >= 64
    pty.mpremote("fs", "rm", ":data.bin", "+", "fs", "touch", ":new", "+", "fs", "cat", ":new")
    rows = {line.split()[-1]: line.split() for line in pty.mpremote("df").splitlines()}
    assert {b"/", b"/esp", b"/ram"} <= set(rows), rows
    settled(pty, vm, disk)
    assert debugfs(disk, "cat d/copy.bin") == data
    names = debugfs(disk, "ls -p /").decode().split("/")
    assert "new" in names and "data.bin" not in names


def test_a_tree_there_and_back(pty, vm, disk, tmp_path):
    tree = tmp_path / "tree"
    for n in range(12):
        folder = tree / f"d{n % 3}" / f"e{n % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{n}.bin").write_bytes(os.urandom(n * 700))
    pty.mpremote("fs", "cp", "-r", tree, ":")
    pty.mpremote("fs", "cp", "-r", ":tree", tmp_path / "back")
    back = tmp_path / "back"
    back = back / "tree" if (back / "tree").is_dir() else back
    for path in tree.rglob("*.bin"):
        assert (back / path.relative_to(tree)).read_bytes() == path.read_bytes()
    pty.mpremote("fs", "rm", "-r", ":tree")
    settled(pty, vm, disk)
    assert "tree" not in debugfs(disk, "ls -p /").decode().split("/")


def test_a_file_of_the_disk_is_imported_after_a_copy(pty, tmp_path):
    source = tmp_path / "fresh.py"
    source.write_text("VALUE = 6 * 7\n")
    out = pty.mpremote(
        "fs", "cp", source, ":/lib/fresh.py", "+", "eval", "__import__('fresh').VALUE"
    )
    assert b"42" in out.split()  # mpremote's own lines may come before or after


def interrupted(pty, vm, tmp_path, monkeypatch, sent):
    """Kill mpremote in the midst of copying a large file, once it has sent so many bytes."""
    source = tmp_path / "large.bin"
    source.write_bytes(os.urandom(4 << 20))
    far, count, write = threading.Event(), [0], vm.wire.write

    def counted(data, *rest):
        write(data, *rest)
        count[0] += len(data)
        if count[0] >= sent:
            far.set()

    monkeypatch.setattr(vm.wire, "write", counted)
    argv = [str(_MPREMOTE), "connect", pty.path, "fs", "cp", str(source), ":large.bin"]
    client = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert far.wait(120), f"{count[0]} bytes sent"
    assert client.poll() is None, "the copy was done before"
    client.kill()
    client.wait()
    monkeypatch.undo()
    return source


# Text of bytes: more than the file's 4 MiB in all.
@pytest.mark.parametrize("sent", [30_000, 150_000, 500_000])
def test_an_interrupted_copy_leaves_the_file_system_clean(
    pty, vm, disk, tmp_path, monkeypatch, sent
):
    source = interrupted(pty, vm, tmp_path, monkeypatch, sent)
    assert pty.mpremote("eval", "open('/data.txt').read()").strip() == b"some text"
    settled(pty, vm, disk)
    names = debugfs(disk, "ls -p /").decode().split("/")
    if "large.bin" in names:
        part = debugfs(disk, "cat large.bin")
        assert source.read_bytes().startswith(part)
    assert debugfs(disk, "cat data.txt") == b"some text\n"


def test_power_cut_in_a_copy(pty, vm, disk, tmp_path, monkeypatch):
    """The machine ends in the midst: e2fsck needs no hand, and what was there before is."""
    before = tmp_path / "before.bin"
    before.write_bytes(os.urandom(70_000))
    pty.mpremote("fs", "cp", before, ":before.bin")
    interrupted(pty, vm, tmp_path, monkeypatch, 300_000)
    cut(vm)
    fsck(disk, "-fp", ok=(0, 1))
    fsck(disk)
    assert debugfs(disk, "cat before.bin") == before.read_bytes()
