"""Devices found for a PCI function or an ACPI device: which windows, which registers are read."""

import sys

import boot
import mmio
import sysreg
from probe import View, devices
from probe.maps import uart
from raising import raises

BAR = 0x10000000


class Device:
    """Registers as a dict of words; what was read is remembered."""

    def __init__(self, words):
        self.words = words
        self.seen = []

    def read(self, off, bits):
        self.seen.append(off)
        return self.words.get(off, 0)

    def write(self, off, bits, value):
        self.words[off] = value


class Config:
    """A configuration header, little endian; on(): what the command register holds."""

    def __init__(self, class_, vendor=0x8086, command=2):
        self.words = {0: vendor, 4: command, 8: class_ << 8, 0x0E: 0}

    def read(self, off, bits):
        return self.words.get(off, 0)

    def write(self, off, bits, value):
        raise AssertionError("a dump writes")


class Bar:
    def __init__(self, index, address, size):
        self.index, self.address, self.size, self.kind = index, address, size, "mem"


class Host:
    def cpu(self, kind, address):
        return address


class Capability:
    id, extended, offset = 9, False, 0x40

    def __init__(self, kind, offset, size):
        self._fields = {"cfg_type": kind, "bar": 0, "offset": offset, "size": size}

    def fields(self):
        return self._fields


class Function:
    bdf, header, host, device = "00:03.0", 0, Host(), 0x1041

    def __init__(self, class_, model, index=0, size=0x4000, vendor=0x8086, command=2):
        self.class_, self.vendor = class_, vendor
        self.cfg = mmio.Regs(0, 4096, 32, "cfg", model=Config(class_, vendor, command))
        self.bars = [Bar(index, BAR, size)]
        self._bar = mmio.Regs(BAR, size, 32, "00:03.0 bar", model=model)
        self._index = index
        self.found = []

    def bar(self, index):
        assert index == self._index
        return self._bar

    def capabilities(self):
        return self.found


class Pci:
    functions = []

    @classmethod
    def scan(cls):
        return cls.functions


def with_functions(*functions):
    Pci.functions = list(functions)
    sys.modules["pci"] = Pci
    gic = {"version": 2, "gicd": 0x8000000, "gicc": 0x8010000, "its": [], "v2m": [], "gicr": []}
    boot.machine["gic"] = gic
    boot.machine["uart"] = (0x9000000, 33)


def test_ahci_reads_the_ports_that_are_there():
    model = Device({0x00: 0x1F, 0x0C: 0b101, 0x118: 0x8000, 0x218: 0x4000})
    d = devices.device(Function(0x010601, model, index=5, size=0x1100))
    model.seen = []
    text = str(d)
    assert "PxCMD[0]" in text and "PxCMD[2]" in text
    assert "PxCMD[1]" not in text and "PxCMD[3]" not in text
    assert not [off for off in model.seen if 0x180 <= off < 0x200 or off >= 0x280]
    assert d.PxCMD[0].CR == 1 and d.PxCMD[2].FR == 1 and d.CAP.NP == 31


def test_xhci_windows_follow_its_capabilities():
    # Parallels' shape: odd places, one BAR page; 4 ports, 2 interrupters, 3 slots.
    words = {0: 0x01100020, 4: 4 << 24 | 2 << 8 | 3, 0x14: 0xE00, 0x18: 0x600}
    model = Device(words)
    words[0x20 + 0x410] = 0x203
    words[0x600 + 0x38 + 0x20] = 8
    words[0x600 + 0x3C + 0x20] = 1
    d = devices.device(Function(0x0C0330, model, size=0x1000))
    assert (len(d.PORTSC), len(d.ERDP), len(d.DB)) == (4, 2, 4)
    assert d.PORTSC[1].PED == 1 and int(d.ERDP[1]) == 1 << 32 | 8
    assert d.CAPLENGTH.HCIVERSION == 0x110
    assert raises(IndexError, lambda: d.PORTSC[4])
    model.seen = []
    assert "PORTSC[3]" in str(d)
    assert not [off for off in model.seen if off >= 0xE00]  # doorbells are never read
    with_functions(Function(0x0C0330, model, size=0x1000))
    assert devices.name(BAR + 0x430) == "xhci0 PORTSC[1]"
    assert devices.name(BAR + 0x65C) == "xhci0 ERDP[1]+4"
    assert devices.name(BAR + 0xF00) == "xhci0 bar0+0xf00"
    assert devices.addr("xhci0", "PORTSC", 1) == BAR + 0x430
    assert raises(IndexError, devices.addr, "uart", "FR", 1)


