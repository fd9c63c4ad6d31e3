"""Disks of tests/sim on QEMU's controllers that do each thing wrong that a bulk-only disk can."""

import threading

import pytest
import usb_storage
from redirmachine import CONTROLLERS, PLUGS, Rig, pairs
from usbmachines import value

pytestmark = [pytest.mark.usb, pytest.mark.timeout(900)]

_WORK = """
import usbmsc
block = bytearray(8192)
def work(port):
    for disk in usbmsc.disks():
        if disk.unit.bot.device.root_port == port:
            break
    else:
        return None
    read = disk.readblocks(8, block)
    right = block == bytes((port, 77)) * 4096
    for i in range(len(block)):
        block[i] = i & 255 ^ port
    return read, right, disk.writeblocks(40, block), disk.unit.bot.resets
def work_all(n):
    return [work(port + 1) for port in range(n)]
"""
_ASKED = 4  # INQUIRY, TEST UNIT READY, READ CAPACITY, MODE SENSE; then our READ and WRITE
# What becomes of a READ in trouble, and whether the device is reset for it.
READS = {
    "stall-command": (0, True),
    "stall-data": (0, False),
    "stall-status": (0, False),
    "short": (0, False),
    "residue": (0, False),
    "phase": (0, True),
    "tag": (0, True),
    "signature": (0, True),
    "only-status": (0, True),
    "empty": (0, False),
    "fail": (-5, False),
    "vanish": (-19, False),
}
SILENT = ("silent", "silent-status")
_STREAM = """
whole = bytearray(1 << 20)
def stream():
    disk, = usbmsc.disks()
    while True:
        status = disk.readblocks(0, whole)
        if status:
            return status
"""


def disk(speed, port, trouble):
    model = usb_storage.Storage(speed=speed)
    model.data[8 * 512 : 8 * 512 + 8192] = bytes((port, 77)) * 4096
    model.trouble = trouble
    return model


class Always:
    """A Storage's trouble: of this command and of all that follow."""

    def __init__(self, index, kind):
        self.index, self.kind = index, kind

    def get(self, n):
        return self.kind if n >= self.index else None


def run(rig, models, vanish=()):
    """What work() gave for each of them."""
    rig.plug(models, vanish)
    out = value(rig.repl, f"work_all({len(models)})", 300)
    said = value(rig.repl, "said")
    for n in range(len(models)):
        rig.plugs[n].unplug()
    assert rig.empty() == rig.left, said
    return out, said


@pytest.fixture
def rig(vm_factory, request, full):
    rig = Rig(vm_factory, request.param, hurry=not full)
    rig.repl.exec(_WORK)
    yield rig
    rig.close()


def written(model, port):
    return model.data[40 * 512 : 40 * 512 + 8192] == bytes(i & 255 ^ port for i in range(8192))


def batches(kinds):
    return [kinds[at : at + PLUGS] for at in range(0, len(kinds), PLUGS)]


@pytest.mark.parametrize("rig, speed", pairs("full", "high", "super"), indirect=["rig"])
def test_a_read_in_trouble(rig, speed):
    for kinds in batches(list(READS)):
        models = [disk(speed, n + 1, {_ASKED: kind}) for n, kind in enumerate(kinds)]
        out, said = run(rig, models)
        for n, kind in enumerate(kinds):
            status, reset = READS[kind]
            gone = kind == "vanish"
            assert out[n] == (status, status == 0, -19 if gone else 0, int(reset)), (kind, out)
            assert any(f"-{n + 1}: reset" in text for text in said) == reset, (kind, said)
            assert written(models[n], n + 1) != gone
            assert models[n].resets == int(reset)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_a_write_in_trouble(rig):
    """What is there after a write that came through is what was written."""
    kinds = ["stall-command", "stall-data", "stall-status", "phase", "tag", "signature", "residue"]
    for some in batches([*kinds, "vanish"]):
        models = [disk(rig.fastest, n + 1, {_ASKED + 1: kind}) for n, kind in enumerate(some)]
        out, _ = run(rig, models)
        for n, kind in enumerate(some):
            assert out[n][:2] == (0, True), (kind, out)
            assert out[n][2] == (-19 if kind == "vanish" else 0), (kind, out)
            assert written(models[n], n + 1) == (out[n][2] == 0), (kind, out)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_trouble_while_it_is_taken_in(rig, full):
    """At each command that it is asked at first: a disk that works, or one that has gone."""
    kinds = [kind for kind in READS if kind not in ("fail", "short")]
    cases = [(kind, index) for index in range(_ASKED) for kind in kinds]
    for some in batches(cases if full else rig.share(cases[:: PLUGS - 2])):
        models = [disk("high", n + 1, {index: kind}) for n, (kind, index) in enumerate(some)]
        vanish = [m for m, (kind, _) in zip(models, some, strict=True) if kind == "vanish"]
        out, said = run(rig, models, vanish)
        for n, (kind, _) in enumerate(some):
            if kind == "vanish":
                assert out[n] is None, (some[n], out, said)
            else:
                assert out[n][:3] == (0, True, 0), (some[n], out, said)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_only_trouble(rig, full):
    """From the first READ on, or from the start: an error in bounded time; the rest work on."""
    kinds = ["phase", "signature", "tag"]
    for index in (_ASKED, 0) if full else (_ASKED,):
        models = [disk(rig.fastest, n + 1, Always(index, kind)) for n, kind in enumerate(kinds)]
        models.append(disk(rig.fastest, PLUGS, {}))
        out, said = run(rig, models)
        assert out[-1][:3] == (0, True, 0)
        for n, kind in enumerate(kinds):
            where = kind, out[n], said
            assert out[n] is None if index == 0 else out[n][0] < 0 and out[n][2] < 0, where
            assert any(f"-{n + 1}: given up" in text for text in said), where


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_silence(rig):
    """No answer to a command that it is asked at first: reset, and asked again."""
    models = [disk("high", n + 1, {1: kind}) for n, kind in enumerate(SILENT)]
    out, said = run(rig, models)
    for n, kind in enumerate(SILENT):
        assert out[n][:3] == (0, True, 0) and out[n][3] == 1, (kind, out, said)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
@pytest.mark.parametrize("leave", ["unplug", "hang_up"])
def test_unplugged_while_it_is_read(rig, leave, full):
    """Megabytes on their way at any time: -ENODEV, and nothing is left."""
    rig.repl.exec(_STREAM)
    for n in range(0, 8, 1 if full else 3):
        model = usb_storage.Storage(8192, speed=rig.fastest)
        timer = threading.Timer(0.05 + n * 0.037, getattr(rig.plugs[0], leave))
        rig.plug([model])
        timer.start()
        try:
            assert value(rig.repl, "stream()", 60) == -19
        finally:
            timer.join()
        assert rig.empty() == rig.left
