"""The AHCI driver on a model of the controller: finding out, reading, writing."""

from array import array

from ahci_devices import Cd, Disk

from ahci_rig import Rig, pattern

AREA = "storage"


# Early by its name: it wants half of a heap that is still in one piece.
def test_65536_blocks_are_the_most_of_a_command():
    class Nothing(Disk):
        def _transfer(self, what, lba, count):
            self.log.append((what, lba, count))
            return 0x50, 0, b"", 0

    model = Nothing(1)
    model.blocks = 70000
    rig = Rig({0: model})
    d = rig.c.disks[0]
    del model.log[:]
    assert d.readblocks(1, bytearray(69000 * 512)) == 0
    assert model.log == [("r", 1, 65536), ("r", 65537, 69000 - 65536)]


def test_what_parallels_has():
    rig = Rig({0: Disk(), 1: Cd(bytes(8192))})
    assert [d.name for d in rig.c.drives] == ["sd0", "cd0"]
    assert rig.c.disks[0].blocks == 4096 and rig.c.disks[0].port.depth == 32
    assert "ports 0x3f, 32 slots, part slum only led alp stag ncq 64bit, INTID 34" in str(rig.c)
    assert rig.model.resets == 0 and rig.warned() == []
    # A command list, a bounce buffer and FIS memory for each drive; nothing for empty ports.
    import dma

    assert dma.stats()[0] == 4
    rig.sound()


def test_read_write_flush():
    for interrupts in (True, False):
        model = Disk()
        rig = Rig({2: model}, interrupts)
        d = rig.c.disks[0]
        data = pattern(8192)
        assert d.writeblocks(7, data) == 0 and model.data[7 * 512 : 7 * 512 + 8192] == data
        buf = bytearray(8192)
        assert d.readblocks(7, buf) == 0 and buf == data
        del model.log[:]
        assert d.ioctl(3, 0) == 0 and model.log == [("f", 0, 0)]
        assert d.ioctl(3, 0) == 0 and len(model.log) == 1  # nothing was written since
        rig.sound()


def test_parts_of_blocks():
    model = Disk(64)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    model.data[:] = pattern(64 * 512)
    mirror = bytearray(model.data)
    for block, off, n in ((0, 0, 1), (3, 5, 100), (7, 511, 2), (10, 0, 1024), (20, 700, 3000)):
        at = block * 512 + off
        buf = bytearray(n)
        assert d.readblocks(block, buf, off) == 0 and buf == mirror[at : at + n]
        data = pattern(n, at)
        assert d.writeblocks(block, data, off) == 0
        mirror[at : at + n] = data
    assert model.data == mirror
    for call in (
        (64, bytearray(1), 0),
        (-1, bytearray(1), 0),
        (63, bytearray(512), 1),
        (0, b"", -1),
    ):
        assert d.readblocks(*call) == -22
    rig.sound()


def test_28_bit_disk():
    model = Disk(300, depth=0, lba48=False)
    rig = Rig({0: model})
    d = rig.c.disks[0]
    del model.log[:]
    assert d.readblocks(3, bytearray(290 * 512)) == 0
    assert model.log == [("r", 3, 256), ("r", 259, 34)]
    assert d.port.depth == 0 and not d.info.fua and d.info.flush == 0xE7
    assert d.writefua(0, bytes(512)) == 0 and model.log[-2:] == [("w", 0, 1), ("f", 0, 0)]


def test_sector_sizes():
    for size, physical in ((512, 512), (512, 4096), (4096, 4096)):
        model = Disk(128, size, physical)
        rig = Rig({0: model})
        d = rig.c.disks[0]
        assert (d.block_size, d.info.physical_size, d.blocks) == (size, physical, 128)
        assert d.ioctl(4, 0) == 128 and d.ioctl(5, 0) == size
        data = pattern(2 * size)
        assert d.writeblocks(126, data) == 0 and model.data[126 * size :] == data
        assert d.writeblocks(127, data) == -22


