"""Finding functions, numbering buses, reading and assigning BARs, on modelled hardware."""

import lspci
import mmio
import pci
import pci_caps
import pci_host
from pcisim import BASE, Device, Ecam
from raising import raised

WINDOWS = (
    ("mem", 0x10000000, 0x3EFEFFFF, 0, 32, False),
    ("io", 0, 0xFFFF, 0x3EFF0000, 32, False),
    ("mem", 0x8000000000, 0xFFFFFFFFFF, 0, 64, False),
)
MEM, MEM64, PREF64, IO = 0, 4, 12, 1


def machine(buses=16, windows=WINDOWS, ram=()):
    mmio.detach_all()
    ecam = Ecam(buses)
    return ecam, pci.Bus([pci_host.Host(BASE, 0, buses - 1, windows=windows, ram=ram)])


def bridge(numbers=0):
    device = Device(0x1B36, 0x000C, 0x060400, header=1)
    device.put(0x18, numbers, 0xFFFFFF)
    return device


def by_bdf(bus):
    return {f.bdf: f for f in bus.functions}


def test_functions_are_found_in_order():
    ecam, bus = machine()
    ecam.add(31, 0, Device(1, 2, 0x020000))
    ecam.add(2, 0, Device(3, 4, 0x020000, header=0x80))
    ecam.add(2, 5, Device(5, 6, 0x010601))
    ecam.add(3, 0, Device(7, 8, 0xFF0000))
    ecam.add(3, 4, Device(9, 9, 0xFF0000))  # function 0 says it is alone
    bus.scan()
    assert [f.bdf for f in bus.functions] == ["00:02.0", "00:02.5", "00:03.0", "00:1f.0"]
    assert by_bdf(bus)["00:02.5"].class_ == 0x010601
    assert not bus.problems


def test_nothing_there_is_an_empty_list():
    _, bus = machine()
    assert bus.scan() == [] and bus.problems == []


def test_bus_range_is_respected():
    # One bus, as on Parallels: what lies behind the window raises BusError in the model, too.
    ecam, bus = machine(buses=1)
    ecam.add(1, 0, bridge())
    ecam.add(31, 7, Device(1, 1, 0))
    bus.scan()
    assert [f.bdf for f in bus.functions] == ["00:01.0"]
    assert bus.problems == ["00:01.0: no bus number is left for it"]
    raised(ValueError, bus.hosts[0].cfg, 1, 0, 0)


def test_mcfg_past_the_end():
    # The table says 256 buses; two answer, the rest raises BusError.
    mmio.detach_all()
    ecam = Ecam(2)
    a = ecam.add(1, 0, bridge())
    ecam.add(2, 0, bridge())
    ecam.add(0, 0, Device(1, 1, 0x020000), behind=a)
    bus = pci.Bus([pci_host.Host(BASE, 0, 255, windows=WINDOWS)])
    bus.scan()
    assert [f.bdf for f in bus.functions] == ["00:01.0", "00:02.0", "01:00.0"]
    assert bus.problems == ["bus 02: its configuration space does not answer"]


def test_buses_are_numbered_depth_first():
    ecam, bus = machine()
    a, b, c, d = (bridge() for _ in range(4))
    ecam.add(1, 0, a)
    ecam.add(2, 0, b)
    ecam.add(0, 0, c, behind=a)
    ecam.add(1, 0, d, behind=a)
    ecam.add(0, 0, Device(1, 1, 0x020000), behind=d)
    ecam.add(0, 0, Device(1, 2, 0x020000), behind=b)
    bus.scan()
    assert [x.get(0x18) for x in (a, b, c, d)] == [0x030100, 0x040400, 0x020201, 0x030301]
    assert "03:00.0" in by_bdf(bus) and "04:00.0" in by_bdf(bus)
    assert by_bdf(bus)["03:00.0"].parent.bdf == "01:01.0"


