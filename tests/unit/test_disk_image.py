"""inv image --root: a disk the tools of Linux find no fault with, the same bytes each time."""

import hashlib
import os
import re
import shutil

import e2fs
import pytest

from pyrallax import BUILD
from pyrallax.image import disk
from pyrallax.image.esp import ImageError

pytestmark = pytest.mark.storage

_ESP, _ROOT = 2048, 2048 + 131072  # first sectors


def tool(*argv):
    return e2fs.run(*argv).decode()


def tree(folder):
    """A folder with what a root has: files, folders, links, odd names, holes."""
    (folder / "lib/sub").mkdir(parents=True)
    (folder / "boot.py").write_text("print('hello')\n")
    (folder / "lib/a file.py").write_text("x = 1\n")
    (folder / "lib/Gr\u00fc\u00dfe").write_bytes(bytes(range(256)) * 40)
    (folder / "lib/sub/run.sh").write_text("#!/bin/sh\n")
    (folder / "lib/sub/run.sh").chmod(0o755)
    (folder / "link").symlink_to("lib/a file.py")
    (folder / "long").symlink_to("x" * 200)
    os.link(folder / "boot.py", folder / "same.py")
    with (folder / "holes").open("wb") as f:
        f.seek(3 << 20)
        f.write(b"end")
    return folder


