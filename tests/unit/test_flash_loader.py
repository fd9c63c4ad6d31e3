"""Real esptool and our commands against the frozen loader on CPython, with a disk in memory."""

import io
import random

import pytest
from esptool import cmds
from esptool.loader import ESPLoader
from esptool.util import FatalError
from loader_rig import Rig

from pyrallax.flash import transfer
from pyrallax.flash.port import WirePort
from pyrallax.flash.progress import quiet
from pyrallax.flash.session import enter, session
from pyrallax.flash.target import Medium, Target
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host
MIB = 1 << 20


def nothing(done, more):
    """No progress is shown."""


@pytest.fixture(autouse=True)
def silence():
    quiet()
    yield
    Rig.end_all()


def bytes_of(size, seed=1):
    return random.Random(seed).randbytes(size)


def connect(rig):
    target = Target(WirePort(rig.wire(), "rig"))
    target.open()
    return target


def place(target, partition="root", disk=""):
    return transfer.find(target.media(), partition, disk)


def flash(target, data, where="root"):
    where = place(target, where) if isinstance(where, str) else where
    return transfer.flash(target, io.BytesIO(data), len(data), where, nothing)


@pytest.fixture
def rig():
    rig = Rig(bytearray(bytes_of(4 * MIB, seed=9)))
    yield rig
    rig.pull()


def expect(before, at, data):
    """A disk's content after an image was written."""
    return before[:at] + data + before[at + len(data) :]


SIZES = [1, 3, 511, 512, 513, 4096, 65535, 100_000, MIB]


@pytest.mark.parametrize("block_size", [512, 4096])
@pytest.mark.parametrize("kind", ["random", "zeros", "text"])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_and_nothing_beyond_it(size, kind, block_size):
    rig = Rig(bytearray(bytes_of(4 * MIB, seed=9)), block_size)
    before = bytes(rig.disk.data)
    data = {"random": bytes_of(size), "zeros": bytes(size), "text": (b"a line\n" * size)[:size]}[
        kind
    ]
    target = connect(rig)
    assert flash(target, data) == (size, size)
    assert rig.disk.data == expect(before, 2 * MIB, data)
    assert rig.disk.flushes
    rig.pull()


def test_equal_regions_are_left_alone(rig):
    data = bytes_of(MIB)
    target = connect(rig)
    flash(target, data)
    rig.disk.written.clear()
    assert flash(target, data) == (MIB, 0)
    assert rig.disk.written == []


def test_media_and_places(rig):
    target = connect(rig)
    media = target.media()
    assert [(m.name, m.kind, m.size) for m in media] == [
        ("sd0", "disk", 4 * MIB),
        ("sd0p1", "esp", MIB),
        ("sd0p2", "root", MIB),
    ]
    before = bytes(rig.disk.data)
    flash(target, b"x" * 700, "@5")
    assert rig.disk.data == expect(before, 5 * 512, b"x" * 700)
    for words, reason in (
        (("swap",), "sd0p1 (esp"),
        (("@x",), "@LBA is a number"),
        (("@8192",), "has 8192 blocks"),
        (("@-1",), "has 8192 blocks"),
        (("@0", "sd9"), "--disk sd9 is not there"),
    ):
        with pytest.raises(Unfit, match=r".*") as why:
            place(target, *words)
        assert reason in str(why.value)
    with pytest.raises(Unfit, match="there is room for 1048576 on sd0p2"):
        flash(target, bytes(MIB + 1))


def several():
    """Media of three disks, each with an ESP; only the last has a root."""
    kinds = (("", "disk"), ("p1", "esp"), ("p2", "root"))
    names = [(f"{disk}{part}", kind) for disk in ("sd1", "sd10", "sd2") for part, kind in kinds]
    names = [each for each in names if each[1] != "root" or each[0] == "sd2p2"]
    return [Medium(i, name, kind, MIB, 512, False) for i, (name, kind) in enumerate(names)]


