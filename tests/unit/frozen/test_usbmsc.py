"""USB mass storage on scripted devices: what is found, and what is told of it."""

import dma
import usb_storage
import usbmsc

from msc_rig import done, rig_of, work

AREA = "usb"


def test_attach():
    for speed in ("full", "high", "super"):
        model = usb_storage.Storage(4096, 512, speed)
        rig = rig_of(model)
        (disk,) = usbmsc.disks()
        assert repr(disk) == "<ud0 QEMU QEMU HARDDISK, 4096 blocks of 512>"
        assert rig.texts(6) == [] and work(disk, model) == (0, 0, 0)
        del model.commands[:]
        assert disk.flush() == 0 and model.commands == []  # nothing was written since
        buf = bytearray(2 << 20)
        assert disk.readblocks(0, buf) == 0 and buf == model.data
        assert len(model.commands) == (2 if speed == "super" else 18)
        assert rig.clock.ticks_ms() < 400
        done(rig)


def test_out_of_reach():
    model = usb_storage.Storage(4096)
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    before = dma.stats()[0]
    dma.lend = False
    assert work(disk, model) == (0, 0, 0) and dma.stats()[0] == before
    done(rig)


def test_units():
    class Reader(usb_storage.Storage):
        """A card reader with one card."""

        def _scsi(self, cdb):
            super()._scsi(cdb)
            if self.lun and cdb[0] != 0x12 and cdb[0] != 0x03 and not self.card:
                self._fail(2, 0x3A, 0)

    model = Reader(2048, luns=3)
    model.card = False
    rig = rig_of(model)
    assert [d.name for d in usbmsc.disks()] == ["ud0"]
    model.card = True
    names = [(d.name, d.unit.lun) for d in usbmsc.disks()]
    assert names == [("ud0", 0), ("ud1", 1), ("ud2", 2)]
    first, second, third = usbmsc.disks()
    assert work(third, model) == (0, 0, 0) and model.lun == 2
    model.card = False
    assert second.readblocks(0, bytearray(512)) == -19 and second.gone
    assert first.readblocks(0, bytearray(512)) == 0 and not first.gone
    assert usbmsc.disks() == [first, third] and third.readblocks(0, bytearray(512)) == -19
    done(rig)


def test_another_medium_is_another_disk():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (old,) = usbmsc.disks()
    model.trouble[len(model.commands)] = "attention"
    assert old.writeblocks(0, bytes(512)) == -19 and old.flush() == -19
    (new,) = usbmsc.disks()
    assert new is not old and new.name == "ud0" and new.readblocks(0, bytearray(512)) == 0
    assert old.readblocks(0, bytearray(512)) == -19
    done(rig)


def test_plugged_again():
    for luns in (1, 3):
        model = usb_storage.Storage(luns=luns)
        rig = rig_of(model)
        for _ in range(20):
            disks = usbmsc.disks()
            assert [disk.name for disk in disks] == ["ud%d" % n for n in range(luns)]
            assert [work(disk, model) for disk in disks] == [(0, 0, 0)] * luns
            rig.hcd.usb2.unplug(1)
            rig.settle(200)
            assert usbmsc.disks() == []
            assert [disk.readblocks(0, bytearray(512)) for disk in disks] == [-19] * luns
            rig.balanced()
            rig.hcd.usb2.plug(1, model)
            rig.settle(200)
        done(rig)


def test_protected_and_not_ready():
    model = usb_storage.Storage()
    model.read_only = True
    model.ready = [(6, 0x29, 0), (2, 4, 1), (2, 4, 1), (2, 4, 2)]
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    assert disk.read_only and disk.writeblocks(0, bytes(512)) == -30
    disk.read_only = False  # the device still knows
    assert disk.writeblocks(0, bytes(512)) == -30
    assert b"\x1b\0\0\0\1\0" in model.commands
    done(rig)


def test_sense():
    for sense, status in (
        ((1, 0x17, 0), 0),  # recovered, but the data did not come: once more
        ((3, 0x11, 0), -5),
        ((5, 0x20, 0), -95),
        ((5, 0x21, 0), -5),
        ((7, 0x27, 0), -30),
        ((2, 0x3A, 0), -19),
        ((11, 0, 0), 0),
        ((0, 0, 0), 0),
        ((4, 0x44, 0), 0),
    ):
        model = usb_storage.Storage()
        rig = rig_of(model)
        (disk,) = usbmsc.disks()
        model.sense = sense
        model.trouble[len(model.commands)] = "fail"
        assert disk.readblocks(0, bytearray(512)) == status, sense
        done(rig)


