"""ext2 on an AHCI disk of QEMU: the host's files are read, and what is written it finds clean."""

from pathlib import Path

import e2fs
import pytest

from pyrallax import ROOT

pytestmark = pytest.mark.storage


def mounted(vm_factory, image: Path):
    """The raw REPL of a machine with the image on /d."""
    drive = f"if=none,id=d0,format=raw,file={image}"
    repl = vm_factory(
        device=["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0"], extra=["-drive", drive]
    ).repl()
    repl.exec(
        "import ahci, os, vfs\n"
        "from ext2 import VfsExt2\n"
        "vfs.mount(VfsExt2(ahci.disks()[0]), '/d')\n",
        timeout=60,
    )
    return repl


@pytest.mark.parametrize("block_size", [1024, 4096, 65536])
def test_read_write_check(vm_factory, tmp_path, block_size):
    tree = ROOT / "frozen/fs/ext2"
    image = e2fs.mke2fs(tmp_path / "i", 32 << 20, f"-b{block_size}", tree=tree)
    repl = mounted(vm_factory, image)
    repl.exec(
        "import hashlib, sys\n"
        "os.chdir('/d')\n"
        "data = open('vfs.py', 'rb').read()\n"
        "os.mkdir('new')\n"
        "with open('new/copy.py', 'wb') as f:\n"
        "    for i in range(100):\n"
        "        f.write(data)\n"
        "with open('new/text', 'w') as f:\n"
        "    print('größe', 1, file=f)\n"
        "os.rename('new', 'renamed')\n"
        "os.rename('super.py', 'renamed/text2')\n"
        "os.remove('renamed/text2')\n"
        "with open('module_here.py', 'w') as f:\n"
        "    f.write('answer = 42')\n"
        "sys.path.insert(0, '/d')\n"
        "import module_here\n"
        "assert module_here.answer == 42\n",
        timeout=60,
    )
    assert repl.eval("open('/d/renamed/text').read()") == "größe 1\n"
    assert repl.eval("open('/d/renamed/copy.py', 'rb').read() == data * 100")
    assert repl.eval("sorted(os.listdir('/d/renamed'))") == ["copy.py", "text"]
    repl.exec("os.chdir('/')\nvfs.umount('/d')")
    e2fs.check(image)
    source = (ROOT / "frozen/fs/ext2/vfs.py").read_bytes()
    assert e2fs.debugfs(image, "cat /renamed/copy.py") == source * 100


def test_made_on_the_target(vm_factory, tmp_path):
    image = tmp_path / "i"
    with image.open("wb") as f:
        f.truncate(64 << 20)
    repl = vm_factory(
        device=["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0"],
        extra=["-drive", f"if=none,id=d0,format=raw,file={image}"],
    ).repl()
    repl.exec(
        "import ahci\nfrom ext2 import VfsExt2\nVfsExt2.mkfs(ahci.disks()[0], label='made')",
        timeout=60,
    )
    e2fs.check(image)
    assert "made" in e2fs.run("dumpe2fs", "-h", image).decode()


def test_reading_allocates_nothing_per_request(vm_factory, tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    with (tree / "big").open("wb") as f:
        for at in range(0, 24 << 20, 1 << 20):
            f.write(bytes([at >> 20]) * (1 << 20))
    image = e2fs.mke2fs(tmp_path / "i", 48 << 20, "-b4096", tree=tree)
    repl = mounted(vm_factory, image)
    repl.exec(
        "import gc\n"
        "buf = bytearray(65536)\n"
        "def read(n):\n"
        "    for i in range(n):\n"
        "        assert f.readinto(buf) == 65536 and buf[0] == buf[-1] == (i + at) >> 4\n"
        "f = open('/d/big', 'rb')\n"
        "at = 0\n"
        "read(64)\n"
        "at = 64\n"
        "gc.collect()\n"
        "gc.disable()\n"  # garbage counts, too
        "before = gc.mem_alloc()\n"
        "read(320)\n"
        "after = gc.mem_alloc()\n"
        "gc.enable()\n",
        timeout=120,
    )
    # Five indirect blocks in the cache; the least allocation in each request were 5 KiB more.
    assert repl.eval("after - before") < 28 << 10


def test_os_sync(vm_factory, tmp_path):
    image = e2fs.mke2fs(tmp_path / "i", 8 << 20)
    repl = mounted(vm_factory, image)
    repl.exec("f = open('/d/a', 'wb')\nf.write(b'x' * 5000)\nos.mkdir('/d/m')\nos.sync()")
    assert e2fs.debugfs(image, "cat /a") == b"x" * 5000
    assert b"directory" in e2fs.debugfs(image, "stat /m")