def test_of_several_disks_the_one_that_is_named():
    for words, name in (
        (("esp", "sd1"), "sd1p1"),
        (("esp", "sd10"), "sd10p1"),
        (("@8", "sd10"), "sd10"),
        (("sd10p1",), "sd10p1"),
        (("sd1",), "sd1"),
        (("root",), "sd2p2"),
    ):
        assert transfer.find(several(), *words).medium.name == name
    for words, reason in (
        (("esp",), "may be each of sd1p1, sd10p1, sd2p1: name one, or its --disk"),
        (("@8",), "may be each of sd1, sd10, sd2: name one with --disk"),
        (("root", "sd1"), "root is not there"),
        (("esp", "sd"), "esp is not there"),
        (("disk", "sd1"), "disk is not there"),
    ):
        with pytest.raises(Unfit, match=reason):
            transfer.find(several(), *words)


def test_no_disk():
    rig = Rig(bytearray(MIB))
    rig.media.clear()
    with pytest.raises(Unfit, match="no disk"):
        place(connect(rig))
    rig.pull()


def test_readback(rig):
    target = connect(rig)
    where = place(target, "@3")
    for size in (1, 4096, 5000, 3 * MIB):
        out = io.BytesIO()
        transfer.readback(target, out, where, size, nothing)
        assert out.getvalue() == rig.disk.data[3 * 512 : 3 * 512 + size]
    with pytest.raises(Unfit, match="--size"):
        transfer.readback(target, io.BytesIO(), where, 4 * MIB, nothing)


