"""Devices that fail at each of their control transfers, on QEMU's controllers.

The devices are scripted ones of tests/sim behind usb-redir, four at a time.  Whatever they do: the
tasks of their ports end, the log says why, and once they are unplugged nothing of them is left.
"""

import pytest
import usb_devices
import usb_parallels
from redirmachine import CONTROLLERS, PLUGS, XHCI, Rig
from usbmachines import value

pytestmark = [pytest.mark.usb, pytest.mark.timeout(1800)]

# What a log line says of each fault; of "changed", what the descriptor in question is then.
WORDS = {"stall": "stalled", "silent": "no answer", "long": "babble", "changed": ""}
DEVICES = {
    "low": lambda: usb_devices.mouse("low"),
    "full": lambda: usb_devices.tablet("full"),
    "high": lambda: usb_devices.keyboard("high"),
    "super": lambda: usb_devices.keyboard("super"),
    "parallels keyboard": usb_parallels.keyboard,
    "parallels mouse": usb_parallels.mouse,
    "camera": usb_parallels.camera,
}
QUICK = ("stall", "long", "changed", "vanish")


class From:
    """A Device's faults: one at this index and at all that follow."""

    def __init__(self, index, fault):
        self.index, self.fault = index, fault

    def get(self, n, otherwise):
        return self.fault if n >= self.index else otherwise


@pytest.fixture
def rig(vm_factory, request, full):
    rig = Rig(vm_factory, request.param, hurry=not full)
    yield rig
    rig.close()


def unheard(fault, request):
    """Whether a device may do that and be taken in without a word."""
    type, number, what, _, _ = request
    if fault == "changed":
        return True  # what came may be as good
    if fault == "long" and not type & 128:
        return True  # nothing comes
    return (number, what >> 8) == (6, 3) or type & 0x7F  # strings, and what HID asks


def faulty(make, fault, index):
    model = make()
    model.faults[index] = fault
    return model


def check(rig, make, requests, cases):
    """One fault at one transfer each, a (fault, index): mended by another try, or gone."""
    for at in range(0, len(cases), PLUGS):
        some = cases[at : at + PLUGS]
        models = [faulty(make, *case) for case in some]
        vanish = [m for m, (fault, _) in zip(models, some, strict=True) if fault == "vanish"]
        out = rig.run(models, vanish)
        for model, (fault, index), (ids, said) in zip(models, some, out, strict=True):
            where = fault, index, requests[index], said
            assert len(model.log) > index, where
            if fault == "vanish":
                assert not ids and ("gone before" in said[-1] or "unplugged" in said[-1]), where
                continue
            assert ids, where
            if not unheard(fault, requests[index]):
                assert any(WORDS[fault] in line for line in said), where


PAIRS = [(name, controller) for controller in XHCI for name in DEVICES] + [("high", "usb-ehci")]


@pytest.mark.parametrize("name, rig", PAIRS, indirect=["rig"])
def test_once_at_each_transfer(rig, name, full):
    """Short: each kind of fault but silence, at a transfer that differs by device."""
    make = DEVICES[name]
    requests = rig.requests(make)
    if full:
        faults = (*QUICK, "silent")
        cases = [(fault, index) for fault in faults for index in range(len(requests))]
    else:
        first = list(DEVICES).index(name)
        cases = [(f, (first + 3 * n) % len(requests)) for n, f in enumerate(QUICK)]
    check(rig, make, requests, cases)


@pytest.mark.parametrize("rig", XHCI[1:], indirect=True)
def test_parallels_keyboard_at_each_transfer(rig):
    """The device that counts, with what is quick at each; silence at the first and the last."""
    make = usb_parallels.keyboard
    requests = rig.requests(make)
    last = len(requests) - 1
    cases = [(fault, index) for fault in QUICK for index in range(len(requests))]
    check(rig, make, requests, [("silent", 0), ("silent", 4), ("silent", last), *cases])


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_for_ever_from_each_transfer_on(rig, full):
    """Refused, with the reason as the last line, or taken in with what it has said until then."""
    names = ("high", "parallels mouse") if rig.controller in XHCI else ("high",)
    for name in names if full else rig.share(names) or names:
        make = DEVICES[name]
        requests = rig.requests(make)
        cases = [(f, i) for f in WORDS for i in range(len(requests))]
        if not full:
            cases = [(f, i) for f, i in cases if f != "silent"][:: PLUGS - 1]
        for at in range(0, len(cases), PLUGS):
            some = cases[at : at + PLUGS]
            models = [make() for _ in some]
            for model, (fault, index) in zip(models, some, strict=True):
                model.faults = From(index, fault)
            for (fault, index), (ids, said) in zip(some, rig.run(models), strict=True):
                where = fault, index, requests[index], said
                if not ids:
                    assert "refused" in said[-1] and WORDS[fault] in said[-1], where
                else:
                    assert unheard(fault, requests[index]), where


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_the_redirecting_program_dies(rig):
    """As when a cable is cut."""
    for _ in range(3):
        ((ids, _),) = rig.plug([usb_devices.keyboard()])
        assert ids == ["0627:0001"]
        rig.plugs[0].hang_up()
        assert rig.empty() == rig.left
    rig.requests(usb_devices.keyboard)


@pytest.mark.parametrize("rig", CONTROLLERS[:1], indirect=True)
def test_nothing_remains_in_memory(rig, full):
    """Many devices that fail leave the heap as it was."""
    bad = [(fault, index) for index in range(4) for fault in ("stall", "long", "vanish")]
    sizes = []
    for _ in range(8 if full else 4):
        for at in range(0, len(bad), PLUGS):
            models = [usb_devices.keyboard("super") for _ in range(PLUGS)]
            for model, (fault, index) in zip(models, bad[at : at + PLUGS], strict=True):
                model.faults = From(index, fault)
            rig.run(models, [m for m in models if m.faults.fault == "vanish"])
        sizes.append(value(rig.repl, "(gc.collect(), gc.mem_alloc())[1]"))
    assert sizes[-1] - sizes[1] < 512, sizes
