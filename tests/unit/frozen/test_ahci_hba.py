"""The AHCI driver and kinds of controllers: as Parallels hands its over, and others."""

from ahci_devices import Cd, Disk
from ahci_model import P_CLB, P_CMD, P_FB, P_IE, P_IS, P_SERR, P_TFD

from ahci_rig import Rig, pattern

AREA = "storage"


def running(model):
    """As UEFI on Parallels leaves it (reference §3.1): enabled, ports running, events pending."""
    model.ghc = 1 << 31 | 2
    for port in model.ports[:6]:
        r = port.regs
        r[P_CLB], r[P_FB], r[P_IE] = 0xBF000000, 0xBF000400, 0xFFFFFFFF
        if port.device:
            r[P_CMD], r[P_TFD] = 0x10000013, 0x50
            r[P_IS], r[P_SERR] = 1, 1 << 26 | 1 << 16


def test_taken_over_as_it_runs():
    for interrupts in (True, False):
        disk = Disk()
        rig = Rig({0: disk, 1: Cd(pattern(4096))}, interrupts, running)
        d, cd = rig.c.drives
        assert (d.port.number, cd.port.number, rig.model.resets) == (0, 1, 0)
        buf = bytearray(2048)
        assert d.writeblocks(9, pattern(2048)) == cd.readblocks(0, buf) == 0
        assert disk.data[9 * 512 : 13 * 512] == pattern(2048) and buf == pattern(4096)[:2048]
        assert rig.warned() == [] and rig.c.hba.missing == 0
        rig.sound()


def test_line_and_registers_are_quiet_when_a_command_has_ended():
    rig = Rig({0: Disk()}, prepare=running)
    for n in range(5):
        assert rig.c.disks[0].readblocks(n, bytearray(512)) == 0
        assert rig.model.status == 0 and rig.model.ports[0].regs[P_IS] == 0


def test_all_the_ports_there_can_be():
    cap = 0xCE247F05 | 31
    rig = Rig({n: Disk(64, serial="S%d" % n) for n in (0, 17, 31)}, cap=cap, ports=0xFFFFFFFF)
    assert [d.port.number for d in rig.c.disks] == [0, 17, 31]
    for d in rig.c.disks:
        assert d.writeblocks(0, pattern(512, d.port.number)) == 0
        assert d.info.serial == "S%d" % d.port.number
    rig.sound()


def test_a_port_that_is_not_implemented_is_left_alone():
    rig = Rig({0: Disk(), 3: Disk()}, ports=0x11)
    assert [d.port.number for d in rig.c.disks] == [0] and rig.c.ports == 0x11


def test_firmware_that_keeps_it():
    def owned(model):
        model.bohc, model.keeps = 1, True

    rig = Rig({0: Disk()}, prepare=owned)
    assert rig.warned() == ["ahci: model: firmware keeps it, taken all the same"]
    assert rig.c.disks[0].readblocks(0, bytearray(512)) == 0


def test_a_device_that_stays_busy_is_overridden_or_reset():
    for clo in (0, 1 << 24):
        rig = Rig({0: Disk()}, cap=0xCE247F05 | clo)
        d = rig.c.disks[0]
        rig.fault(0, "drq")
        assert d.readblocks(0, bytearray(512)) == 0
        port = rig.model.ports[0]
        # A reset of the link is followed by IDENTIFY, an override is not.
        assert port.overrides == (1 if clo else 0)
        assert port.commands[1:].count(0xEC) == (0 if clo else 1)
        rig.sound()


def test_forced_unit_access():
    model = Disk()
    rig = Rig({0: model})
    d = rig.c.disks[0]
    commands = rig.model.ports[0].commands
    assert d.writefua(5, pattern(512)) == 0 and commands[-1] == 0x3D
    slot = d.port.submit(3, 6, pattern(512, 2))
    assert d.flush() == 0 and d.port.result(slot) == 0
    assert commands[-2:] == [0x61, 0xEA]
    assert model.data[5 * 512 : 7 * 512] == pattern(512) + pattern(512, 2)
    model = Disk()
    model.fua = False
    rig = Rig({0: model})
    d = rig.c.disks[0]
    assert d.writefua(5, pattern(512)) == 0 and rig.model.ports[0].commands[-2:] == [0x35, 0xEA]


def test_what_is_not_supported_is_named():
    for bit, name in ((16, "fbs"), (17, "pm"), (26, "alp"), (7, "ccc"), (6, "ems")):
        rig = Rig({}, cap=0x40241F05 | 1 << bit)
        assert " %s" % name in str(rig.c), name
