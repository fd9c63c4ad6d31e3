"""A line that fails under esptool: pulled at every frame, or damaging what it carries."""

import io
import random
import time

import pytest
from esptool.util import FatalError
from loader_rig import Rig
from serial import SerialException

from pyrallax.flash import transfer
from pyrallax.flash.port import WirePort
from pyrallax.flash.progress import quiet
from pyrallax.flash.target import MAGIC, Target
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host
KIB = 1024
SIZE = 12 * KIB + 300  # the last block is the image's in part
AT = 64 * KIB  # of the root on the disk
BLOCK = 512
NEVER = 1 << 60


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """More frames for fewer bytes."""
    quiet()
    monkeypatch.setattr(Target, "FLASH_WRITE_SIZE", KIB)
    monkeypatch.setattr(transfer, "REGION", 4 * KIB)
    monkeypatch.setattr(transfer, "_RUN", 8 * KIB)
    yield
    Rig.end_all()


def content(kind, seed=1):
    """Old disk and new image; nothing of them is 0xff, zeros, or the other's at that place."""
    rng = random.Random(seed)
    old = bytes(rng.randrange(1, 128) for _ in range(128 * KIB))
    new = bytes(rng.randrange(128, 255) for _ in range(SIZE))
    if kind == "deflated":
        new = (new[: 3 * KIB] * 10)[:SIZE]
    return old, new


def wanted(old, new):
    return old[:AT] + new + old[AT + len(new) :]


def check(disk, old, new):
    """Every block is the old one or the new one."""
    want = wanted(old, new)
    for at in range(0, len(old), BLOCK):
        block = disk[at : at + BLOCK]
        assert block in (old[at : at + BLOCK], want[at : at + BLOCK]), f"block {at // BLOCK}"