def test_firmwares_numbers_stay():
    ecam, bus = machine()
    a = ecam.add(1, 0, bridge(0x070500))
    ecam.add(0, 0, bridge(0x070605), behind=a)
    fresh = ecam.add(2, 0, bridge())
    bus.scan()
    assert a.get(0x18) == 0x070500 and fresh.get(0x18) == 0x080800
    assert [f.bdf for f in bus.functions] == ["00:01.0", "00:02.0", "05:00.0"]
    assert not bus.problems


def test_bad_bus_numbers_are_replaced():
    for numbers in (0x000100, 0x010101, 0xFF0100, 0x010005, 0x000000 | 0x0102 << 8):
        ecam, bus = machine()
        a = ecam.add(1, 0, bridge(numbers))
        ecam.add(0, 0, Device(1, 1, 0), behind=a)
        bus.scan()
        assert a.get(0x18) == 0x010100, hex(numbers)
        assert [f.bdf for f in bus.functions] == ["00:01.0", "01:00.0"]
        assert len(bus.problems) == 1


def test_siblings_with_the_same_numbers_part():
    ecam, bus = machine()
    a = ecam.add(1, 0, bridge(0x030100))
    b = ecam.add(2, 0, bridge(0x020200))
    ecam.add(0, 0, Device(1, 1, 0), behind=a)
    ecam.add(0, 0, Device(1, 2, 0), behind=b)
    bus.scan()
    assert a.get(0x18) == 0x030100 and b.get(0x18) == 0x040400
    assert "04:00.0" in by_bdf(bus)


def test_bars_are_sized_and_put_back():
    ecam, bus = machine()
    kinds = [(0x1000, MEM), (0x40, IO), (1 << 33, PREF64), None, (0x4000, MEM64)]
    device = ecam.add(1, 0, Device(1, 1, 0x020000, bars=kinds[:3] + kinds[4:], rom=0x10000))
    device.put(0x10, 0x12345000, 0xFFFFF000)
    device.put(0x04, 0x0007, 0x0547)
    bus.scan()
    assert device.get(0x10) == 0x12345000 and device.get(0x04, 2) == 7
    f = bus.functions[0]
    assert [(b.index, b.kind, b.size, b.bits, b.prefetchable) for b in f.bars] == [
        (0, "mem", 0x1000, 32, False),
        (1, "io", 0x40, 32, False),
        (2, "mem", 1 << 33, 64, True),
        (4, "mem", 0x4000, 64, False),
        (6, "rom", 0x10000, 32, False),
    ]
    # While a register held all ones, nothing was decoded.
    decoding = 7
    for off, _, value in device.log:
        if off == 4:
            decoding = value
        elif off == 0x10 and value == 0xFFFFFFFF:
            assert decoding & 3 == 0


def test_usb_with_an_address_is_not_touched():
    for command, address in ((0, 0x18011000), (2, 0x18011000), (4, 0)):
        ecam, bus = machine()
        xhci = Device(0x1033, 0x0194, 0x0C0330, bars=[(0x1000, MEM)])
        xhci.put(0x10, address, 0xFFFFF000)
        xhci.put(0x2C, 0x04001AB8)
        xhci.put(0x04, command, 0x0547)
        ecam.add(3, 0, xhci)
        bus.scan()
        assert xhci.log == [], (command, address)
        if address:
            bar = bus.functions[0].bars[0]
            assert (bar.address, bar.size, bar.assumed) == (address, 0x1000, True)


def test_an_assumed_bar_has_no_half_beyond_the_last():
    ecam, bus = machine()
    device = ecam.add(1, 0, Device(0x9999, 1, 0x0C0330))
    device.put(0x24, 0x10010004)
    device.put(0x28, 0x1234)  # CardBus CIS pointer
    (bar,) = bus.scan()[0].bars
    assert (bar.index, bar.bits, bar.address) == (5, 32, 0x10010000)


