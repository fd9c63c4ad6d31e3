"""The last steps of the AHCI driver's recovery: reset of the controller, Ctrl-C, giving up."""

import ahcicmd
import dma
from ahci_devices import Cd, Disk

from ahci_rig import Rig, pattern

AREA = "storage"


def test_a_reset_of_the_controller_is_the_last_resort():
    for interrupts in (True, False):
        for what in ("read", "flush"):
            first, second = Disk(512), Disk(512, serial="S2")
            rig = Rig({0: first, 2: second, 3: Cd(pattern(4096))}, interrupts)
            a, b = rig.c.disks
            a.port.timeout_ms = 50
            a.writeblocks(7, pattern(512))
            rig.fault(0, "wedge")
            rig.fault(3, "hang")  # the other disk has something under way
            slots = [b.port.submit(1, n, pattern(512, n)) for n in range(3)]
            buf = bytearray(512)
            assert (a.readblocks(7, buf) if what == "read" else a.flush()) == 0
            assert what == "flush" or buf == pattern(512)
            assert rig.model.resets == 1
            assert "recovery failed" not in "".join(rig.warned())
            assert "resetting the controller" in "".join(rig.warned())
            # The other drives lost nothing and go on, by their own interrupts.
            assert [b.port.result(slot) for slot in slots] == [0] * 3
            assert second.data[:1536] == b"".join([pattern(512, n) for n in range(3)])
            before = rig.c.hba.irqs
            assert b.readblocks(1, buf) == 0 and buf == pattern(512, 1)
            assert rig.c.hba.irqs > before or not interrupts
            assert rig.c.cdroms[0].readblocks(0, bytearray(2048)) == 0
            rig.sound()


def test_empty_ports_are_watched_after_it():
    rig = Rig({0: Disk(512)}, staggered=True)
    d = rig.c.disks[0]
    d.port.timeout_ms = 50
    rig.fault(0, "wedge")
    assert d.readblocks(0, bytearray(512)) == 0 and rig.model.resets == 1
    rig.model.ports[4].plug(Disk(512, serial="S2"))
    rig.softly()
    assert [d.port.number for d in rig.c.disks] == [0, 4]
    rig.sound()


def test_a_port_that_no_reset_brings_back():
    rig = Rig({0: Disk(512), 1: Disk(512, serial="S2")})
    a, b = rig.c.disks
    a.port.timeout_ms = 20
    rig.fault(0, "wedge")
    rig.model.incurable = True
    assert [a.readblocks(33, bytearray(1024)) for n in range(4)] == [-5] * 4
    assert a.port.gone == 5 and rig.model.resets == 1  # once, for the other ports' sake
    said = rig.warned()
    assert "ahci: sd0: read of 2 blocks at LBA 33: not done" in said
    assert said[-1] == "ahci: sd0: given up"
    assert b.readblocks(0, bytearray(512)) == 0


def _hangs(rig, how):
    """The first disk's engine works on and does not stop by itself."""
    port = rig.model.ports[0]
    port.stuck, port.wedged = True, how != "link"
    rig.model.incurable = how == "nothing"


def test_a_port_that_does_not_stop_gives_its_memory_back_late():
    for how in ("link", "controller"):
        for removed in (False, True):
            second = Disk(512, serial="S2")
            rig = Rig({0: Disk(512), 1: second})
            a, b = rig.c.disks
            slot = b.port.submit(1, 5, pattern(512))
            _hangs(rig, how)
            before = dma.stats()[0]
            if removed:
                rig.c._vacate_quietly(a)
                assert dma.stats()[0] == before - 2
                assert rig.model.resets == (how == "controller")
                assert b.port.result(slot) == 0 and second.data[2560:3072] == pattern(512)
                rig.sound()
            rig.c.deinit()
            assert dma.stats()[0] == 0 or not removed
            assert rig.model.resets == (how == "controller")
            assert not rig.model.ports[0].read(0x18) & 0xC011 and not rig.c.hba.ports


def test_memory_of_a_port_that_nothing_stops_stays_taken():
    rig = Rig({0: Disk(512), 1: Disk(512, serial="S2")})
    a, b = rig.c.disks
    _hangs(rig, "nothing")
    rig.c._vacate_quietly(a)
    assert rig.model.resets == 1 and "memory stays taken" in rig.warned()[-1]
    assert rig.c.hba.ports[0] is a.port
    assert b.readblocks(0, bytearray(512)) == 0
    # Nobody tries again, at the others' expense.
    assert rig.c.rescan() == [] and rig.c.disks == [b] and rig.model.resets == 1
    rig.c.deinit()
    assert dma.stats()[0] == 2 and list(rig.c.hba.ports) == [0] and not rig.c.hba.closed


def test_a_port_that_was_just_given_up_is_not_tried_again():
    rig = Rig({0: Disk(512), 1: Disk(512, serial="S2")})
    a, b = rig.c.disks
    _hangs(rig, "nothing")
    a.port.gone = 19
    assert rig.c.rescan() == [] and rig.c.disks == [b] and rig.model.resets == 1
    assert rig.warned()[-1].endswith("memory stays taken")
    assert len([text for text in rig.warned() if "memory stays taken" in text]) == 1


def test_ctrl_c_cancels_what_hangs():
    model = Disk(512)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    rig.fault(0, "hang")
    ahcicmd.ctrl_c = 1
    began = rig.clock.us
    assert d.readblocks(33, bytearray(1024)) == -4
    assert rig.clock.us - began < 3_000_000
    assert rig.warned() == ["ahci: sd0: read of 2 blocks at LBA 33: cancelled"]
    rig.sound()
    assert d.readblocks(33, bytearray(1024)) == 0


def test_ctrl_c_does_the_others_again():
    model = Disk(512)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    slots = [d.port.submit(1, n, pattern(512, n)) for n in range(4)]
    rig.fault(2, "hang")
    ahcicmd.ctrl_c = 1
    assert d.readblocks(33, bytearray(1024)) == -4
    assert [d.port.result(slot) for slot in slots] == [0] * 4
    assert model.data[:2048] == b"".join([pattern(512, n) for n in range(4)])
    rig.sound()


def test_ctrl_c_in_the_middle_of_recovery():
    """Python's KeyboardInterrupt, wherever it comes: the port is sound at the next request."""
    for at in range(0, 60, 3):
        rig = Rig({0: Disk(512)})
        d = rig.c.disks[0]
        d.port.timeout_ms = 50
        d.writeblocks(0, pattern(512))
        rig.fault(0, "hang")
        sleeps = rig.clock.sleep_us
        left = [at]

        def ticks():
            left[0] -= 1
            if left[0] == -1:
                raise KeyboardInterrupt
            return sleeps(100) or rig.clock.us

        d.link.clock.ticks_us = ticks
        try:
            r = d.flush()
        except KeyboardInterrupt:
            r = None
        assert r in (0, None), r
        assert bool(d.port.dirty) == (r is None) and not d.port.recovering, at
        assert d.flush() == 0 and d.port.dirty == 0
        rig.sound()


def test_a_flush_that_fails_for_good_says_so():
    rig = Rig({0: Disk(512)})
    d = rig.c.disks[0]
    d.writeblocks(0, bytes(512))
    for n in range(3):
        rig.fault(n, "abrt")
    assert d.flush() == -5 and d.port.dirty
    text = "ahci: sd0: flush: device ABRT PxTFD 0x451"
    assert [line for line in rig.log if "flush" in line[1]] == [
        (4, text + ", again"),
        (4, text + ", again"),
        (3, text),
    ]
    assert d.flush() == 0 and not d.port.dirty