class Sparse:
    """A disk of 6 GiB that keeps the blocks that were written."""

    name, block_size, read_only = "sd0", 512, False

    def __init__(self):
        self.blocks = {}

    def readblocks(self, n, buf):
        for i in range(len(buf) // 512):
            buf[i * 512 : (i + 1) * 512] = self.blocks.get(n + i, bytes(512))
        return 0

    def writeblocks(self, n, buf):
        for i in range(len(buf) // 512):
            self.blocks[n + i] = bytes(buf[i * 512 : (i + 1) * 512])
        return 0

    def ioctl(self, op, arg):
        return {4: 6 << 21, 5: 512}.get(op, 0)


def test_beyond_4_gib():
    rig = Rig(bytearray(MIB))
    disk = Sparse()
    import loader_media

    rig.media[:] = [loader_media.Medium(disk, loader_media.DISK)]
    target = connect(rig)
    at = (5 << 30) + 1024
    data = bytes_of(10_000)
    flash(target, data, f"@{at // 512}")
    written = b"".join(disk.blocks[n] for n in sorted(disk.blocks))
    assert min(disk.blocks) == at // 512 and written[:10_000] == data
    assert written[10_000:] == bytes(len(written) - 10_000) and len(written) == 10_240
    rig.pull()


def test_an_image_over_two_windows(monkeypatch):
    monkeypatch.setattr(transfer, "_WINDOW", MIB)
    rig = Rig(bytearray(4 * MIB))
    data = bytes_of(2 * MIB + 777)
    target = connect(rig)
    flash(target, data, "@1")
    assert rig.disk.data == bytes(512) + data + bytes(2 * MIB - 777 - 512)
    out = io.BytesIO()
    transfer.readback(target, out, place(target, "@1"), len(data), nothing)
    assert out.getvalue() == data
    rig.pull()


# ---- what goes wrong


def test_an_image_that_shrinks_meanwhile(rig):
    target = connect(rig)
    image = io.BytesIO(bytes(MIB - 1000))
    with pytest.raises(Unfit, match="became shorter"):
        transfer.flash(target, image, MIB, place(target), nothing)


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("why", [Unfit("no"), OSError(28, "No space"), KeyboardInterrupt()])
def test_the_loader_is_left_unless_a_disk_is_half_written(rig, monkeypatch, why, changed):
    monkeypatch.setattr("pyrallax.flash.session._PROMPT_S", 0.1)
    with pytest.raises(type(why)), session(rig.wire(), "rig") as target:
        if changed:
            flash(target, b"some")
        raise why
    if changed:
        assert connect(rig).media()
    else:
        rig.done()


# ---- what goes wrong on the target


def test_a_block_that_cannot_be_written(rig):
    rig.disk.bad = {4096 + 100}
    with pytest.raises(Unfit, match=r"sd0p2: (read|write) of block") as why:
        flash(connect(rig), bytes_of(100_000))
    assert "EIO" in str(why.value) and "\n" not in str(why.value)


def test_a_write_that_fails_late(rig):
    real = rig.disk.writeblocks
    rig.disk.writeblocks = lambda n, buf, offset=None: -5 if n > 4200 else real(n, buf)
    for data in (bytes_of(100_000), b"ab" * 50_000):
        with pytest.raises(Unfit, match=r"sd0p2: write of block .* EIO"):
            flash(connect(rig), data)


def test_a_read_only_medium(rig):
    for medium in rig.media:
        medium.read_only = True
    target = connect(rig)
    with pytest.raises(Unfit, match="sd0p2 is read-only"):
        flash(target, bytes(1000))
    where = place(target)
    with pytest.raises(Unfit, match="sd0p2 is read-only"):  # and the target itself refuses
        medium = where.medium._replace(read_only=False)
        flash(target, bytes(1000), where._replace(medium=medium))


def test_registers_memory_and_leaving(rig):
    target = connect(rig)
    target.write_reg(0x40000004, 0x12345678)
    target.write_reg(0x40000004, 0xFF00, mask=0xFFFF)
    assert target.read_reg(0x40000004) == 0x1234FF00
    assert cmds.dump_mem(target, 0x40000000, 16)[4:8] == b"\x00\xff\x34\x12"
    for at in (0x50000000, 0x200, 0x7FC):
        with pytest.raises(FatalError):
            target.read_reg(at)
        assert target.reason()
    with pytest.raises(FatalError):
        target.write_reg(0x10, 3)  # there are media 0 to 2
    target.mem_begin(8, 1, 8, 0x40000008)
    target.mem_block(b"12345678", 0)
    target.mem_finish(0)
    assert rig.memory.data[8:] == b"12345678"
    target.select(target.media()[2])
    target.erase_region(0, 1024)
    assert rig.disk.data[:1024] != bytes(1024)
    assert rig.disk.data[2 * MIB :][:1024] == bytes(1024)
    target.erase_flash()
    assert rig.disk.data[2 * MIB : 3 * MIB] == bytes(MIB)
    target.leave()
    rig.done()


def test_ramboot(rig, tmp_path):
    elf = tmp_path / "firmware.elf"
    elf.write_bytes(bytes_of(50_000) + bytes(70_000))
    transfer.ramboot(connect(rig), elf, nothing)
    rig.done()
    assert rig.boot.image == elf.read_bytes() and rig.boot.started
    rig = Rig(bytearray(MIB))
    rig.boot.bad = "bad-checksum"
    with pytest.raises(Unfit, match="cannot be started: bad-checksum"):
        transfer.ramboot(connect(rig), elf, nothing)
    elf.write_bytes(bytes((64 << 20) + 1))  # small on the line
    with pytest.raises(Unfit, match="cannot be started: file-too-large"):
        transfer.ramboot(connect(rig), elf, nothing)


def test_a_firmware_that_has_not_come_whole(rig):
    target = connect(rig)
    target.mem_begin(16, 2, 8, 0)
    target.mem_block(b"12345678", 0)
    with pytest.raises(FatalError):
        target.mem_finish(1)
    assert target.reason() == "8 bytes are missing" and rig.boot.image is None
    target.mem_block(b"90abcdef", 1)
    target.mem_finish(1)
    rig.done()
    assert rig.boot.image == b"1234567890abcdef"


# ---- who is there


class Plain(ESPLoader):
    """esptool's own class, as far as a plain client needs one."""

    CHIP_NAME = "plain"
    IS_STUB = True
    USES_MAGIC_VALUE = False
    IMAGE_CHIP_ID = 0x5059
    BOOTLOADER_FLASH_OFFSET = -1
    FLASH_WRITE_SIZE = 0x4000

    def get_erase_size(self, offset, size):
        return size

    def get_usb_vid_pid(self):
        return None, None

    def flash_id(self, cache=True):
        return 0


def test_esptool_without_our_checks(rig):
    """The documented protocol alone: its own checksum, its connect()."""
    before = bytes(rig.disk.data)
    esp = Plain(WirePort(rig.wire(), "rig"))
    esp.connect("no-reset", attempts=1, warnings=False)
    data = bytes_of(50_000) + bytes(50_000)
    cmds.write_flash(esp, [(4096, data), (65536 * 8, bytes(4096))], force=True, no_progress=True)
    want = expect(expect(before, 4096, data), 65536 * 8, bytes(4096))
    assert rig.disk.data == want
    assert esp.read_flash(4096, 100_000) == data


def test_a_foreign_chip(rig, monkeypatch):
    monkeypatch.setattr("loader.CHIP_ID", 9)
    with pytest.raises(Unfit, match="chip id 9, not a Pyrallax machine: nothing was written"):
        connect(rig)
    rig.pull()
    assert rig.disk.written == []


class AtPrompt:
    """A prompt that becomes the loader."""

    def __init__(self, wire):
        pass

    def enter_raw(self, timeout):
        pass

    def drain(self, quiet):
        pass


def interrupted(*words):
    raise KeyboardInterrupt


def interrupted_after(real):
    def call(*words):
        real(*words)
        raise KeyboardInterrupt

    return call


def a_newer_tool(monkeypatch):
    monkeypatch.setattr("pyrallax.flash.target._VERSION", 2)


def ctrl_c_at_once(monkeypatch):
    monkeypatch.setattr(AtPrompt, "drain", interrupted)


def ctrl_c_when_agreed(monkeypatch):
    monkeypatch.setattr(Target, "write_reg", interrupted_after(Target.write_reg))


FAILS = [a_newer_tool, ctrl_c_at_once, ctrl_c_when_agreed]


@pytest.mark.parametrize("fails", FAILS)
def test_a_loader_that_was_entered_in_vain_is_left(rig, monkeypatch, fails):
    monkeypatch.setattr("pyrallax.flash.session.Repl", AtPrompt)
    fails(monkeypatch)
    with pytest.raises((Unfit, KeyboardInterrupt)):
        enter(rig.wire(), "rig")
    rig.done()


@pytest.mark.parametrize("fails", FAILS)
def test_a_foreign_chip_is_not_told_to_leave(rig, monkeypatch, fails):
    monkeypatch.setattr("pyrallax.flash.session.Repl", AtPrompt)
    monkeypatch.setattr("loader.CHIP_ID", 9)
    left = []
    monkeypatch.setitem(rig.loader._handlers, 0xD3, left.append)
    fails(monkeypatch)
    with pytest.raises((Unfit, KeyboardInterrupt)):
        enter(rig.wire(), "rig")
    rig.pull()
    assert left == []


def test_a_loader_that_was_there_before_stays(rig, monkeypatch):
    """Its disk may be half written."""
    monkeypatch.setattr("pyrallax.flash.session._PROMPT_S", 0.1)
    left = []
    monkeypatch.setitem(rig.loader._handlers, 0xD3, left.append)
    a_newer_tool(monkeypatch)
    with pytest.raises(Unfit, match="version 1, this tool knows 2"):
        enter(rig.wire(), "rig")
    rig.pull()
    assert left == []


def test_a_chip_without_an_id(rig, monkeypatch):
    monkeypatch.delitem(rig.loader._handlers, 0x14)
    with pytest.raises(Unfit, match="an unknown chip, not a Pyrallax machine"):
        connect(rig)


def test_nobody_answers():
    import socket

    from pyrallax.wire import Wire

    ours, theirs = socket.socketpair()
    target = Target(WirePort(Wire(theirs.detach()), "/dev/tty.nobody"))
    with pytest.raises(Unfit, match=r"^/dev/tty\.nobody: neither the prompt nor"):
        target.open()
    ours.close()


def test_ctrl_c_three_times_leaves(rig):
    wire = rig.wire()
    wire.write(b"what is this\x03\x03")
    wire.write(b"\x03")
    rig.done()


def test_ctrl_c_in_data_does_not(rig):
    data = b"\x03" * 5000 + bytes_of(20_000)
    target = connect(rig)
    flash(target, data)
    assert rig.disk.data[2 * MIB :][: len(data)] == data
    assert target.media()  # it still serves
