"""Capability registers of an xHCI controller: read, bounded, handed over by the firmware."""

import mmio
from raising import raised, raises
from simtime import Clock
from xhci_caps import Caps
from xhci_model import Xhci

AREA = "usb"


def caps(model, size=None, log=None):
    regs = mmio.Regs(0x10000000, size or model.size, 32, "xhci", model)
    return Caps(regs, "model", log or (lambda level, text: None))


def test_parallels():
    c = caps(Xhci(Clock()))
    assert (c.version, c.slots, c.ports, c.stride, c.scratchpads) == (0x110, 32, 14, 32, 0)
    assert c.wide and not c.ppc and not c.legacy and c.segments == 2
    assert repr(c.protocols) == "[USB 3.10 ports 1-12, USB 2.00 ports 13-14]"
    assert (c.op.base, c.runtime.base, c.doorbells.base) == (0x10000020, 0x10000600, 0x10000680)
    assert c.doorbells.size == 4 * 33
    assert str(c).startswith(
        "xHCI 1.10, 32 slots, USB 3.10 ports 1-12, USB 2.00 ports 13-14, 32-b"
    )


def test_wide_contexts_and_scratchpads():
    c = caps(Xhci(Clock(), csz=True, scratchpads=33, slots=255, dboff=0x1000, size=0x2000))
    assert (c.stride, c.scratchpads, c.slots) == (64, 33, 255)


def test_windows_outside_the_bar_are_refused():
    for words in ({"dboff": 0xF80}, {"rtsoff": 0xFE0}, {"rtsoff": 0}, {"dboff": 0x10}):
        assert "RTSOFF" in raises(OSError, caps, Xhci(Clock(), **words)) or (
            "DBOFF" in raises(OSError, caps, Xhci(Clock(), **words))
        )
    model = Xhci(Clock())
    assert raised(OSError, caps, model, 0x400).errno == 19
    model.caplength = 0x1F
    assert "CAPLENGTH is 0x1f" in raises(OSError, caps, model)
    model.slot_count = 0
    assert "HCSPARAMS1" in raises(OSError, caps, model)
    model.gone = True
    assert "CAPLENGTH is 0xffffffff" in raises(OSError, caps, model)


def test_protocols_that_cannot_be_are_left_out():
    log = []
    model = Xhci(Clock())
    good = list(model.words)
    for head, name, where in (
        (0x03000002, 0x20425355, 0x0C00),  # from port 0
        (0x03000002, 0x20425355, 0x0401),  # ports that are taken
        (0x03000002, 0x20425355, 0x020E),  # more than there are
        (0x01000002, 0x20425355, 0x010E),  # USB 1
        (0x03000002, 0x21425355, 0x010E),
    ):
        model.words = good[:4] + [head | 4 << 8, name, where, 0] + good[4:]
        assert len(caps(model, log=lambda level, text: log.append(text)).protocols) == 2
    assert len(log) == 5 and log[0].endswith("ports 0xc00 at 0x714: ignored")
    model.words = [0] * 8
    assert "no port has a protocol" in raises(OSError, caps, model)


def test_a_chain_that_leaves_the_bar_ends():
    log = []
    model = Xhci(Clock())
    model.words[4] |= 0xFF00
    model.words += [0xFF09] * 1000
    c = caps(model, log=lambda level, text: log.append(text))
    assert len(c.protocols) == 2
    assert len(log) == 1 and "extended capabilities end" in log[0]


def test_speeds_by_psi():
    model = Xhci(Clock(), protocols=((3, 0x10, 1, 12), (2, 0, 13, 2)))
    at_2 = model.words[4:]
    model.words = [2 | 8 << 8 | 0x0310 << 16, 0x20425355, 1 | 12 << 8 | 3 << 28, 0]
    model.words += [5 << 16 | 3 << 4 | 1, 10 << 16 | 3 << 4 | 2, 480 << 16 | 2 << 4 | 3, 0] + at_2
    c = caps(model)
    assert c.protocols[0].speeds == {1: "super", 2: "super+", 3: "high"}
    assert c.protocols[1].speeds == {}


def test_the_firmware_lets_go():
    model = Xhci(Clock(), legacy="lets go")
    c = caps(model)
    assert c.legacy == 0x704
    c.take()
    assert model.words[0] & 0x01010000 == 0x01000000
    assert model.smi & 0xE011 == 0, hex(model.smi)


def test_the_firmware_keeps_it():
    log = []
    model = Xhci(Clock(), legacy="keeps")
    caps(model, log=lambda level, text: log.append(text)).take()
    assert log == ["xhci: model: firmware keeps it, taken all the same"]
    assert not model.words[0] & 1 << 16
