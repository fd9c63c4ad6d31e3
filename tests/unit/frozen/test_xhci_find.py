"""Which xHCI controllers are found, and what the one of Parallels gets, step by step.

The function is a model of its configuration space with the controller's behind its BAR; both put
what is written to them into one list, with the time.
"""

import boot
import dma
import irq
import mmio
import pci
import pci_host
import simtime
import usb_devices
import usbquirks
import xhci
import xhci_find
from pcisim import BASE, Device, Ecam
from simtime import Clock
from xhci_model import Xhci

from xhci_rig import Rig, Timer

AREA = "usb"
PARALLELS, QEMU = 0x1AB8, 0x1AF4  # vendors of the subsystem
BAR = 0x10000000
PM, MSI = 0x40, 0xE0
CONFIG = {0x04: "Command", 0x06: "Status", PM + 4: "PMCSR", MSI + 2: "MSI"}
OPERATIONAL = {0x20: "USBCMD", 0x24: "USBSTS", 0x58: "CONFIG", 0x420: "PORTSC"}


class Function(Device):
    """1033:0194 as ExitBootServices leaves it: neither memory nor mastering.  state: 3 for D3."""

    def __init__(self, machine, subsystem, state):
        super().__init__(0x1033, 0x0194, 0x0C0330)
        self.machine = machine
        self.put(0x2C, subsystem | 0x0400 << 16)
        self.put(0x10, BAR, 0xFFFFF000)
        self.put(0x04, 0, 0x0547)
        self.put(0x3C, 0x0100, 0xFF)
        self.capability(MSI, b"\x05\x00\x01" + bytes(16))
        self.mask[MSI + 2 : MSI + 20] = b"\x71\x00" + b"\xff" * 16
        self.capability(PM, b"\x01\x03\x00" + bytes((state, 0, 0, 0)))
        self.mask[PM + 4] = 3

    def write(self, off, bits, value):
        super().write(off, bits, value)
        if off in CONFIG:
            self.machine.said.append((self.machine.clock.ticks_ms(), CONFIG[off], value))

    @property
    def sends(self):
        return self.get(4, 2) & 4 and self.get(MSI + 2, 2) & 1


class Machine:
    """One controller at 00:03.0.  said: (ms, register, value); firmware: gone for that many ms."""

    def __init__(self, subsystem, state=0, firmware=300):
        mmio.detach_all()
        dma.reset()
        irq.reset()
        self.said = []
        self.clock = simtime.install(Clock())
        self.model = Xhci(self.clock, {1: usb_devices.mouse("super")})
        self.model.line = self.message
        self.function = Function(self, subsystem, state)
        ecam = Ecam(1)
        ecam.add(3, 0, self.function)
        windows = (("mem", BAR, BAR + 0xFFFF, 0, 32, False),)
        bus = pci.Bus([pci_host.Host(BASE, 0, 0, windows=windows)])
        bus.scan()
        del self.said[:]
        mmio.attach(BAR, 0x1000, self)
        boot.stages = [("efi", 0), ("exit_boot", boot.counter() - 1000 * firmware), ("main", 1)]
        before, pci._bus = pci._bus, bus
        try:
            (self.place,) = xhci_find.places(self.clock)
        finally:
            pci._bus = before
        assert not self.said

    def message(self, _):
        if self.function.sends:
            irq.lines[irq.FIRST].fire()

    def read(self, off, bits):
        assert self.function.get(4, 2) & 2, "memory is not decoded"
        return self.model.read(off, bits)

    def write(self, off, bits, value):
        if off in OPERATIONAL:
            self.said.append((self.clock.ticks_ms(), OPERATIONAL[off], value))
        self.model.write(off, bits, value)

    def at(self, *entry):
        """When that was written first."""
        return next(ms for ms, name, value in self.said if (name, value) == entry)

    def controller(self):
        return xhci.Controller(self.place, log=lambda *line: None, clock=self.clock, timer=Timer)


def test_who_gets_what():
    parallels = usbquirks.xhci(0x1033, 0x0194, PARALLELS)
    assert parallels == {"settle_ms": 1000, "master_ms": 10, "start_ms": 20, "no_reset": True}
    assert usbquirks.xhci(0x1033, 0x0194, QEMU) == {} == usbquirks.xhci(0x1B36, 0x000D, QEMU)
    assert usbquirks.xhci(0x8086, 0xA36D, PARALLELS) == {"reset_us": 1000}
    assert usbquirks.xhci(0x1B73, 0x1000, 1) == {"kinds": ("intx",)}
    assert usbquirks.xhci(0x1B21, 0x2142, 1) == {"narrow": True}
    assert usbquirks.ehci(0x8086, 0x265C, PARALLELS) == {"leave": True}
    assert usbquirks.ehci(0x8086, 0x265C, QEMU) == {}