def test_usb_without_an_address_is_sized():
    ecam, bus = machine()
    ecam.add(3, 0, Device(0x1B36, 0x000D, 0x0C0330, bars=[(0x4000, MEM64)]))
    bar = bus.scan()[0].bars[0]
    assert bar.size == 0x4000 and bar.address and not bar.assumed


def test_everything_gets_an_address_in_its_window():
    ecam, bus = machine()
    kinds = [(0x100000, MEM), (0x20, IO), (0x4000, PREF64)]
    for dev in range(1, 6):
        ecam.add(dev, 0, Device(1, dev, 0x020000, bars=kinds, rom=0x800))
    a = ecam.add(6, 0, bridge())
    b = ecam.add(0, 0, bridge(), behind=a)
    ecam.add(0, 0, Device(2, 1, 0xFF0000, bars=kinds), behind=b)
    ecam.add(1, 0, Device(2, 2, 0xFF0000, bars=kinds), behind=b)
    empty = ecam.add(7, 0, bridge())
    bus.scan()
    assert not bus.problems
    taken = []
    for f in bus.functions:
        for bar in f.bars:
            assert bar.address and bar.address % bar.size == 0
            assert bar.kind != "mem" or (bar.address > 1 << 32) == bar.prefetchable
            taken.append((bar.kind == "io", bar.address, bar.address + bar.size))
    taken.sort()
    for one, two in zip(taken, taken[1:]):
        assert one[0] != two[0] or one[2] <= two[1]
    # Closed windows: base above limit, not zero to zero, which would be the first megabyte.
    for off in (0x20, 0x24):
        assert empty.get(off, 2) & 0xFFF0 > empty.get(off + 2, 2) & 0xFFF0
    assert empty.get(0x1C, 1) & 0xF0 > empty.get(0x1D, 1) & 0xF0
    f = by_bdf(bus)["08:00.0"] if "08:00.0" in by_bdf(bus) else by_bdf(bus)["02:00.0"]
    f.enable()
    assert a.get(4, 2) & 6 == 6 and b.get(4, 2) & 6 == 6
    assert f.bar(0).size == 0x100000 and f.bar(1).base >= 0x3EFF1000


def test_no_room_is_said_and_refused():
    ecam, bus = machine(windows=(("mem", 0x10000000, 0x100FFFFF, 0, 32, False),))
    ecam.add(1, 0, Device(1, 1, 0, bars=[(0x200000, MEM)]))
    ecam.add(2, 0, Device(1, 2, 0, bars=[(0x100000, MEM)]))
    one, two = bus.scan()
    assert bus.problems == ["00:01.0: no room for 0x200000 bytes of mem"]
    assert two.bar(0).base == 0x10000000
    assert raised(OSError, one.bar, 0).errno == 6
    raised(ValueError, one.bar, 1)


def test_without_windows_nothing_is_assigned():
    ecam, bus = machine(windows=())
    kept = ecam.add(1, 0, Device(1, 1, 0, bars=[(0x1000, MEM)]))
    kept.put(0x10, 0x12345000, 0xFFFFF000)
    ecam.add(2, 0, Device(1, 2, 0, bars=[(0x1000, MEM)]))
    one, two = bus.scan()
    assert one.bar(0).base == 0x12345000
    raised(OSError, two.bar, 0)


def test_overlaps_are_refused():
    ecam, bus = machine()
    for dev, address in ((1, 0x10000000), (2, 0x10001000), (3, 0x20000000)):
        device = ecam.add(dev, 0, Device(1, dev, 0, bars=[(0x10000 >> dev, MEM)]))
        device.put(0x10, address, -(0x10000 >> dev) & 0xFFFFFFFF)
    one, two, three = bus.scan()
    assert raised(OSError, one.bar, 0).errno == 16
    assert raised(OSError, two.bar, 0).errno == 16
    assert three.bar(0).base == 0x20000000
    assert bus.problems == [
        "00:01.0 BAR 0 overlaps 00:02.0 BAR 0",
        "00:02.0 BAR 0 overlaps 00:01.0 BAR 0",
    ]


