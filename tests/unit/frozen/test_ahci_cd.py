"""CD drives of the AHCI driver on a model."""

import array

from ahci_devices import Cd

from ahci_rig import Rig, pattern

AREA = "storage"


def test_read():
    data = pattern(40 * 2048)
    rig = Rig({1: Cd(data)})
    (cd,) = rig.c.cdroms
    assert (cd.name, cd.block_size, cd.blocks) == ("cd0", 2048, 40)
    assert (cd.vendor, cd.product, cd.revision) == ("MODEL", "DVD drive", "1.00")
    buf = bytearray(40 * 2048)
    assert cd.readblocks(0, buf) == 0 and buf == data
    for block, off, n in ((0, 1, 10), (3, 2047, 2), (5, 100, 9000), (39, 0, 2048)):
        buf = bytearray(n)
        assert cd.readblocks(block, buf, off) == 0
        assert buf == data[block * 2048 + off : block * 2048 + off + n]
    assert cd.readblocks(39, bytearray(2049)) == -22 and cd.readblocks(-1, bytearray(1)) == -22
    items = array.array("I", bytes(4096))
    status = cd.readblocks(0, items)
    assert status == -22 or bytes(items) == data[:4096]
    assert cd.writeblocks(0, bytes(2048)) == -30
    assert [cd.ioctl(op, 0) for op in (1, 2, 3, 4, 5, 6)] == [0, 0, 0, 40, 2048, -30]
    assert rig.warned() == []
    rig.sound()


def test_no_disc_and_a_new_one():
    model = Cd(None)
    rig = Rig({0: model})
    (cd,) = rig.c.cdroms
    assert cd.ready() == cd.readblocks(0, bytearray(2048)) == cd.ioctl(4, 0) == -123
    assert cd.blocks == 0 and rig.warned() == []
    model.data = pattern(8192)
    model.says = [(6, 0x28, 0)]
    buf = bytearray(2048)
    assert cd.readblocks(3, buf) == 0 and buf == pattern(8192)[6144:]
    assert cd.changes == 1 and cd.blocks == 4
    model.data = pattern(4096, 2)
    model.says = [(6, 0x28, 0)]
    assert cd.readblocks(3, buf) == -22 and cd.readblocks(1, buf) == 0
    assert buf == pattern(4096, 2)[2048:] and cd.blocks == 2
    rig.sound()


def test_a_drive_that_spins_up():
    model = Cd(bytes(4096))
    rig = Rig({0: model})
    (cd,) = rig.c.cdroms
    model.says = [(2, 4, 1)] * 20
    assert cd.ready() == 0 and not model.says
    model.says = [(2, 4, 1)] * 1000
    assert cd.ready() == -5 and len(model.says) > 800
    model.says = [(6, 0x29, 0)] * 100
    assert cd.ready() == -5  # not for ever


def test_errors():
    model = Cd(pattern(40 * 2048))
    rig = Rig({0: model})
    (cd,) = rig.c.cdroms
    model.bad.add(7)
    assert cd.readblocks(6, bytearray(4096)) == -5 and cd.sense == (3, 0x11, 0)
    assert rig.warned() == [
        "ahci: cd0: command 0xa8: medium error 11/00",
        "ahci: cd0: read of 2 blocks at LBA 6 failed",
    ]
    assert cd.readblocks(8, bytearray(2048)) == 0
    for fault in ("icrc", "ifs", "hang", "lost"):
        rig.fault(2, fault)
        assert cd.readblocks(0, bytearray(2048)) == 0
        assert cd.readblocks(0, bytearray(2048)) == 0, fault
    rig.model.ports[0].unplug()
    assert cd.readblocks(0, bytearray(2048)) == -19
    rig.softly()
    assert rig.c.drives == []