def test_the_recipe_of_parallels():
    """Reference §6.8, steps 2, 3, 5, 10 and 11."""
    m = Machine(PARALLELS)
    assert m.place.name == "00:03.0" and m.place.left_ms() == 700
    c = m.controller()
    assert c.line.intid == irq.FIRST and c.line.hard
    names = [(name, value) for _, name, value in m.said if name != "USBSTS"]
    assert names[:6] == [
        ("Command", 0x0006),
        ("Status", 0xF900),
        ("Command", 0x0002),
        ("Command", 0x0006),
        ("USBCMD", 0),
        ("USBCMD", 2),
    ]
    assert m.said[0][0] == 700 and m.at("Command", 2) == 700
    assert m.said[3][0] == 710  # mastering was off for so long
    assert names.index(("MSI", 0x0101)) < names.index(("USBCMD", 5))  # §6.7
    assert ("CONFIG", 32) in names
    begun, cleared = m.at("USBCMD", 5), [ms for ms, name, _ in m.said if name == "PORTSC"]
    assert 20 <= cleared[0] - begun <= 21
    assert not any(value & 0x12 for _, name, value in m.said if name == "PORTSC")  # PED, PR
    c.deinit()
    assert not m.function.sends and irq.lines == {} and dma.stats()[0] == 0


def test_the_same_ids_elsewhere():
    """QEMU's nec-usb-xhci: nothing waits, and mastering stays on."""
    m = Machine(QEMU)
    assert m.place.left_ms() == 0
    c = m.controller()
    commands = [value for _, name, value in m.said if name == "Command"]
    assert commands[0] == 6 and all(value & 6 == 6 for value in commands)
    assert m.said[0][0] == 0 and m.said[-1][0] <= 5
    c.deinit()


def test_how_long_the_firmware_has_been_gone():
    for firmware, left in ((0, 1000), (999, 1), (1000, 0), (5000, 0)):
        assert Machine(PARALLELS, firmware=firmware).place.left_ms() == left
    m = Machine(PARALLELS)
    boot.stages = [("main", 0)]  # a start without firmware
    assert m.place.left_ms() == 0


def test_a_function_that_sleeps():
    """From D3hot: 10 ms (PCI Power Management §5.6.1), before memory is decoded."""
    m = Machine(QEMU, state=3)
    assert m.place.open().size == 0x4000
    assert m.said == [(0, "PMCSR", 0), (10, "Command", 6), (10, "Status", 0xF900)]
    m.place.silence()
    assert m.function.get(4, 2) & 6 == 2  # memory is decoded yet


def test_messages_that_do_not_come():
    m = Machine(QEMU)
    m.place.quirks = usbquirks.xhci(0x1B73, 0x1000, 1)
    m.place.open()
    try:
        m.place.hook(print)
        raise AssertionError
    except OSError as why:
        assert why.errno == 19  # no line is routed here, and no message was tried
    assert not m.function.sends and not irq.lines


def test_addresses_that_do_not_reach():
    rig = Rig(bus=False)
    assert rig.c.wide
    rig.close()
    rig = Rig(bus=False, quirks=usbquirks.xhci(0x1B21, 0x1142, 1))
    assert not rig.c.wide
    rig.close()


def test_a_reset_that_is_not_to_be_looked_at():
    """No register is read for a millisecond after HCRST."""
    looks = []

    def watch(model):
        read, write = model.read, model.write
        state = {"since": None}

        def seen(off, bits):
            if state["since"] is not None:
                looks.append(model.clock.ticks_us() - state["since"])
                state["since"] = None
            return read(off, bits)

        def put(off, bits, value):
            write(off, bits, value)
            if off == 0x20 and value & 2:
                state["since"] = model.clock.ticks_us()

        model.read, model.write = seen, put

    for quirks in ({}, usbquirks.xhci(0x8086, 0x8C31, 0x8086)):
        del looks[:]
        Rig(bus=False, prepare=watch, quirks=quirks).close()
        assert looks and (min(looks) >= 1000) == bool(quirks)
