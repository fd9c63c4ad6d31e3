"""Which EHCI controllers are found and which left alone; registers that are anything at all."""

import random

import ehci
import ehci_caps
import ehci_find
import ehci_ports
import klog
import mmio
import pci
import usb
from ehci_model import Ehci
from raising import raises
from simtime import Clock, install

AREA = "usb"


class Function:
    """A PCI function with a model behind it, whose configuration space counts writes."""

    class_ = 0x0C0320

    def __init__(self, bdf, vendor, device, subsystem, decoding=True):
        self.bdf, self.vendor, self.device = bdf, vendor, device
        self.subsystem = (subsystem, 0x400)
        self.model = Ehci(install(), ports=15)
        self.model.config.words[4] = 2 if decoding else 0
        self.address = 0x10000000
        self.opened = 0
        read = self.model.config.read
        self.model.config.read = lambda off, bits: read(off & ~3, 32) >> 8 * (off & 3)
        self.cfg = mmio.Regs(0x20000000, 0x100, 32, "config", self.model.config)

    def bar_of(self, n):
        return self

    def bar(self, n):
        return mmio.Regs(0x10000000, self.model.size, 32, "ehci", self.model)

    def capability(self, kind):
        return None

    def enable(self, **what):
        self.opened += 1


PARALLELS = ("00:02.0", 0x8086, 0x265C, 0x1AB8)


def found(functions, call):
    before = pci.find_all
    pci.find_all = lambda class_: functions
    try:
        return call()
    finally:
        pci.find_all = before


def test_parallels_is_left_alone():
    mine = Function(*PARALLELS)
    other = Function("00:04.0", 0x8086, 0x265C, 0x1AF4)
    names = found([mine, other], lambda: [p.name for p in ehci_find.places()])
    assert names == ["00:04.0"]
    names = found([mine, other], lambda: [p.name for p in ehci_find.places(True)])
    assert names == ["00:02.0", "00:04.0"]
    assert found([mine], ehci.controllers) == []
    assert mine.model.writes == mine.opened == 0 and mine.model.config.written == []


def test_probing_leaves_it_alone_until_asked():
    mine = Function(*PARALLELS)
    tried = []
    kinds, classes, controller = usb._CONTROLLERS, usb._CLASSES, ehci.Controller
    usb._CONTROLLERS, usb._CLASSES = ("ehci",), ()

    def attach(place, **options):
        tried.append(place.name)
        raise OSError(19, "enough")

    ehci.Controller = attach
    try:
        klog.taken()
        assert found([mine], usb.probe) == [] and tried == []
        assert klog.taken() == "usb: ehci 00:02.0: no devices known there, left alone: %s" % (
            "usb.probe(ehci=True) takes it"
        )
        assert found([mine], lambda: usb.probe(ehci=True)) == [] and tried == ["00:02.0"]
    finally:
        usb._CONTROLLERS, usb._CLASSES, ehci.Controller = kinds, classes, controller
        usb.release()
    assert mine.model.writes == mine.opened == 0 and mine.model.config.written == []


def test_a_report_writes_nothing():
    mine = Function(*PARALLELS)
    asleep = Function("00:04.0", 0x8086, 0x24CD, 0x1AF4, decoding=False)
    lines = found([mine, asleep], ehci.report)
    assert len(lines) == 16 and lines[15] == "00:04.0: memory is not decoded"
    assert lines[14] == ("00:02.0: port 15: PORTSC 0x00002000 CCS=0 PED=0 PP=0 owner companion")
    mine.model.gone = True
    assert "CAPLENGTH is 0xffffffff" in found([mine], ehci.report)[0]
    for f in (mine, asleep):
        assert f.model.writes == f.opened == 0 and f.model.config.written == []


def test_registers_that_are_anything():
    """Refused, or windows and loops that stay inside."""
    random.seed(6)
    good = 0
    for _ in range(2000):
        model = Ehci(Clock())
        del model.clock.on_pass[:]
        for at in (0, 4, 8):
            if random.getrandbits(2):
                model.capabilities[at] = random.getrandbits(32)
        for at in range(0x40, 0x100, 4):
            model.config.words[at] = random.getrandbits(32)
        regs = mmio.Regs(0x10000000, random.choice((0x40, 0x100, 0x400)), 32, "r", model)
        cfg = mmio.Regs(0x20000000, 0x100, 32, "c", model.config)
        try:
            caps = ehci_caps.Caps(regs, cfg, "x", lambda *args: None)
        except OSError:
            continue
        good += 1
        assert caps.op.size == 0x44 + 4 * caps.ports and 0 < caps.ports < 16
        hub = ehci_ports.RootHub(caps, None)
        assert raises(ValueError, hub.status, caps.ports + 1)
    assert good > 50