class Pulled(WirePort):
    """Dies at frame `at`: before it, in its middle, or before the answer to it."""

    def __init__(self, wire, at, how):
        super().__init__(wire, "cable")
        self.frames = 0
        self._at = at
        self._how = how

    def write(self, data):
        self.frames += 1
        if self.frames <= self._at:
            return super().write(data)
        if self._how == "middle":
            super().write(data[: len(data) // 2])
        if self._how == "answer":
            super().write(data)
        raise SerialException("device disconnected")


def flash(rig, port, new):
    target = Target(port)
    target.open()
    where = transfer.find(target.media(), "root")
    return transfer.flash(target, io.BytesIO(new), len(new), where, lambda done, more: None)


def frames_of(kind):
    """How many frames a whole transfer takes."""
    old, new = content(kind)
    rig = Rig(bytearray(old))
    port = Pulled(rig.wire(), 1 << 30, "")
    flash(rig, port, new)
    assert rig.disk.data == wanted(old, new)
    rig.pull()
    return port.frames


@pytest.mark.parametrize("how", ["before", "middle", "answer"])
@pytest.mark.parametrize("kind", ["plain", "deflated"])
def test_the_cable_is_pulled_at_every_frame(kind, how):
    old, new = content(kind)
    total = frames_of(kind)
    assert total > 40
    partly = 0
    for at in range(total):
        rig = Rig(bytearray(old))
        with pytest.raises((Unfit, SerialException)) as why:
            flash(rig, Pulled(rig.wire(), at, how), new)
        if why.type is Unfit:
            assert "\n" not in str(why.value)
        rig.pull()
        check(rig.disk.data, old, new)
        partly += rig.disk.data not in (old, wanted(old, new))
        flash(rig, WirePort(rig.wire(), "again"), new)
        assert rig.disk.data == wanted(old, new), f"frame {at}"
        rig.pull()
    assert partly > 5


class Noisy(WirePort):
    """Damages about one frame in `rate`, in either direction, and waits less for the lost ones."""

    @property
    def timeout(self):
        return 3.0 if self._rate == NEVER else 0.5

    @timeout.setter
    def timeout(self, value):
        pass

    def __init__(self, wire, seed):
        self._rng = random.Random(seed)
        self._rate = NEVER
        super().__init__(wire, "noise")
        self.damaged = 0

    def begin(self, rate):
        """The line is good up to here."""
        self._rate = rate

    def _damage(self, data):
        rng = self._rng
        if not data or rng.randrange(self._rate):
            return data
        self.damaged += 1
        at = rng.randrange(len(data))
        how = rng.randrange(8)
        if how == 0:
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        if how == 1:  # the same bit twice: the protocol's own checksum does not see it
            bit = 1 << rng.randrange(8)
            out = bytearray(data)
            for i in (at, rng.randrange(len(data))):
                out[i] ^= bit
            return bytes(out)
        if how == 2:
            return data[:at] + data[at + 1 :]
        if how == 3:
            return data[:at] + rng.randbytes(rng.randrange(1, 5)) + data[at:]
        if how == 4:
            return data[:at]
        if how == 5:
            return data + data
        if how == 6:
            return b""
        return data[:at] + rng.randbytes(min(20, len(data) - at)) + data[at + 20 :]

    def write(self, data):
        super().write(self._damage(data))
        return len(data)

    def _fill(self, timeout):
        had = len(self._in)
        super()._fill(timeout)
        self._in[had:] = self._damage(bytes(self._in[had:]))


def noise(seeds):
    damaged = failed = 0
    for seed in seeds:
        kind = ("plain", "deflated")[seed % 2]
        old, new = content(kind, seed)
        rig = Rig(bytearray(old))
        # The handshake comes through: before it nobody has agreed on the CRC-32.
        port = Noisy(rig.wire(), seed)
        target = Target(port)
        target.open()
        where = transfer.find(target.media(), "root")
        port.begin((5, 20, 80)[seed % 3])
        try:
            transfer.flash(target, io.BytesIO(new), len(new), where, lambda done, more: None)
        except Unfit as why:
            failed += 1
            assert "\n" not in str(why)
        damaged += port.damaged
        rig.pull()
        check(rig.disk.data, old, new)
        flash(rig, WirePort(rig.wire(), "again"), new)
        assert rig.disk.data == wanted(old, new), f"seed {seed}"
        rig.pull()
    return damaged, failed


@pytest.mark.timeout(3600)  # a quarter of an hour with --full
def test_noise(full):
    damaged, failed = noise(range(2000 if full else 24))
    assert damaged > 24 and failed > 2


class Short(WirePort):
    """Loses the last `cut` bytes of an answer."""

    cut = 0

    @property
    def timeout(self):
        return 0.2 if self.cut else 3.0

    @timeout.setter
    def timeout(self, value):
        pass

    def _fill(self, timeout):
        had = len(self._in)
        super()._fill(timeout)
        came = bytes(self._in[had:])
        if self.cut and came:
            self._in[had:] = came[: -1 - self.cut] + came[-1:]


def test_answers_that_lost_bytes():
    rig = Rig(bytearray(64 * KIB))
    port = Short(rig.wire(), "short")
    target = Target(port)
    target.open()
    for port.cut in range(1, 11):
        with pytest.raises(FatalError):
            target.read_reg(0)
        with pytest.raises(FatalError):
            target.flash_md5sum(0, 512)
    port.cut = 0
    assert target.read_reg(0) == MAGIC
    rig.media[0].kind = 77
    with pytest.raises(Unfit, match="answers something else"):
        target.media()
    rig.pull()


# Operations that write to a medium, and the one that ends the loader.
EFFECTIVE = (0x02, 0x03, 0x10, 0x11, 0xD0, 0xD1, 0xD3)


def test_any_bytes_at_all():
    """What no client says: nothing is written, and the next client is served."""
    old, new = content("plain")
    rig = Rig(bytearray(old))
    rng = random.Random(3)
    harmless = [op for op in range(256) if op not in EFFECTIVE]
    for _ in range(100):
        wire = rig.wire()
        wire.write(rng.randbytes(rng.randrange(2000)).replace(b"\x03", b""))
        wire.write(b"\xc0" + bytes([0, rng.choice(harmless), 16, 0]) + rng.randbytes(20) + b"\xc0")
        rig.pull()
    assert rig.disk.data == old and rig.disk.written == []
    flash(rig, WirePort(rig.wire(), "after"), new)
    assert rig.disk.data[AT : AT + SIZE] == new
    rig.pull()


class Slow(WirePort):
    """Gives what has come half a second later, or when it is asked again."""

    def read(self, size=1):
        if self.timeout < 0.5:
            time.sleep(self.timeout)
            return b""
        time.sleep(0.5)
        return super().read(size)


def test_a_host_that_has_no_time_for_the_target():
    rig = Rig(bytearray(64 * KIB))
    target = Target(Slow(rig.wire(), "slow"))
    target.open()
    rig.pull()