def test_queued_reads():
    model = Disk()
    rig = Rig({0: model})
    d = rig.c.disks[0]
    model.data[:] = pattern(len(model.data))
    lbas = array("Q", [(n * 37) % 4000 for n in range(100)])
    buf = bytearray(100 * 1024)
    before = d.port.requests
    assert d.gather(lbas, 2, buf) == 0
    assert d.port.requests - before == 100
    for n in range(100):
        at = lbas[n] * 512
        assert buf[n * 1024 : (n + 1) * 1024] == model.data[at : at + 1024]
    rig.sound()


def test_many_buffers_in_few_commands():
    model = Disk()
    rig = Rig({0: model})
    d = rig.c.disks[0]
    bufs = [pattern(512 * (1 + n % 3), n) for n in range(60)]
    before = d.port.requests
    assert d.writev(9, bufs) == 0 and d.port.requests - before == 3
    data = b"".join(bufs)
    assert model.data[9 * 512 : 9 * 512 + len(data)] == data
    assert d.writev(0, []) == 0 and d.port.dirty
    assert d.writev(4095, [bytes(512), bytes(512)]) == d.writev(0, [bytes(512), b""]) == -22
    assert d.writev(0, (bytes(512), bytes(100))) == -22 and model.data[:512] == bytes(512)
    d.read_only = True
    assert d.writev(0, [bytes(512)]) == -30
    rig.sound()


def test_a_failing_write_of_many_buffers_is_done_again_whole():
    for fault in ("unc", "ifs", "hang"):
        model = Disk()
        rig = Rig({0: model})
        d = rig.c.disks[0]
        d.port.timeout_ms = 50
        rig.fault(0, fault)
        assert d.writev(3, [pattern(512, n) for n in range(20)]) == 0
        assert model.data[3 * 512 : 23 * 512] == b"".join([pattern(512, n) for n in range(20)])
        rig.sound()


def test_as_many_slots_as_the_controller_has():
    """CAP.NCS; slots whose requests have ended still belong to their owners."""
    for slots in (1, 4):
        for depth in (0, 32):
            cap = 0xCE247F05 & ~(31 << 8) | slots - 1 << 8
            rig = Rig({0: Disk(depth=depth)}, cap=cap)
            d = rig.c.disks[0]
            mine = []
            for n in range(slots):
                mine.append(d.port.submit(1, n, pattern(512, n)))
                while d.port.active:
                    d.port._some(d.port.active, True)
            assert d.port.submit(1, 0, bytes(512)) == -11 == d.readblocks(0, bytearray(512))
            assert [d.port.result(slot) for slot in mine] == [0] * slots
            buf = bytearray(slots * 512)
            assert d.readblocks(0, buf) == 0
            assert buf == b"".join([pattern(512, n) for n in range(slots)])
            rig.sound()


def test_who_waits_is_woken():
    rig = Rig({0: Disk()})
    d = rig.c.disks[0]
    slots = [d.port.submit(0, n, bytearray(512)) for n in range(4)]
    tasks = ["a", None, False, "d"] + [None] * 28
    woken = []
    while d.port.active:
        d.port.wake(tasks, woken.append)
        d.port._some(d.port.active, False)
    d.port.wake(tasks, woken.append)
    assert woken == ["a", "d"] and tasks[:4] == [None, None, False, None]
    assert d.port.awaited == 0 and d.port.taken == 0b1101  # nobody asks for the second
    assert [d.port.result(slots[n]) for n in (0, 2, 3)] == [0] * 3
    rig.sound()


def test_a_plain_command_waits_for_queued_ones():
    model = Disk()
    rig = Rig({0: model})
    d = rig.c.disks[0]
    del model.log[:]
    slots = [d.port.submit(1, n, bytes([n]) * 512) for n in range(5)]
    assert d.port.queued == 31
    assert d.flush() == 0
    assert [d.port.result(slot) for slot in slots] == [0] * 5
    assert model.log[-1] == ("f", 0, 0) and len(model.log) == 6
    rig.sound()


