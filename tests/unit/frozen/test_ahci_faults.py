"""The AHCI driver and what goes wrong: each fault at each command of a workload, hot unplug."""

from array import array

from ahci_devices import Cd, Disk

from ahci_rig import Rig, pattern

AREA = "storage"

BLOCKS = 512
GOING = ("unc", "abrt", "icrc", "ifs", "hbfs", "overflow", "hang", "lost", "no-is")


def workload(d):
    """Plain and queued commands, writes and a flush; results, and what was read."""
    results = [d.writeblocks(8 * n, pattern(4096, n)) for n in range(4)]
    buf = bytearray(4096)
    read = []
    for n in range(4):
        results.append(d.readblocks(8 * n, buf))
        read.append(bytes(buf))
    slots = [d.port.submit(1, 100 + n, pattern(512, n)) for n in range(6)]
    while d.port.active or d.port.held:
        d.port._some(d.port.active, True)
    results += [d.port.result(slot) if slot >= 0 else slot for slot in slots]
    out = bytearray(12 * 512)
    results.append(d.gather(array("Q", range(98, 110)), 1, out))
    read.append(bytes(out))
    results.append(d.flush())
    return results, read


def good():
    rig = Rig({0: Disk(BLOCKS)})
    first = rig.model.count
    results, read = workload(rig.c.disks[0])
    assert set(results) == {0}
    return rig.model.count - first, read, bytes(rig.model.ports[0].device.data)


def test_every_fault_at_every_command_is_mended():
    count, read, data = good()
    assert count > 25
    for interrupts in (True, False):
        for fault in GOING:
            for index in range(count):
                rig = Rig({0: Disk(BLOCKS)}, interrupts)
                rig.fault(index, fault)
                d = rig.c.disks[0]
                d.port.timeout_ms = 50
                where = fault, index, interrupts
                results, got = workload(d)
                assert set(results) == {0} and got == read, (where, results, rig.warned())
                assert rig.model.ports[0].device.data == data, where
                assert (rig.warned() == []) == (fault in ("lost", "no-is")), (where, rig.log)
                rig.sound()


def test_as_qemu_reports_errors():
    count, read, data = good()

    def qemu(model):
        model.qemu_errors = True

    for index in range(count):
        rig = Rig({0: Disk(BLOCKS)}, prepare=qemu)
        rig.fault(index, "abrt")
        results, got = workload(rig.c.disks[0])
        assert set(results) == {0} and got == read, (index, results, rig.warned())
        rig.sound()


def test_bad_blocks_reach_the_caller_and_the_log():
    model = Disk(BLOCKS)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    model.bad.add(33)
    assert d.readblocks(32, bytearray(2048)) == -5
    assert rig.warned() == [
        "ahci: sd0: read of 4 blocks at LBA 32: device UNC PxTFD 0x4051, again",
        "ahci: sd0: read of 4 blocks at LBA 32: device UNC PxTFD 0x4051",
    ]
    assert d.readblocks(34, bytearray(512)) == 0
    d.retries = 0
    del rig.log[:]
    assert d.readblocks(33, bytearray(512)) == -5 and len(rig.warned()) == 1
    rig.sound()


def test_one_bad_block_of_many_queued():
    model = Disk(BLOCKS)
    model.data[:] = pattern(BLOCKS * 512)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    model.bad.add(40)
    slots, bufs = [], []
    for n in range(32):
        bufs.append(bytearray(512))
        slots.append(d.port.submit(0, 30 + n, bufs[-1]))
    while d.port.active or d.port.held:
        d.port._some(d.port.active, True)
    results = [d.port.result(slot) for slot in slots]
    assert results == [-5 if n == 10 else 0 for n in range(32)]
    for n in range(32):
        assert n == 10 or bufs[n] == model.data[(30 + n) * 512 : (31 + n) * 512]
    assert ", log 10h: tag 10 error 0x40 LBA 40" in rig.warned()[0]
    rig.sound()


def test_the_error_log_cannot_be_read():
    """Reading it takes the hardware's slot 0, whose request has ended and waits for its owner."""
    rig = Rig({0: Disk(BLOCKS)})
    d = rig.c.disks[0]
    rig.fault(5, "abrt")
    rig.fault(6, "abrt")
    slots = [d.port.submit(0, 30 + n, bytearray(512)) for n in range(10)]
    while d.port.active:
        d.port._some(d.port.active, True)
    assert [d.port.result(slot) for slot in slots] == [0] * 10 and "log 10h" not in rig.warned()[0]
    rig.sound()


