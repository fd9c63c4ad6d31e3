"""Views: what reaches the device, access by access."""

import mmio
from probe import Map, View
from raising import raises

XHC = Map(
    "xhc",
    "a device of these tests",
    """
    0x00 CMD RW RUN@0 RESET@1/RW1S MODE@7:4{0:off,3:fast}
    0x04 STS RW1C HALTED@0/RO ERROR@2 EVENT@3
    0x08 DATA RCW BYTE@7:0
    0x0c ISR:8 RC
    0x10 ERDP:64/2 RW EHB@3/RW1C
    0x18 CAPS:64 RO
    0x20 KICK WO QUEUE@15:0
    0x24 TAIL:16 RW KEY@15/WO
    0x40+0x10*8 PORTSC RW CCS@0/RO PED@1/RW1C PR@4/RW1S PLS@8:5{0:U0,3:U3} PP@9 CSC@17/RW1C
    """,
)


class Device:
    """Registers that remember each access as (write, offset, bits, value)."""

    def __init__(self):
        self.words = {}
        self.seen = []

    def read(self, off, bits):
        value = self.words.get(off, 0)
        self.seen.append((False, off, bits, value))
        return value

    def write(self, off, bits, value):
        self.seen.append((True, off, bits, value))
        self.words[off] = value

    def take(self):
        seen, self.seen = self.seen, []
        return seen


def made(size=0x100):
    device = Device()
    return device, View(XHC, mmio.Regs(0x1000, size, 32, "xhc0", model=device))


def test_a_name_alone_reads_nothing():
    device, v = made()
    kept = (v.CMD, v.PORTSC, v.PORTSC[1], len(v.PORTSC), v.DATA)
    repr(v)
    assert kept and device.take() == []


def test_reading():
    device, v = made()
    device.words[0x50] = 0x62
    assert v.PORTSC[1].PED == 1
    assert device.take() == [(False, 0x50, 32, 0x62)]
    assert int(v.PORTSC[1]) == 0x62 and v.PORTSC[1]() == 0x62
    assert v.PORTSC[1].PLS == 3
    assert v.PORTSC[1] & 0x40 == 0x40 and v.PORTSC[1] | 1 == 0x63 and v.PORTSC[1] >> 4 == 6
    assert v.PORTSC[1] == 0x62 and v.PORTSC[1] and not v.PORTSC[2]
    assert hex(int(v.PORTSC[-7])) == "0x62"


def test_widths():
    device, v = made()
    device.words[0x18] = 0x8000000000000001
    assert int(v.CAPS) == 0x8000000000000001
    int(v.ISR), int(v.TAIL)
    assert [seen[1:3] for seen in device.take()] == [(0x18, 64), (0x0C, 8), (0x24, 16)]


def test_halves():
    device, v = made()
    device.words[0x10], device.words[0x14] = 0x89ABCDE8, 0x01234567
    assert int(v.ERDP) == 0x0123456789ABCDE8
    v.ERDP(0xFEDCBA9876543210)
    assert [seen[1:] for seen in device.take()] == [
        (0x10, 32, 0x89ABCDE8),
        (0x14, 32, 0x01234567),
        (0x10, 32, 0x76543210),
        (0x14, 32, 0xFEDCBA98),
    ]
    device.words[0x10], device.words[0x14] = 0x1008, 0x20
    v.ERDP.EHB = 1
    assert device.take()[2:] == [(True, 0x10, 32, 0x1008), (True, 0x14, 32, 0x20)]


def test_writing_a_whole_register():
    device, v = made()
    v.CMD = 0x31
    v.PORTSC[2] = 0x200
    v.CMD(1)
    assert device.take() == [
        (True, 0, 32, 0x31),
        (True, 0x60, 32, 0x200),
        (True, 0, 32, 1),
    ]
    device.words[0] = 7
    v.PORTSC[2] = v.CMD
    assert device.take() == [(False, 0, 32, 7), (True, 0x60, 32, 7)]


def test_a_field_leaves_its_neighbours_alone():
    device, v = made()
    device.words[0x40] = 0x20273  # CSC, PP, PLS=U3, PR, PED, CCS
    v.PORTSC[0].PLS = "U0"
    assert device.take() == [(False, 0x40, 32, 0x20273), (True, 0x40, 32, 0x201)]
    device.words[0x40] = 0x20273
    v.PORTSC[0].CSC = 1
    assert device.take()[1] == (True, 0x40, 32, 0x20261)
    device.words[0x40] = 0x20263
    v.PORTSC[0].PR = 1
    assert device.take()[1] == (True, 0x40, 32, 0x271)
    device.words[0] = 0xFFFFFFFF  # bits of no field are those of the register's class
    v.CMD.RUN = 0
    assert device.take()[1] == (True, 0, 32, 0xFFFFFFFC)


def test_a_register_of_ones_that_clear_is_not_read():
    device, v = made()
    device.words[4] = 0xC
    v.STS.EVENT = 1
    assert device.take()[-1] == (True, 4, 32, 8)
    v.KICK.QUEUE = 5
    v.DATA.BYTE = 0x41
    assert device.take() == [(True, 0x20, 32, 5), (True, 8, 32, 0x41)]


