"""Devices whose descriptors are damaged, and plugs that do not rest, on QEMU's controllers."""

import random
import time

import pytest
import usb_devices
import usb_parallels
import usb_storage
from redirmachine import CONTROLLERS, PLUGS, Rig

pytestmark = [pytest.mark.usb, pytest.mark.timeout(1800)]

MAKERS = {
    "super": (usb_parallels.keyboard, usb_parallels.mouse, usb_parallels.camera),
    "high": (usb_devices.keyboard, usb_devices.tablet, usb_storage.Storage),
}


@pytest.fixture
def rig(vm_factory, request, full):
    rig = Rig(vm_factory, request.param, hurry=not full)
    yield rig
    rig.close()


def makers(rig):
    return MAKERS["high"] + (MAKERS["super"] if rig.fastest == "super" else ())


def damaged(rng, raw):
    """Some bytes changed, cut off, or said twice."""
    out = bytearray(raw)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(out))
        out[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    how = rng.randrange(4)
    if how == 0:
        del out[rng.randrange(1, len(out)) :]
    elif how == 1:
        at = rng.randrange(len(out))
        out[at:at] = out[at : at + rng.randrange(1, 32)]
    return bytes(out)


def spoil(rng, device):
    kind = rng.choice(("descriptor", "configs", "configs", "reports", "bos"))
    if kind == "descriptor":
        device.descriptor = damaged(rng, device.descriptor)
    elif kind == "bos" and device.bos:
        device.bos = damaged(rng, device.bos)
    elif kind == "reports" and getattr(device, "reports", None):
        device.reports = {n: damaged(rng, raw) for n, raw in device.reports.items()}
    else:
        device.configs = [damaged(rng, device.configs[0])]
    return device


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_damaged_descriptors(rig, full):
    """Taken in or refused with a word, and then forgotten."""
    for seed in range(250) if full else rig.share(range(12)):
        rng = random.Random(seed)
        models = [spoil(rng, rng.choice(makers(rig))()) for _ in range(PLUGS)]
        for ids, said in rig.run(models):
            assert ids or "refused" in said[-1], (seed, said)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_plugs_that_do_not_rest(rig, full):
    """In and out at any moment of being taken in; a good one is taken in after that."""
    rng = random.Random(rig.controller)
    for n in range(60 if full else 2):
        inside = [False] * PLUGS
        for _ in range(12):
            at = rng.randrange(PLUGS)
            if inside[at]:
                (rig.plugs[at].unplug if rng.random() < 0.8 else rig.plugs[at].hang_up)()
            else:
                rig.plugs[at].plug(rng.choice(makers(rig))())
            inside[at] = not inside[at]
            time.sleep(rng.choice((0, 0.003, 0.02, 0.1, 0.3)) * rng.random())
        for at in range(PLUGS):
            if inside[at]:
                rig.plugs[at].unplug()
        assert rig.empty() == rig.left, n
        rig.requests(usb_devices.keyboard)