def test_xhci_that_says_more_than_its_bar_holds():
    # Most interrupters there can be, in one page; then a runtime space beyond it.
    words = {0: 0x01100020, 4: 4 << 24 | 0x7FF << 8 | 3, 0x14: 0xE00, 0x18: 0x600}
    d = devices.device(Function(0x0C0330, Device(words), size=0x1000))
    assert (len(d.PORTSC), len(d.ERDP)) == (4, (0x1000 - 0x620) // 32)
    words[0x18] = 0x20000
    d = devices.device(Function(0x0C0330, Device(words), size=0x1000))
    assert len(d.PORTSC) == 4 and not d.views[-1][0] == "runtime"
    assert raises(AttributeError, lambda: d.ERDP)


def test_ehci():
    model = Device({0: 0x01000020, 4: 2, 0x20 + 0x48: 0x1005})
    d = devices.device(Function(0x0C0320, model, size=0x1000))
    assert len(d.PORTSC) == 2 and d.PORTSC[1].PED == 1 and d.USBCMD() == 0


def test_virtio_groups_follow_its_capabilities():
    model = Device({0x1014: 7, 0x2000: 3})
    function = Function(0x020000, model, vendor=0x1AF4)
    function.found = [Capability(3, 0x2000, 1), Capability(1, 0x1000, 56), Capability(2, 0, 4)]
    d = devices.device(function)
    assert d.device_status.DRIVER_OK == 1
    assert "isr_status             not read" in str(d) and 0x2000 not in model.seen
    assert "queue_notify_data" not in str(d)  # 56 bytes end before it


def test_registers_that_are_not_where_a_device_says():
    function = Function(0x020000, Device({}), vendor=0x1AF4)
    function.found = [Capability(1, 0x1000, 56), Capability(3, 0x3FF0, 0x20)]
    d = devices.device(function)
    assert "not where it says" in d.note and d.COMMAND() == 2
    d = devices.device(Function(0x010601, Device({}), index=5, size=8))
    assert "not where it says" in d.note and d.COMMAND() == 2


def test_an_address_in_a_bar_that_cannot_be_used_has_a_name():
    class Overlapped(Function):
        def bar(self, index):
            raise OSError(16, "overlaps")

    with_functions(Overlapped(0x0C0330, Device({})))
    assert devices.name(BAR + 0x60) == "xhci0 bar0+0x60"
    assert raises(OSError, devices.device, "xhci0")


def test_virtio_without_capabilities_is_in_its_ports():
    model = Device({0x12: 7, 0x0E: 1})
    off = devices.device(Function(0x020000, model, vendor=0x1AF4))
    assert off.note == "port decoding is off: pci.function('00:03.0').enable(io=True)"
    assert model.seen == []
    function = Function(0x020000, model, vendor=0x1AF4, command=1)
    d = devices.device(function)
    assert d.device_status.DRIVER_OK == 1 and d.queue_select() == 1
    assert "config_msix_vector" not in str(d) and 0x13 not in model.seen
    function.device = 0x1110  # ivshmem
    assert devices.device(function).note == "no map for class 020000"


def test_the_timer_is_system_registers():
    with_functions()
    sysreg.registers.update({(3, 3, 14, 0, 0): 62500000, (3, 3, 14, 3, 1): 5})
    d = devices.device("timer")
    assert d.CNTV_CTL_EL0.ISTATUS == 1 and d.CNTV_CTL_EL0.IMASK == 0
    assert [line.split()[1] for line in str(d).split("\n")[1:]] == ["CNTFRQ_EL0", "CNTV_CTL_EL0"]
    assert "without an address" in raises(ValueError, devices.addr, d, "CNTFRQ_EL0")
    sysreg.registers.clear()


def test_a_function_that_does_not_answer_is_left_alone():
    model = Device({})
    d = devices.device(Function(0x010601, model, index=5, command=0))
    assert d.note == "memory decoding is off: pci.function('00:03.0').enable()"
    assert d.note in str(d) and model.seen == [] and d.COMMAND() == 0
    said = raises(AttributeError, getattr, d, "PxCMD")
    assert said.startswith("00:03.0 has no PxCMD (memory decoding is off: ")
    d = devices.device(Function(0xFF0000, model))
    assert d.note == "no map for class ff0000" and model.seen == []


def test_acpi_devices():
    class Acpi:
        hid = "PRL4010"
        memory = [(0x2100000, 0x2000)]

        def matches(self, name):
            return name == self.hid

    mmio.attach(0x2100000, 0x2000, Device({0x0C: 1, 0x128: 0x123}))
    try:
        d = devices.device(Acpi())
        assert d.PxSSTS[0].DET == 3 and d.name == "PRL4010"
        Acpi.hid = "XYZ0000"
        assert "no register map" in raises(ValueError, devices.device, Acpi())
    finally:
        mmio.detach_all()


def test_names():
    with_functions(
        Function(0x010601, Device({}), index=5, command=0),
        Function(0x0C0330, Device({}), command=0),
        Function(0x010601, Device({}), index=5, command=0),
    )
    assert devices.names() == ["gicd", "gicc", "uart", "timer", "ahci0", "xhci0", "ahci1"]
    assert devices.name(0x9000018) == "uart FR" and devices.name(0x8010000) == "gicc CTLR"
    assert devices.name(0x9000008) == "uart +0x8" and devices.name(0x1000) is None
    assert devices.addr("gicd", "ISENABLER", 2) == 0x8000108
    said = raises(AttributeError, devices.device, "toaster")
    assert said == "no device toaster: gicd gicc uart timer ahci0 xhci0 ahci1"
    said = raises(AttributeError, getattr, devices.device("uart"), "CTRL")
    assert said.startswith("uart has no CTRL: DR RSR FR")


def test_redistributors():
    with_functions()
    boot.machine["gic"].update(
        {"version": 3, "gicr": [(0x80A0000, 0x60000), (0x8200000, 0x20000)]}
    )
    # The second of the first region has frames for virtual LPIs, and is the last there.
    mmio.attach(0x80A0000, 0x60000, Device({0x08: 0, 0x20008: 1 << 4 | 1 << 1}))
    mmio.attach(0x8200000, 0x20000, Device({0x08: 1 << 4}))
    try:
        found = [name for name in devices.names() if name.startswith("gicr")]
        assert found == ["gicr0", "gicr1", "gicr2"]
        assert devices.addr("gicr1", "WAKER") == 0x80C0014
        assert devices.addr("gicr2", "ISENABLER0") == 0x8210100
    finally:
        mmio.detach_all()


def test_views_are_devices_too():
    v = View(uart.PL011, mmio.Regs(0x9000000, 0x1000, 32, "com1", model=Device({0x18: 0x90})))
    assert devices.device(v).FR.TXFE == 1
    assert str(devices.device(v)).startswith("com1 PL011\n")
    devices.device(v).IBRD = 3
    assert v.IBRD == 3
    d = devices.device(v)
    assert devices.device(d) is d