@pytest.fixture(scope="module", autouse=True)
def epoch():
    """`make` exports the commit's time; here it is the one without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory, epoch):
    """(image, folder it was made from)"""
    work = tmp_path_factory.mktemp("disk")
    root = tree(work / "root")
    image = work / "disk.img"
    words = ["--root", root, "--size", "96m", "--out", image, "--cmdline", "root=sd0p2"]
    assert disk.main([str(w) for w in words]) == 0
    return image, root


def part(image, first, tmp_path):
    """A partition as a file of its own."""
    text = tool("sgdisk", "-p", image)
    last = int(re.search(rf"^ +\d +{first} +(\d+)", text, re.M)[1])
    out = tmp_path / f"part{first}"
    with image.open("rb") as f:
        f.seek(first * 512)
        out.write_bytes(f.read((last + 1 - first) * 512))
    return out


def test_the_table(made):
    text = tool("sgdisk", "-v", "-p", made[0])
    assert "No problems found" in text
    assert re.findall(r"(EF00|8305) +(\w+)", text) == [("EF00", "efi"), ("8305", "root")]
    assert made[0].stat().st_size == 96 << 20


def test_the_esp(made, tmp_path):
    image = part(made[0], _ESP, tmp_path)
    tool("fsck.vfat", "-n", image)
    listing = tool("mdir", "-i", image, "-/", "-b", "::")
    assert "::/EFI/BOOT/BOOTAA64.EFI" in listing and "::/pyrallax/firmware.elf" in listing
    assert tool("mtype", "-i", image, "::/pyrallax/cmdline.txt") == "root=sd0p2\n"
    assert int.from_bytes(image.read_bytes()[28:32], "little") == _ESP  # BPB_HiddSec
    copied = tmp_path / "firmware"
    tool("mcopy", "-i", image, "::/pyrallax/firmware.elf", copied)
    assert copied.read_bytes() == (BUILD / "firmware-stripped.elf").read_bytes()


def test_the_root(made, tmp_path):
    image = part(made[0], _ROOT, tmp_path)
    tool("e2fsck", "-fn", image)
    tool("debugfs", "-R", f"rdump / {tmp_path}", image)
    back = tmp_path
    for name in ("boot.py", "same.py", "lib/a file.py", "lib/Gr\u00fc\u00dfe", "holes"):
        assert (back / name).read_bytes() == (made[1] / name).read_bytes(), name
    assert os.readlink(back / "link") == "lib/a file.py"
    assert os.readlink(back / "long") == "x" * 200
    listing = tool("debugfs", "-R", "ls -l /lib/sub", image)
    assert re.search(r"100755 \(1\) +0 +0 +10  1-Jan-2025 00:00 run.sh", listing), listing
    inodes = {re.search(r"Inode: (\d+)", tool("debugfs", "-R", f"stat {n}", image))[1]
              for n in ("boot.py", "same.py")}  # fmt: skip
    assert len(inodes) == 1


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_same_input_same_bytes(made, tmp_path):
    """Another folder, another order of making, other times; then another seed."""
    copy = tmp_path / "copy"
    shutil.copytree(made[1], copy, symlinks=True)
    (copy / "same.py").unlink()
    for name in ("boot.py", "lib/a file.py"):
        text = (copy / name).read_bytes()
        (copy / name).unlink()
        (copy / name).write_bytes(text)
    os.link(copy / "boot.py", copy / "same.py")
    os.utime(copy / "lib", (1, 1))
    words = ["--root", str(copy), "--size", "96m", "--cmdline", "root=sd0p2"]
    assert disk.main([*words, "--out", str(tmp_path / "a.img")]) == 0
    assert digest(tmp_path / "a.img") == digest(made[0])
    assert disk.main([*words, "--out", str(tmp_path / "b.img"), "--seed", "b"]) == 0
    assert digest(tmp_path / "b.img") != digest(made[0])


@pytest.mark.parametrize("size", ["", "0", "100k", "-1m", "12x", "1.5g"])
def test_sizes_that_are_none(size):
    with pytest.raises(ImageError):
        disk.size_of(size)


def test_what_does_not_fit_leaves_no_image(tmp_path, capsys):
    root = tmp_path / "root"
    root.mkdir()
    (root / "big").write_bytes(os.urandom(8 << 20))
    out = tmp_path / "disk.img"
    for size, why in (("70m", "mke2fs"), ("64m", "EFI system partition")):
        assert disk.main(["--root", str(root), "--size", size, "--out", str(out)]) == 1
        assert why in capsys.readouterr().err
    assert disk.main(["--root", str(tmp_path / "none"), "--out", str(out)]) == 1
    assert "is no folder" in capsys.readouterr().err
    for place in (root, root / "big" / "disk.img"):  # a folder, and below a file
        assert disk.main(["--root", str(root), "--size", "96m", "--out", str(place)]) == 1
        assert capsys.readouterr().err.startswith("disk: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root"]
    assert [path.name for path in root.iterdir()] == ["big"]


_FAKE = """#!/bin/sh
[ "$1 $2 $4 $5" = "create --hdd --size 70M" ] || exit 3
mkdir "$3" && echo descriptor > "$3/DiskDescriptor.xml" && truncate -s {size} "$3/disk.0.hds"
"""


@pytest.mark.parametrize("size, status", [("70M", 0), ("1M", 1)])
def test_a_bundle_for_parallels(tmp_path, monkeypatch, capsys, size, status):
    """With a stand-in for prl_disk_tool: what it makes is used only if it is a plain disk."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "prl_disk_tool").write_text(_FAKE.format(size=size))
    (tools / "prl_disk_tool").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    root = tmp_path / "root"
    root.mkdir()
    words = ["--root", str(root), "--size", "70m"]
    assert disk.main([*words, "--out", str(tmp_path / "raw.img")]) == 0
    (tmp_path / "vm.hdd").mkdir()
    (tmp_path / "vm.hdd/old.hds").write_bytes(b"old")
    assert disk.main([*words, "--out", str(tmp_path / "vm.hdd")]) == status
    names = sorted(path.name for path in (tmp_path / "vm.hdd").iterdir())
    if status:
        assert "no plain disk" in capsys.readouterr().err and names == ["old.hds"]
    else:
        assert names == ["DiskDescriptor.xml", "disk.0.hds"]
        data = tmp_path / "vm.hdd/disk.0.hds"
        assert digest(data) == digest(tmp_path / "raw.img")
        assert data.stat().st_blocks * 512 < data.stat().st_size / 8  # holes are kept


def test_without_the_tool_of_parallels(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["--root", str(tmp_path), "--out", str(tmp_path / "vm.hdd")]
    assert disk.main(words) == 1
    assert "comes with Parallels Desktop" in capsys.readouterr().err