def test_ncq_is_given_up_after_three_errors():
    model = Disk(BLOCKS)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    model.bad.add(40)
    for n in range(3):
        assert d.port.depth == 32
        assert d.gather(array("Q", range(38, 44)), 1, bytearray(6 * 512)) == -5
    assert d.port.depth == 0
    assert d.gather(array("Q", range(10)), 1, bytearray(5120)) == 0
    assert rig.warned()[-1] != "" and any("not queued from here" in t for t in rig.warned())


def test_a_hang_that_only_a_link_reset_ends():
    for sticky in (False, True):
        rig = Rig({0: Disk(BLOCKS)})
        rig.model.sticky = sticky
        d = rig.c.disks[0]
        d.port.timeout_ms = 50
        rig.fault(0, "hang")
        assert d.readblocks(0, bytearray(512)) == 0
        assert "timed out, again" in rig.warned()[0]
        rig.sound()


def test_a_disk_that_always_hangs_is_given_up():
    rig = Rig({0: Disk(BLOCKS)})
    d = rig.c.disks[0]
    d.port.timeout_ms = 20
    for n in range(1000):
        rig.fault(n, "hang")
    results = [d.readblocks(0, bytearray(512)) for _ in range(5)]
    assert set(results) == {-5} and d.port.gone == 5
    assert any("given up" in text for text in rig.warned())


def test_unplugged_at_every_command():
    count = good()[0]
    for interrupts in (True, False):
        for index in range(count):
            rig = Rig({0: Disk(BLOCKS), 1: Disk(BLOCKS)}, interrupts)
            rig.fault(index, "unplug")
            d = rig.c.disks[0]
            d.port.timeout_ms = 50
            results, _ = workload(d)
            rig.softly()
            at = results.index(-19) if -19 in results else len(results)
            where = index, interrupts, results
            assert set(results[:at]) <= {0} and set(results[at:]) <= {-19}, where
            assert at < len(results) and d.readblocks(0, bytearray(512)) == -19, where
            assert [disk.name for disk in rig.c.disks] == ["sd1"], where
            assert "ahci: sd0: removed" in rig.warned(), where
            rig.sound()


def test_plugged_again_is_a_new_object():
    import dma

    for interrupts in (True, False):
        same = Disk(BLOCKS)
        rig = Rig({0: same}, interrupts)
        old = rig.c.disks[0]
        before = dma.stats()[0]
        for n in range(1, 5):
            rig.model.ports[0].unplug()
            rig.softly()
            if not interrupts:
                rig.c.rescan()
            assert rig.c.disks == [] and dma.stats()[0] == 0
            rig.model.ports[0].plug(same)
            rig.softly()
            if not interrupts:
                rig.c.rescan()
            (new,) = rig.c.disks
            assert new is not old and new.name == "sd%d" % n and dma.stats()[0] == before
            assert (
                new.readblocks(0, bytearray(512)) == 0 and old.readblocks(0, bytearray(512)) == -19
            )
            assert old.flush() == old.trim(0, 1) == -19 and old.port.poll() is False
            rig.sound()


def test_another_disk_in_its_place():
    rig = Rig({0: Disk(BLOCKS)})
    old = rig.c.disks[0]
    rig.model.ports[0].unplug()
    rig.model.ports[0].plug(Disk(BLOCKS, serial="S2"))
    assert old.writeblocks(0, bytes(512)) == -19
    rig.softly()
    rig.c.rescan()
    assert [d.info.serial for d in rig.c.disks] == ["S2"]
    assert rig.model.ports[0].device.log == []


def test_a_link_that_flickers():
    rig = Rig({0: Disk(BLOCKS)})
    d = rig.c.disks[0]
    rig.model.ports[0].unplug()
    rig.model.ports[0].plug(rig_disk := Disk(BLOCKS))
    rig.softly()
    assert d.readblocks(0, bytearray(512)) == 0 and rig.c.disks == [d]
    assert rig_disk.log == [("r", 0, 1)]


def test_plugged_into_an_empty_port():
    rig = Rig({})
    assert rig.c.disks == []
    rig.model.ports[4].plug(Disk(BLOCKS))
    rig.softly()
    assert [d.port.number for d in rig.c.disks] == [4]
    rig.model.ports[5].plug(Cd(bytes(2048)))
    rig.softly()
    assert [d.name for d in rig.c.drives] == ["sd0", "cd0"]


def test_what_recovery_raises_ends_requests():
    import ahcicmd

    rig = Rig({0: Disk(BLOCKS)})
    d = rig.c.disks[0]

    def broken(port):
        raise ValueError("bug")

    d.port.attend = broken
    rig.fault(0, "unc")
    assert d.readblocks(0, bytearray(512)) == -5
    assert len(ahcicmd.raised) == 1
    d.port.attend = d.attend
    assert d.readblocks(0, bytearray(512)) == 0
