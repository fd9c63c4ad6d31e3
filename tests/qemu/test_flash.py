"""The serial loader on the firmware: real esptool, the emulated UART, AHCI disks, a jump."""

import io
import random
import shutil
import subprocess
import sys
import time

import pytest
from disks import ESP, ROOT, ahci, image

from pyrallax.flash import transfer
from pyrallax.flash.session import enter, entered, session
from pyrallax.make import make
from pyrallax.repl import Repl
from pyrallax.vm.config import Unfit

pytestmark = pytest.mark.host
MIB = 1 << 20
GIB = 1 << 30


def nothing(done, more):
    """No progress is shown."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return image(tmp_path_factory.mktemp("flash") / "disk.img")


@pytest.fixture
def disk(made, tmp_path):
    return shutil.copyfile(made, tmp_path / "disk.img")


def flash(target, data, partition):
    place = transfer.find(target.media(), partition)
    return transfer.flash(target, io.BytesIO(data), len(data), place, nothing)


def test_disks_and_the_prompt_after_it(vm_factory, disk):
    vm = vm_factory(**ahci(disk))
    repl = vm.repl()
    repl.exec("open('/kept.txt', 'w').write('unmounted first')")
    repl.exit_raw()
    before = None
    data = random.Random(1).randbytes(70_001)
    with session(vm.wire, "qemu") as target:
        names = [(m.name, m.kind) for m in target.media()]
        assert names == [("sd0", "disk"), ("sd0p1", "esp"), ("sd0p2", "root")]
        before = disk.read_bytes()
        assert flash(target, data, "esp") == (len(data), len(data))
        after = disk.read_bytes()
        assert after == before[:ESP] + data + before[ESP + len(data) :]
        assert flash(target, data, "esp") == (len(data), 0)
        out = io.BytesIO()
        place = transfer.find(target.media(), "@2048")
        transfer.readback(target, out, place, 100_000, nothing)
        assert out.getvalue() == after[ESP : ESP + 100_000]
        began = time.monotonic()
        flash(target, bytes(16 * MIB), "esp")
        seconds = time.monotonic() - began
        assert disk.read_bytes() == before[:ESP] + bytes(16 * MIB) + before[ESP + 16 * MIB :]
        assert seconds < 20  # 5 on an idle machine: the benchmark tells
        assert target.read_reg(0x09000FE0) == 0x11  # PL011's peripheral id
        with pytest.raises(Unfit, match="room for 67108864 on sd0p1"):
            flash(target, bytes(65 * MIB), "esp")
    assert b"soft reboot" in Repl(vm.wire).wait_prompt(20)
    assert vm.repl().exec("print(open('/kept.txt').read())") == "unmounted first\n"


def test_silence_and_a_client_that_comes_late(vm_factory, disk):
    """A heartbeat, a print, a log line: none of it reaches the line."""
    vm = vm_factory(**ahci(disk, snapshot=True), append="heartbeat=100")
    repl = vm.repl()
    repl.exec("import machine")
    repl.wire.write(
        b"t = machine.Timer(period=200, callback=lambda t: print('x' * 40))\n"
        b"machine.bootloader()\x04"
    )
    repl.read_until(b"OK", 20)
    assert repl.drain(0.7) == b""
    with session(vm.wire, "qemu") as target:
        assert flash(target, b"abc", "root") == (3, 3)
    vm.repl()


def test_beyond_4_gib(vm_factory, tmp_path):
    disk = tmp_path / "disk.img"
    with disk.open("wb") as file:
        file.truncate(5 * GIB)

    def at(offset, size):
        with disk.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    vm = vm_factory(**ahci(disk))
    vm.repl().exit_raw()
    with session(vm.wire, "qemu") as target:
        for start, size in ((4 * GIB - 1024, 5000), (4 * GIB, 513), (5 * GIB - 512, 512)):
            data = random.Random(start).randbytes(size)
            old = at(start + size, 8192)
            assert flash(target, data, f"@{start // 512}") == (size, size)
            assert at(start - 512, 512) == bytes(512) and at(start, size) == data
            assert at(start + size, 8192) == old and at(0, 8192) == bytes(8192)
            out = io.BytesIO()
            place = transfer.find(target.media(), f"@{start // 512}")
            transfer.readback(target, out, place, size, nothing)
            assert out.getvalue() == data
            with disk.open("r+b") as file:
                file.seek(start)
                file.write(bytes(size))


def test_without_a_disk_and_a_damaged_firmware(vm_factory, elf, tmp_path):
    """What fails before a write ends at the prompt."""
    vm = vm_factory()
    vm.repl().exit_raw()
    with pytest.raises(Unfit, match="no disk"), session(vm.wire, "qemu") as target:
        flash(target, b"abc", "root")
    assert b"soft reboot" in Repl(vm.wire).wait_prompt(20)
    bad = tmp_path / "bad.elf"
    bad.write_bytes(elf.read_bytes()[:20_000])
    refused = pytest.raises(Unfit, match="cannot be started: segment-outside-file")
    with refused, entered(vm.wire, "qemu") as target:
        transfer.ramboot(target, bad, nothing)
    assert b"soft reboot" in Repl(vm.wire).wait_prompt(20)
    assert vm.repl().eval("1 + 1") == 2


CONFIGS = [
    {"cpus": 4},
    {"gic": 3, "cpus": 2},
    {"machine": "uefi"},
]


@pytest.fixture(scope="module")
def elf():
    return make("firmware-stripped.elf")


def over_the_line(vm, elf):
    transfer.ramboot(enter(vm.wire, "qemu"), elf, nothing)


# What the loader does when it has the image, which takes seconds on the line.
FROM_DISK = """
import ahci, boot
disk = ahci.disks()[1]
image = bytearray(disk.ioctl(4, 0) * 512)
assert disk.readblocks(0, image) == 0
boot.load(memoryview(image)[:%d])
boot.start()
"""


def from_the_second_disk(vm, elf):
    repl = vm.repl()
    repl.wire.write((FROM_DISK % elf.stat().st_size).encode() + b"\x04")
    repl.read_until(b"OK", 10)


WAYS = [over_the_line, from_the_second_disk]


@pytest.mark.parametrize("options", CONFIGS, ids=["direct", "gic3", "uefi"])
def test_ramboot(vm_factory, elf, made, tmp_path, options):
    second = tmp_path / "elf.img"
    second.write_bytes(elf.read_bytes() + bytes(-elf.stat().st_size % 512))
    disks = ahci(made, second, snapshot=True)
    device = [*disks["device"], "edu"]
    vm = vm_factory(**{**options, "extra": disks["extra"], "device": device})
    repl = vm.repl()
    before = repl.eval("__import__('boot').hw()")
    free = repl.eval("sum(n for _, n, kind in __import__('boot').memory() if kind == 'free')")
    repl.exec("import smp; smp.start()\nimport irq\nif irq.info()['msi']: irq.msi(2)")
    repl.exec("import pci; pci.find(0x1234, 0x11e8).enable()")
    marker = repl.eval("__import__('boot').timeline(True)[0][1]")
    for way in WAYS if options == CONFIGS[0] else WAYS[1:]:
        way(vm, elf)
        vm._prompted = False
        said = Repl(vm.wire).wait_prompt(30)
        assert b"Pyrallax" in said and b" ms" in said, said
        repl = vm.repl()
        if way is over_the_line:
            master = "__import__('pci').find(0x1234, 0x11e8).cfg.read16(4) & 4"
            assert repl.eval(master) == 0  # no DMA into what is somebody else's memory now
        now = repl.eval("__import__('boot').hw()")
        same = {key for key in before if key not in ("image", "el", "gic", "rng")}
        assert {k: now[k] for k in same} == {k: before[k] for k in same}
        assert now["image"] != before["image"]
        assert repl.eval("__import__('boot').timeline(True)[0][1]") > marker
        assert repl.eval("__import__('smp').start()") == options.get("cpus", 1)
        assert repl.exec("print(open('/data.txt').read())") == "some text\n\n"
        now_free = repl.eval(
            "sum(n for _, n, kind in __import__('boot').memory() if kind == 'free')"
        )
        assert abs(now_free - free) < 2 * MIB
    assert vm.evidence() == ""


def test_the_commands(vm_factory, disk, tmp_path):
    """pyrallax flash and readback on a PTY, as a user types them."""
    from pyrallax.vm.pty import Bridge

    vm = vm_factory(**ahci(disk))
    vm.repl().exit_raw()
    bridge = Bridge(vm.wire)
    import threading

    stop = threading.Event()
    thread = threading.Thread(target=lambda: bridge.run(stop.is_set))
    thread.start()
    data = random.Random(2).randbytes(3000)
    (tmp_path / "image").write_bytes(data)

    def run(*words):
        argv = [sys.executable, "-m", "pyrallax", *map(str, words), "--serial", bridge.path]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60)

    try:
        done = run("flash", tmp_path / "image", "--partition", "root")
        assert done.returncode == 0, done.stderr
        assert "sd0p2: 3000 bytes are there, verified" in done.stdout and done.stderr == ""
        done = run("readback", tmp_path / "back", "--partition", "sd0p2", "--size", "3000")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "back").read_bytes() == data
        done = run("flash", tmp_path / "image", "--partition", "swap")
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        assert "--partition swap is not there; the target has sd0 (disk" in done.stderr
    finally:
        stop.set()
        thread.join()
        bridge.close()
    assert disk.read_bytes()[ROOT : ROOT + 3000] == data