def test_spins_down_again_and_again():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    for _ in range(3):
        model.stopped = (2, 4, 2)
        assert disk.readblocks(0, bytearray(512)) == 0 and model.stopped is None
    model.stopped = (2, 4, 2)
    model.start = [(5, 0x20, 0)]  # refused, and then it never comes up
    assert disk.readblocks(0, bytearray(512)) == -19 and disk.gone
    done(rig)


def test_another_medium_is_told_when_it_is_started():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    model.stopped = (2, 4, 2)
    model.start = [(6, 0x28, 0)]
    assert disk.writeblocks(0, b"x" * 512) == -19 and disk.gone
    assert model.data == bytes(len(model.data))
    done(rig)


def test_deferred_errors():
    """Of a write that was said to be done: the flush tells it, once; the command is done again."""
    for sense, told in (((3, 0x0C, 0), -5), ((1, 0x0C, 1), 0)):
        model = usb_storage.Storage()
        rig = rig_of(model)
        (disk,) = usbmsc.disks()
        model.sense, model.deferred = sense, True
        model.trouble[len(model.commands)] = "fail"
        assert disk.writeblocks(0, b"x" * 512) == 0 and model.data[:512] == b"x" * 512
        assert len(rig.texts(4)) == 1 and "deferred" in rig.texts(4)[0]
        assert (disk.flush(), disk.flush()) == (told, 0)
        model.trouble[len(model.commands)] = "fail"
        before = len(model.commands)
        assert disk.writefua(0, b"y" * 512) == told
        assert model.commands[before + 2 :] == [model.commands[before], b"\x35" + bytes(9)]
        done(rig)


def test_errors_are_logged():
    model = usb_storage.Storage()
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    model.trouble[len(model.commands)] = "fail"
    assert disk.readblocks(7, bytearray(1024)) == -5
    for n in range(3):  # the command, then its reset and the next
        model.trouble[len(model.commands) + n] = "phase"
    assert disk.writeblocks(9, bytes(512)) == -5
    read, write = rig.texts(4)
    assert read == "usbmsc: ud0: read of 2 blocks at block 7: sense 3/11/00"
    assert write == "usbmsc: ud0: write of 1 blocks at block 9: 1-1: phase: transaction error"
    model.trouble[len(model.commands)] = "fail"
    assert disk.flush() == -5 and rig.texts(4)[2] == "usbmsc: ud0: flush: sense 3/11/00"
    done(rig)


def test_big_disks():
    model = usb_storage.Storage()
    model.answers[0x25] = b"\xff\xff\xff\xff\0\0\2\0"
    model.answers[0x9E] = b"\0\0\0\2\0\0\0\0\0\0\2\0" + bytes(20)
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    assert disk.blocks == (2 << 32) + 1
    assert disk.readblocks(7, bytearray(512)) == 0 and model.commands[-1][0] == 0x28
    assert disk.readblocks(1 << 32, bytearray(512)) == -5  # beyond what the model has
    assert model.commands[-2] == b"\x88\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0"
    done(rig)


def test_refused_by_name():
    for model, text in (
        (usb_storage.Storage(protocol=0x62), "UAS (USB Attached SCSI) is not supported"),
        (usb_storage.Storage(protocol=0), "CBI is not supported"),
        (usb_storage.Storage(protocol=0x77), "protocol 0x77 is not supported"),
    ):
        rig = rig_of(model)
        assert usbmsc.disks() == [] and text in rig.texts(6)[0], rig.texts()
        done(rig)
    model = usb_storage.Storage()
    model.kind = b"\x01\x80"  # a tape
    rig = rig_of(model)
    assert usbmsc.disks() == [] and "no disk" in rig.texts(6)[-1]
    done(rig)


def test_cd():
    model = usb_storage.Storage(100, 2048)
    model.kind = b"\x05\x80"
    rig = rig_of(model)
    (disk,) = usbmsc.disks()
    assert (disk.name, disk.block_size, disk.read_only) == ("uc0", 2048, True)
    assert disk.writeblocks(0, bytes(2048)) == -30
    done(rig)