def test_an_overlap_ends_with_its_neighbour():
    ecam, bus = machine()
    for dev in (1, 2):
        device = ecam.add(dev, 0, Device(1, dev, 0, bars=[(0x1000, MEM), (0x1000, 6)]))
        device.put(0x10, 0x10000000, 0xFFFFF000)
    known = bus.scan()
    assert len(bus.problems) == 4 and raised(OSError, known[0].bar, 0)
    del ecam.devices[None, 2, 0]
    (left,) = bus.scan(known)
    assert left is known[0] and left.bar(0).base == 0x10000000
    assert bus.problems == ["00:01.0 BAR 1 reserved type"]


def test_a_rom_that_is_off_takes_nothing():
    ecam, bus = machine()
    device = ecam.add(1, 0, Device(1, 1, 0, bars=[(0x1000, MEM)], rom=0x10000))
    device.put(0x10, 0x10001000, 0xFFFFF000)
    device.put(0x30, 0x10000000, 0xFFFF0001)
    other = ecam.add(2, 0, Device(1, 2, 0, rom=0x10000))
    other.put(0x30, 0x10000000, 0xFFFF0001)
    one, two = bus.scan()
    assert one.bar(0).base == 0x10001000
    for f in (one, two):
        assert raised(OSError, f.bar, 6).errno == 16
    device.put(0x30, 0x10000001, 0xFFFF0001)
    one, two = pci.Bus(bus.hosts).scan()
    assert raised(OSError, one.bar, 0).errno == 16


def test_a_bar_over_ram_or_outside_is_refused():
    ecam, bus = machine(ram=[(0x12000000, 0x1000000)])
    for dev, address in ((1, 0x12345000), (2, 0x09000000)):
        ecam.add(dev, 0, Device(1, dev, 0, bars=[(0x1000, MEM)])).put(0x10, address, 0xFFFFF000)
    behind = ecam.add(3, 0, bridge(0x010100))
    behind.put(0x20, 0x10001000, 0xFFF0FFF0)
    inside = ecam.add(0, 0, Device(2, 1, 0, bars=[(0x1000, MEM)]), behind=behind)
    inside.put(0x10, 0x10200000, 0xFFFFF000)
    bus.scan()
    assert bus.problems == [
        "00:01.0 BAR 0 lies over RAM",
        "00:02.0 BAR 0 lies outside the host's windows",
        "01:00.0 BAR 0 lies outside the windows of 00:03.0",
    ]


def test_odd_headers_are_listed():
    ecam, bus = machine()
    for dev, header in ((1, 0x7F), (2, 2), (3, 0x80)):
        ecam.add(dev, 0, Device(1, dev, 0x020000, header=header))
    ecam.add(4, 0, Device(1, 4, 0x060400))  # a bridge's class on a plain header
    ecam.add(5, 0, Device(0xFFFF, 0xFFFF, 0))
    bus.scan()
    assert [f.dev for f in bus.functions] == [1, 2, 3, 4]
    assert len(bus.problems) == 2
    assert not bus.functions[0].bars


