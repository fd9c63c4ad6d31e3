"""Our bring-up of Parallels' mouse and keyboard beside Linux's there (ftrace, reference §6.5).

The device is scripted, the controller QEMU's with the same ids.  What differs is a list here, each
with its reason in docs/debugging-a-controller.md.
"""

import pytest
import usb_parallels
from usbredir import Server

pytestmark = pytest.mark.usb

_TRACED = """
import probe.trace, pci, time, usbcore, usbhid, usbtask, xhci, xhci_find
place = xhci_find.places()[0]
bar = place.open()
place.open = lambda: bar
asked = []
usbcore.capture(lambda event, t: event == 83 and t.setup and asked.append(bytes(t.setup)))
usbhid.start()
t = probe.trace.on(bar, entries=4000)
c = xhci.Controller(place)
bus = usbcore.Bus(c)
usbtask.run(bus.settle(200))
t.detach()
device = bus.devices[0]
groups = ((c.caps.doorbells, 0x3000), (c.caps.runtime, 0x2000), (c.caps.op, 0x1000))
def place(address):
    "As this file counts registers, wherever a controller has its groups."
    return [to + address - r.base for r, to in groups if r.base <= address < r.base + r.size][0]
writes = [(place(e.what.base + e.offset), e.value) for e in t if e.op == "W"]
def trbs(ring):
    "(kind, control, status, code) of what a ring has seen, less its links."
    every = [(h[4] >> 10 & 63, h[4], h[3], h[5]) for h in ring.history()]
    return [h for h in every if h[0] != 6]
pipes = [device.ep0] + [e for i in device.interfaces for e in i.endpoints]
rings = [trbs(p.hcd_data.ring) for p in pipes]
dcis = [p.hcd_data.ring.dci for p in pipes]
"""

_OP, _RUNTIME, _DOORBELLS = 0x1000, 0x2000, 0x3000
_REGISTERS = {
    _OP + 0x00: "USBCMD",
    _OP + 0x04: "USBSTS",
    _OP + 0x14: "DNCTRL",
    _OP + 0x18: "CRCR",
    _OP + 0x30: "DCBAAP",
    _OP + 0x38: "CONFIG",
    _RUNTIME + 0x20: "IMAN",
    _RUNTIME + 0x24: "IMOD",
    _RUNTIME + 0x28: "ERSTSZ",
    _RUNTIME + 0x30: "ERSTBA",
    _RUNTIME + 0x38: "ERDP",
}
_PORTSC = _OP + 0x400
_PED, _PR, _CHANGES = 1 << 1, 1 << 4, 0xFE0000

# Linux, in its order; the table's t = 0.00 to 4.1 ms.
_LINUX_START = ["CONFIG", "DCBAAP", "CRCR", "ERSTSZ", "ERDP", "ERSTBA"]
_OURS_MORE = {"DNCTRL", "IMOD", "IMAN"}  # Linux writes them, too; the table leaves them out

_ENABLE_SLOT, _ADDRESS, _CONFIGURE, _STOP, _NO_OP = 9, 11, 12, 15, 23
_LINUX_COMMANDS = [_ENABLE_SLOT, _ADDRESS, *(_CONFIGURE, _STOP) * 2, _CONFIGURE]

# t = 376.8 to 402.4, and of the keyboard to 557: type, request, value, index, length.
_ISOCH_DELAY = (0x00, 0x31, 40, 0, 0)
_BOS = [(0x80, 6, 0x0F00, 0, 5), (0x80, 6, 0x0F00, 0, 15)]
_STRINGS = [(0x80, 6, 0x0300, 0, 255), *((0x80, 6, 0x0300 + n, 0x409, 255) for n in (2, 1, 3))]
_WHEELS = [(0xA1, 1, 0x0311, 0, 64), (0x21, 9, 0x0311, 0, 2)]
_WHEELS += [(0xA1, 1, 0x0312, 1, 64), (0x21, 9, 0x0312, 1, 2)]
_LIGHTS = (0x21, 9, 0x0200, 0, 1)
_IDLE = [(0x21, 10, 0, 0, 0), (0x21, 10, 0, 1, 0)]
_INTERFACE_NAME = (0x80, 6, 0x0305, 0x409, 255)
_LINUX_BEGINS = [
    (0x80, 6, 0x0100, 0, 8),
    _ISOCH_DELAY,
    (0x80, 6, 0x0100, 0, 18),
    *_BOS,
    (0x80, 6, 0x0200, 0, 9),
    (0x80, 6, 0x0200, 0, 71),
    *_STRINGS,
    (0x00, 9, 1, 0, 0),
]
_REPORTS = {"mouse": (126, 127), "keyboard": (58, 160)}  # lengths of the descriptors
_LINUX_GOES_ON = {
    "mouse": [
        _IDLE[0],
        (0x81, 6, 0x2200, 0, 126),
        *_WHEELS[:2],
        _INTERFACE_NAME,
        _IDLE[1],
        (0x81, 6, 0x2200, 1, 127),
        *_WHEELS[2:],
    ],
    "keyboard": [
        _IDLE[0],
        (0x81, 6, 0x2200, 0, 58),
        _LIGHTS,
        _IDLE[1],
        (0x81, 6, 0x2200, 1, 160),
    ],
}
_NOT_OURS = {_ISOCH_DELAY, _INTERFACE_NAME, *_BOS, *_WHEELS}