def test_or_and_and():
    """By their methods: the unix port leaves them out of |= and &= (the firmware does not)."""
    device, v = made()
    device.words[0x50] = 0x20263
    v.PORTSC[1] = v.PORTSC[1].__ior__(1 << 4)
    assert device.take() == [(False, 0x50, 32, 0x20263), (True, 0x50, 32, 0x271)]
    device.words[0] = 0x31
    v.CMD = v.CMD.__ior__(0x40)
    assert device.take() == [(False, 0, 32, 0x31), (True, 0, 32, 0x71)]
    v.CMD = v.CMD.__iand__(~1)
    assert device.take() == [(False, 0, 32, 0x71), (True, 0, 32, 0x70)]
    p = v.PORTSC[1]
    p = p.__ior__(0x200)
    device.take()
    assert int(p) == device.words[0x50] and len(device.take()) == 1
    other = View(XHC, mmio.Regs(0x1000, 0x100, 32, "xhc1", model=device))
    other.PORTSC[1] = p  # another device's: read and written
    assert [seen[0] for seen in device.take()] == [False, True]


def test_what_is_refused():
    device, v = made()
    assert "CAPS is read-only" in raises(AttributeError, setattr, v, "CAPS", 1)
    assert "STS HALTED is read-only" in raises(AttributeError, setattr, v.STS, "HALTED", 1)
    assert "ISR is read-only" in raises(AttributeError, v.ISR, 1)
    assert "KICK is write only" in raises(AttributeError, int, v.KICK)
    assert "KICK QUEUE is write only" in raises(AttributeError, getattr, v.KICK, "QUEUE")
    assert "KEY is write only" in raises(AttributeError, getattr, v.TAIL, "KEY")
    assert "PORTSC is an array" in raises(AttributeError, setattr, v, "PORTSC", 1)
    assert raises(ValueError, setattr, v.CMD, "MODE", 16)
    assert raises(ValueError, setattr, v.CMD, "MODE", "slow")
    assert raises(ValueError, setattr, v, "CMD", 1 << 32)
    assert raises(ValueError, setattr, v, "CMD", -1)
    assert raises(ValueError, setattr, v, "TAIL", 1 << 16)
    assert device.take() == []


def test_unknown_names_list_what_there_is():
    device, v = made()
    said = raises(AttributeError, getattr, v, "COMMAND")
    assert said == "xhc has no COMMAND: CMD STS DATA ISR ERDP CAPS KICK TAIL PORTSC"
    said = raises(AttributeError, getattr, v.PORTSC[3], "PLC")
    assert said == "PORTSC[3] has no field PLC: CCS PED PR PLS PP CSC"
    assert raises(AttributeError, setattr, v.PORTSC[3], "PLC", 1) == said
    assert "it has none" in raises(AttributeError, getattr, v.CAPS, "AC64")
    assert device.take() == []


def test_arrays():
    device, v = made()
    assert len(v.PORTSC) == 8 and len(list(v.PORTSC)) == 8
    for index in (8, -9, 1000):
        assert raises(IndexError, lambda: v.PORTSC[index]), index
    assert raises(IndexError, v.PORTSC.__setitem__, 8, 0)
    assert [h._offset for h in v.PORTSC[2:4]] == [0x60, 0x70]
    assert device.take() == []


def test_the_window_bounds_the_map():
    device, v = made(0x68)
    assert len(v.PORTSC) == 3
    assert "outside of the window" in raises(AttributeError, getattr, made(0x40)[1], "PORTSC")
    assert "PORTSC" not in str(made(0x40)[1])


def test_a_dump_reads_only_what_it_may():
    device, v = made()
    device.words[0x40] = 0x62
    text = str(v)
    assert [seen[:3] for seen in device.take()] == (
        [(False, 0, 32), (False, 4, 32), (False, 0x10, 32), (False, 0x14, 32), (False, 0x18, 64)]
        + [(False, 0x24, 16)]
        + [(False, 0x40 + 16 * i, 32) for i in range(8)]
    )
    lines = text.split("\n")
    assert lines[0] == "  00000 CMD                    00000000  MODE=off"
    assert lines[2] == "  00008 DATA                   not read (reading has effects)"
    assert lines[3] == "  0000c ISR                    not read (reading has effects)"
    assert lines[6] == "  00020 KICK                   not read (write only)"
    assert lines[8] == "  00040 PORTSC[0]              00000062  PED PLS=U3"
    assert lines[9] == "  00050 PORTSC[1..7]           00000000  PLS=U0" and len(lines) == 10
    assert repr(v.PORTSC) == "\n".join(lines[8:])
    assert [item[1] for item in v.items()][-1] == "PORTSC[7]"


def test_one_register_printed():
    device, v = made()
    device.words[0x50] = 0x62
    assert repr(v.PORTSC[1]) == "PORTSC[1]=0x00000062 PED PLS=U3"
    device.take()
    assert repr(v.DATA) == "DATA not read (reading has effects)"
    assert repr(v.KICK) == "KICK not read (write only)"
    assert device.take() == []
    assert int(v.DATA) == 0 and len(device.take()) == 1


def test_dead_registers_are_told():
    v = View(XHC, mmio.Regs(0x77000, 0x80, 32, "gone"))
    assert str(v).count("unreadable") == 6
    assert raises(OSError, int, v.CMD)