def test_capabilities_and_cycles():
    ecam, bus = machine()
    device = Device(0x1AF4, 0x1041, 0x020000)
    device.capability(0x40, b"\x10\x02\x00" + bytes(16))
    device.capability(0x60, b"\x05\x80\x01" + bytes(10))
    device.capability(
        0x80, b"\x09\x14\x02\x04\0\0\0" + b"\0\x30\0\0" + b"\0\x10\0\0" + b"\4\0\0\0"
    )
    device.put(0x100, 0x14010003)
    device.put(0x104, 0x11223344)
    device.put(0x108, 0x55667788)
    device.put(0x140, 0x00010000 | 0x0B)
    ecam.add(1, 0, device)
    f = bus.scan()[0]
    found = [(c.name, c.offset, c.extended) for c in f.capabilities()]
    assert found == [
        ("Vendor", 0x80, False),
        ("MSI", 0x60, False),
        ("PCIe", 0x40, False),
        ("DSN", 0x100, True),
        ("Vendor", 0x140, True),
    ]
    notify = f.capability(pci_caps.VENDOR).fields()
    assert notify["type"] == "notify" and notify["offset"] == 0x3000
    assert notify["multiplier"] == 4 and notify["bar"] == 4
    assert f.capability(3, extended=True).fields()["serial"] == 0x5566778811223344
    # A chain that bites its tail, one into the header, one into nothing.
    for pointer in (0x80, 0x10, 0xFC):
        device.buf[0x41] = pointer
        device.buf[0xFC] = 0xFF
        caps, problem = pci_caps.walk(f.cfg)
        assert len(caps) == 5 and problem
    device.buf[0x41] = 0
    device.put(0x140, 0x10010000 | 0x0B)
    caps, problem = pci_caps.walk(f.cfg)
    assert len(caps) == 5 and "repeated" in problem


def test_a_capability_at_the_very_end():
    ecam, bus = machine()
    device = Device(1, 1, 0x020000)
    device.capability(0x40, b"\x10\x02\x00" + bytes(16))
    ecam.add(1, 0, device)
    f = bus.scan()[0]
    for id, before in ((1, 1), (3, 0), (0x10, 1)):
        device.put(0x100, 0xFFC10000 | id)
        device.put(0xFFC, 0x00010000 | id)
        lines = list(lspci.lines(f, 2))
        assert lines[-1].endswith("<reaches past configuration space>"), lines[-1]
        assert lines[-1 - before].startswith("\tCapabilities: [ffc v1]")


def test_rescan_keeps_what_is_there():
    ecam, bus = machine()
    device = ecam.add(1, 0, Device(1, 1, 0, bars=[(0x1000, MEM), (0x20, IO)], rom=0x800))
    first = bus.scan()[0]
    del device.log[:]
    ecam.add(2, 0, Device(1, 2, 0, bars=[(0x1000, MEM)]))
    again = bus.scan(bus.functions)
    assert again[0] is first and len(again) == 2 and device.log == []
    assert again[1].bars[0].address


def test_rescan_sees_what_moved():
    ecam, bus = machine()
    bars = [(0x1000, PREF64), (0x100, MEM), (0x20, IO)]
    device = ecam.add(1, 0, Device(1, 1, 0, bars=bars))
    known = bus.scan()
    assert bus.scan(known)[0] is known[0]
    for byte, change in ((0x14, 1), (0x19, 1), (0x1C, 0x20)):
        known = bus.scan(bus.functions)
        device.buf[byte] ^= change
        assert bus.scan(known)[0] is not known[0], byte


def test_find():
    ecam, bus = machine()
    ecam.add(1, 0, Device(0x1234, 0x11E8, 0x0C0330))
    bus.scan()
    pci._bus, old = bus, pci._bus
    try:
        assert pci.find(0x1234, 0x11E8) is pci.find(class_=0x0C03) is pci.find(class_=0x0C0330)
        assert pci.function("00:01.0") is pci.find(0x1234)
        assert raised(OSError, pci.find, 0x1234, 1).errno == 19
        assert pci.find_all(class_=0x0C0320) == []
    finally:
        pci._bus = old


def test_an_assumed_size_gives_way():
    # 3 KiB from xHCI's start to its neighbour: known size or not, it cannot be more.
    ecam, bus = machine()
    usb = ecam.add(1, 0, Device(0x9999, 1, 0x0C0330, bars=[(0x1000, MEM)]))
    usb.put(0x10, 0x10010000, 0xFFFFF000)
    ecam.add(2, 0, Device(1, 2, 0, bars=[(0x400, MEM)])).put(0x10, 0x10010C00, 0xFFFFFC00)
    one, two = bus.scan()
    assert bus.problems == []
    assert one.bar(0).size == 0xC00 and two.bar(0).size == 0x400
