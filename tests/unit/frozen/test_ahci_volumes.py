"""From the controller up: a GPT and an ext2 on AHCI disks, 512 to 4096-byte blocks."""

import gpt
from ahci_devices import Disk
from ext2 import VfsExt2
from memdisk import Gpt, MemDisk

from ahci_rig import Rig, pattern

AREA = "storage"

BYTES = 4 << 20
# block, physical sector: 512n, 512e, 4Kn
SECTORS = ((512, 512), (512, 4096), (4096, 4096))


def volume(size, physical):
    """The model of a disk with a GPT, its rig, and the ext2 made in the second partition."""
    model = Disk(BYTES // size, size, physical)
    rig = Rig({0: model})
    (disk,) = rig.c.disks
    last = model.blocks - 40
    medium = MemDisk(model.data, size)
    Gpt(medium, ((0x11, 40, 99, "efi"), (0x22, 100, last, "root"))).write(medium)
    esp, root = gpt.partitions(disk)
    assert (esp.block_size, root.count, root.name) == (size, last - 99, "sd0p2")
    return model, rig, root


def test_ext2_on_every_kind_of_sector():
    for size, physical in SECTORS:
        model, rig, root = volume(size, physical)
        VfsExt2.mkfs(root, 4096)
        fs = VfsExt2(root)
        fs.mount(False, False)
        fs.mkdir("/dir")
        for n in range(30):
            with fs.open("/dir/f%d" % n, "wb") as file:
                file.write(pattern(1000 * n, n + 1))
        fs.umount()
        assert model.log[-1][0] == "f"  # marked clean on the medium
        fs = VfsExt2(root, read_only=True)
        for n in range(30):
            with fs.open("/dir/f%d" % n, "rb") as file:
                assert file.read() == pattern(1000 * n, n + 1), (size, physical, n)
        assert rig.warned() == []
        rig.sound()


def test_blocks_smaller_than_a_sector_are_refused():
    _, _, root = volume(4096, 4096)
    try:
        VfsExt2.mkfs(root, 1024)
    except OSError as why:
        assert why.args[0] == 22
    else:
        raise AssertionError("not refused")


def test_both_copies_of_a_gpt_of_4096_byte_blocks():
    model, rig, _ = volume(4096, 4096)
    (disk,) = rig.c.disks
    model.data[4096:8192] = bytes(4096)
    assert [p.label for p in gpt.partitions(disk)] == ["efi", "root"]
    model.bad.add(1)
    model.bad.add(model.blocks - 1)
    try:
        gpt.partitions(disk)
    except OSError as why:
        assert why.args[0] == 117
    else:
        raise AssertionError("not refused")