@pytest.fixture(scope="module", params=["mouse", "keyboard"])
def seen(request):
    """What we did: writes, commands, requests, rings, the name of the device."""
    from pyrallax.vm.config import Config
    from pyrallax.vm.qemu import Vm

    with Server() as plug:
        devices = ["nec-usb-xhci,id=x", plug.device("x.0")]
        with Vm(Config(device=devices, extra=plug.extra, append="usb=off"), "bringup") as vm:
            repl = vm.repl()
            plug.plug(getattr(usb_parallels, request.param)())
            repl.exec(
                "import pci, time\nr = pci.find_all(class_=0x0C03)[0].enable().bar(0)\n"
                "t = time.ticks_ms()\n"
                "while not any([r[0x440 + 16 * n] & 1 for n in range(8)]):\n"
                "    assert time.ticks_diff(time.ticks_ms(), t) < 20000\n"
            )
            repl.exec(_TRACED, timeout=60)
            found = {
                "device": request.param,
                "writes": repl.eval("writes"),
                "commands": repl.eval("trbs(c.ring.ring)"),
                "requests": repl.eval("asked"),
                "rings": repl.eval("rings"),
                "dcis": repl.eval("dcis"),
                "port": repl.eval("device.root_port"),
                "dropped": repl.eval("t.ring.dropped"),
            }
            repl.exec("usbtask.run(bus.close())")
    assert found["dropped"] == 0
    return found


def test_registers_in_linuxs_order(seen):
    """Halt, reset, the memory, RS with INTE: nothing before it is needed, ERSTBA last."""
    names = [(_REGISTERS.get(offset), value) for offset, value in seen["writes"]]
    commands = [value for name, value in names if name == "USBCMD"]
    assert commands == [0, 2, 5]
    reset, run = names.index(("USBCMD", 2)), names.index(("USBCMD", 5))
    between = [name for name, _ in names[reset + 1 : run] if name and name != "USBSTS"]
    assert set(between) - set(_LINUX_START) == _OURS_MORE
    assert [name for name in between if name not in _OURS_MORE] == _LINUX_START
    values = dict(names[reset + 1 : run])
    assert values["CRCR"] & 0x3F == 1 and values["DCBAAP"] & 63 == 0
    assert values["ERSTSZ"] >= 1 and values["IMAN"] == 3


def test_an_enabled_port_is_not_reset(seen):
    """Linux resets it and gets away with it; nothing that we write to a port disables it."""
    ports = [(o, v) for o, v in seen["writes"] if _PORTSC <= o < _OP + 0x1000]
    ours = [v for o, v in ports if o == _PORTSC + 16 * (seen["port"] - 1)]
    assert ours and not any(v & (_PR | _PED) for v in ours)
    first = next(i for i, w in enumerate(seen["writes"]) if w[0] == _DOORBELLS and i > 0)
    cleared = {o for o, v in seen["writes"][:first] if o >= _PORTSC and v & _CHANGES == _CHANGES}
    assert len(cleared) == 8  # every port, before the first command


def test_commands(seen):
    """Linux stops each endpoint and configures it again; once is enough, and safer there."""
    kinds = [kind for kind, *_ in seen["commands"]]
    assert {code for *_, code in seen["commands"]} == {1}
    assert kinds == [_NO_OP, *_LINUX_COMMANDS[:3]]
    address = next(control for kind, control, *_ in seen["commands"] if kind == _ADDRESS)
    assert not address & 1 << 9  # BSR


def test_requests(seen):
    """The same in the same order, less what we leave out and what we ask for later."""
    ours = [
        (s[0], s[1], s[2] | s[3] << 8, s[4] | s[5] << 8, s[6] | s[7] << 8)
        for s in seen["requests"]
    ]
    linux = [*_LINUX_BEGINS, *_LINUX_GOES_ON[seen["device"]]]
    linux = [request for request in linux if request not in _NOT_OURS]
    assert sorted(ours) == sorted(linux)
    if _LIGHTS in ours:  # by a task of its own: any time after the interface's descriptor
        assert ours.index(_LIGHTS) > ours.index((0x81, 6, 0x2200, 0, 58))
        ours.remove(_LIGHTS)
    later = {*_STRINGS, *_IDLE, _LIGHTS}
    assert [r for r in ours if r not in later] == [r for r in linux if r not in later]
    assert ours[-len(_STRINGS) :] == _STRINGS
    for n, idle in enumerate(_IDLE):
        described = (0x81, 6, 0x2200, n, _REPORTS[seen["device"]][n])
        assert ours[ours.index(idle) - 1] == described


def test_stages(seen):
    """TRT and the status stage's direction: what decided completion code 12 (§6.8)."""
    (control, *interrupts) = seen["rings"]
    assert seen["dcis"] == [1, 3, 5]
    setups = [control for kind, control, *_ in control if kind == 2]
    stages = [control for kind, control, *_ in control if kind == 4]
    data = [control for kind, control, *_ in control if kind == 3]
    assert len(setups) == len(stages) == len(seen["requests"])
    for setup, status, trt in zip(seen["requests"], stages, setups, strict=True):
        length = setup[6] | setup[7] << 8
        wanted = 0 if not length else 3 if setup[0] & 0x80 else 2
        assert trt >> 16 & 3 == wanted and trt & 1 << 6  # IDT
        assert bool(status >> 16 & 1) == (wanted != 3)  # IN, unless data came in
        assert status & 1 << 5  # IOC
    ways = [bool(setup[0] & 0x80) for setup in seen["requests"] if any(setup[6:])]
    assert [bool(d >> 16 & 1) for d in data] == ways
    for ring in interrupts:
        assert len(ring) == 1  # Linux: one TRB an endpoint
        kind, word, _, code = ring[0]
        assert kind == 1 and word & 0x24 == 0x24 and code == 0  # IOC, ISP, waiting