def test_trim():
    model = Disk()
    rig = Rig({0: model})
    d = rig.c.disks[0]
    d.writeblocks(0, pattern(4096))
    assert d.trim(2, 3) == 0 and model.log[-1] == ("t", 2, 3)
    assert model.data[1024:2560] == bytes(1536) and model.data[2560:4096] == pattern(4096)[2560:]
    assert d.ioctl(6, 0) == 0 and model.data[:512] == bytes(512)
    assert d.trim(4095, 2) == -22
    d.read_only = True
    assert d.trim(0, 1) == -30 and d.writeblocks(0, bytes(512)) == -30


def test_lost_interrupts_and_hidden_ones():
    rig = Rig({0: Disk()})
    d = rig.c.disks[0]
    for n in range(20):
        rig.fault(0, "lost" if n % 2 else "no-is")
        assert d.readblocks(n, bytearray(512)) == 0
    assert d.port.lost == 10 and rig.c.hba.missing == 10 and rig.warned() == []
    rig.sound()


def test_a_line_that_is_found_by_trying():
    import ahci_rig

    ahci_rig.Place.found = True
    try:
        rig = Rig({0: Disk()}, interrupts=False)
    finally:
        ahci_rig.Place.found = False
    assert rig.c.hba.irq and rig.c.line.intid == 34
    assert rig.c.disks[0].readblocks(0, bytearray(512)) == 0 and rig.c.hba.irqs == 1
    rig.sound()


def test_slow_spin_up_and_staggered():
    def slow(model):
        model.spin_up_us = 5_000_000
        model.staggered = True
        for port in model.ports:
            port.reset()

    rig = Rig({0: Disk(), 3: Disk()}, prepare=slow)
    assert [d.port.number for d in rig.c.disks] == [0, 3] and rig.clock.us > 10_000_000


def test_a_device_that_never_gets_ready():
    def never(model):
        model.spin_up_us = 1 << 60
        for port in model.ports:
            port.reset()

    rig = Rig({0: Disk()}, prepare=never)
    assert rig.c.disks == [] and "PxTFD stays 0x80" in rig.warned()[0]


def test_other_signatures_are_named():
    multiplier = Disk()
    multiplier.signature = 0x96690101
    rig = Rig({0: multiplier, 1: Disk()})
    assert len(rig.c.disks) == 1
    assert rig.warned() == ["ahci: model port 0: port multiplier: not supported"]


def test_reset_and_hand_off():
    def owned(model):
        model.bohc = 1

    rig = Rig({0: Disk()}, prepare=owned, reset=True)
    assert rig.model.resets == 1 and rig.model.bohc == 2 and len(rig.c.disks) == 1


def test_ports_without_a_map():
    rig = Rig({5: Disk()}, ports=0)
    assert rig.c.ports == 0x3F and len(rig.c.disks) == 1


def test_deinit_gives_everything_back():
    import dma

    rig = Rig({0: Disk(), 1: Cd(bytes(2048))})
    d, cd = rig.c.drives
    d.writeblocks(0, bytes(512))
    rig.c.deinit()
    assert dma.stats()[0] == 0 and rig.model.line is None
    assert d.readblocks(0, bytearray(512)) == d.flush() == d.ioctl(1, 0) == -19
    assert cd.readblocks(0, bytearray(2048)) == cd.ioctl(1, 0) == -19
    assert not rig.model.ports[0].regs[0x18] & 0x11


def test_bad_identify_is_refused():
    class Liar(Disk):
        def identify(self):
            return bytes(510) + b"\xa5\x01"

    rig = Rig({0: Liar(), 1: Disk()})
    assert [d.name for d in rig.c.disks] == ["sd1"] and "bad checksum" in rig.warned()[0]
