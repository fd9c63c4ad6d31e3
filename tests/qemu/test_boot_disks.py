"""Boot with disks: what is mounted where, what the command line changes, what breaks and how."""

import hashlib

import pytest
from disks import ESP, FILES, ROOT, ahci, debugfs, fsck, image

from pyrallax.vm import acpi

pytestmark = pytest.mark.storage


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return image(tmp_path_factory.mktemp("mounts") / "good.img")


@pytest.fixture
def boot(vm_factory):
    """boot(*images, **options) -> Repl of a machine with these disks; nothing is kept."""

    def start(*images, snapshot=True, **options):
        return vm_factory(**ahci(*images, snapshot=snapshot), **options).repl()

    return start


def mounted(repl):
    return dict(repl.eval("[(p, type(f).__name__) for f, p in __import__('vfs').mount()]"))


def log(repl):
    """The lines of mounts and of partitions."""
    text = repl.exec("dmesg()")
    return [
        line.split("] ", 1)[1].strip()
        for line in text.splitlines()
        if "] mounts: " in line or "] partitions: " in line
    ]


ALL = {"/": "VfsExt2", "/esp": "VfsFat", "/ram": "VfsLfs2"}


def test_root_and_esp(boot, good):
    repl = boot(good)
    assert mounted(repl) == ALL
    assert repl.eval("booted") == "from the disk"
    repl.exec("import ondisk, os, sys")
    assert repl.eval("(ondisk.VALUE, os.getcwd())") == ("a module of the disk", "/")
    assert repl.eval("sys.path") == ["", ".frozen", "/lib", "/ram", "/ram/lib"]
    assert repl.eval("sorted(os.listdir('/esp/pyrallax'))") == ["cmdline.txt", "firmware.elf"]
    assert log(repl) == ["mounts: sd0p2 is at /", "mounts: sd0p1 is at /esp"]
    sizes = "{e[0]: e[3] for e in os.ilistdir('/') if e[1] == 0x8000}"  # mpremote fs ls
    assert repl.eval(sizes) == {n: len(FILES[n]) for n in ("boot.py", "data.txt")}


def test_main_py_runs_after_boot_py(vm_factory, tmp_path):
    files = {"boot.py": "order = ['boot']", "main.py": "order.append('main')"}
    vm = vm_factory(**ahci(image(tmp_path / "d.img", files)))
    repl = vm.repl()
    assert repl.eval("order") == ["boot", "main"]


def test_a_soft_reset_mounts_again(boot, good):
    repl = boot(good)
    for _ in range(2):
        repl.soft_reset()
        assert mounted(repl) == ALL and repl.eval("booted") == "from the disk"


def test_by_uefi(vm_factory, tmp_path):
    """Firmware and command line from the image's own ESP, root from the same image."""
    disk = image(tmp_path / "d.img", cmdline="loglevel=5 root=sd0p2")
    repl = vm_factory(machine="uefi", esp=disk, **ahci(disk, snapshot=True)).repl()
    assert mounted(repl) == ALL
    assert repl.eval("__import__('boot').cmdline()") == "loglevel=5 root=sd0p2"
    assert repl.eval("booted") == "from the disk"


@pytest.mark.parametrize("machine", ["direct", "uefi"])
def test_without_a_controller_nothing_is_looked_for(vm_factory, machine):
    repl = vm_factory(machine=machine).repl()
    repl.exec("import boot, os, sys")
    assert repl.eval("boot.storage()") is None
    assert mounted(repl) == {"/ram": "VfsLfs2"} and repl.eval("os.getcwd()") == "/ram"
    left = repl.eval("[m for m in ('mounts', 'ahci', 'pci', 'acpi') if m in sys.modules]")
    assert left == [] and log(repl) == []


def test_another_machine_than_qemus_has_its_tables_read(vm_factory):
    """One that has no AHCI function, and no device of Parallels in its AML either."""
    extra = ["-smbios", "type=1,manufacturer=Parallels International GmbH."]
    repl = vm_factory(machine="uefi", extra=extra).repl()
    repl.exec("import boot, sys")
    assert repl.eval("boot.storage()") == "acpi"
    assert repl.eval("('acpi' in sys.modules, 'ahci' in sys.modules)") == (True, False)
    assert mounted(repl) == {"/ram": "VfsLfs2"} and log(repl) == []


def test_a_root_on_the_platform_controller(vm_factory, tmp_path, good):
    """PRL4010, as on Parallels: its AML says where the registers of a PCI function are."""

    def start(name, where):
        (tmp_path / name).mkdir()
        extra = acpi.arguments(acpi.Machine(gic=3, ahci=where), tmp_path / name)
        options = ahci(good, snapshot=True)
        options["device"][0] += ",addr=5"
        options["extra"] += extra
        return vm_factory(machine="uefi", gic=3, machine_options="acpi=off", **options).repl()

    base = start("first", None).eval("__import__('pci').find(class_=0x0106).bar_of(5).address")
    repl = start("second", (base, 0x1000, 36))  # INTID: a slot's INTA is SPI 3 to 6 in turn
    repl.exec("import ahci")
    assert repl.eval("[c.name for c in ahci.probe()]") == ["\\_SB.AHC0"]
    assert mounted(repl) == ALL and repl.eval("booted") == "from the disk"


def test_a_controller_behind_a_bridge(vm_factory, good):
    """By UEFI, which gives the bridge its numbers."""
    options = ahci(good, snapshot=True)
    options["device"][0] += ",bus=below"
    options["device"].insert(0, "pcie-root-port,id=below,chassis=1")
    repl = vm_factory(machine="uefi", **options).repl()
    assert repl.eval("__import__('boot').storage()") == "pci"
    assert mounted(repl) == ALL


@pytest.mark.parametrize(
    "words, expected, said",
    [
        ("noautomount", {"/ram"}, ""),
        ("root=none", {"/esp", "/ram"}, ""),
        ("root=PARTLABEL=root", set(ALL), "sd0p2 is at /"),
        ("root=sd0p7", {"/esp", "/ram"}, "root=sd0p7 is not there; there are: sd0p1 sd0p2"),
        ("root=sd0p1", {"/esp", "/ram"}, "sd0p1 is not mounted at /: "),
        ("rootflags=r0", {"/esp", "/ram"}, "sd0p2 is not mounted at /: r0: there are ro, sb"),
    ],
)
def test_command_line(boot, good, words, expected, said):
    repl = boot(good, append=words)
    assert set(mounted(repl)) == expected
    assert said in "\n".join(log(repl))


def test_read_only(vm_factory, tmp_path):
    disk = image(tmp_path / "d.img")
    before = hashlib.sha256(disk.read_bytes()).digest()
    repl = vm_factory(**ahci(disk), append="rootflags=ro").repl()
    assert mounted(repl) == ALL
    code = "try:\n open('/x', 'w')\nexcept OSError as e:\n print(e.errno)"
    assert repl.exec(code).strip() == "30"
    repl.soft_reset()
    assert hashlib.sha256(disk.read_bytes()).digest() == before


def _waiting(vm):
    """A file that is still open, another that is closed, one removed."""
    repl = vm.repl()
    repl.exec("f = open('/open.txt', 'w'); f.write('not closed' * 1000)")
    repl.exec("with open('/lib/closed.txt', 'w') as g: g.write('closed')")
    repl.exec("import machine, os; os.remove('/data.txt')")
    return repl


def test_a_soft_reset_writes_what_waits(vm_factory, tmp_path):
    disk = image(tmp_path / "d.img")
    vm = vm_factory(**ahci(disk))
    _waiting(vm).soft_reset()
    vm.process.kill()
    vm.process.wait()
    assert fsck(disk).startswith("Pass 1")
    assert debugfs(disk, "cat open.txt") == b"not closed" * 1000


@pytest.mark.parametrize("end", ["reset", "poweroff", "deepsleep"])
@pytest.mark.parametrize("callback", [False, True], ids=["prompt", "callback"])
def test_the_machine_ends(vm_factory, tmp_path, end, callback):
    """All is on the disk, which is clean.  In a callback it is as at a power cut."""
    disk = image(tmp_path / "d.img")
    options = ahci(disk)
    options["extra"].append("-no-reboot")
    vm = vm_factory(**options)
    call = f"machine.{end}({1 if end == 'deepsleep' else ''})"
    if callback:
        call = f"machine.Timer(mode=machine.Timer.ONE_SHOT, period=1, callback=lambda t: {call})"
    _waiting(vm).wire.write(call.encode() + b"\x04")
    assert vm.wait(20) == 0
    state = debugfs(disk, "show_super_stats -h")
    if callback:
        assert b"not clean" in state
        fsck(disk, "-fp", ok=(1,))
    else:
        assert b"not clean" not in state
        fsck(disk)
        assert debugfs(disk, "cat open.txt") == b"not closed" * 1000
    assert debugfs(disk, "cat lib/closed.txt") == b"closed"


_BOOTLOADER_IN_A_CALLBACK = """
import time
said = []
def tick(timer):
    try:
        machine.bootloader()
    except RuntimeError as why:
        said.append(str(why))
machine.Timer(mode=machine.Timer.ONE_SHOT, period=1, callback=tick)
while not said:
    time.sleep_ms(1)
"""

_SYNC = b"\xc0\x00\x08\x24\x00" + bytes(4) + b"\x07\x07\x12\x20" + b"U" * 32 + b"\xc0"


def test_the_loader_has_the_disk_for_itself(vm_factory, tmp_path):
    """It answers when all is on the disk, which is clean and stays so."""
    disk = image(tmp_path / "d.img")
    vm = vm_factory(**ahci(disk))
    _waiting(vm).wire.write(b"machine.bootloader()\x04" + _SYNC)
    vm.wait_for(b"\xc0\x01\x08", 20)
    vm.process.kill()
    vm.process.wait()
    assert b"not clean" not in debugfs(disk, "show_super_stats -h")
    fsck(disk)
    assert debugfs(disk, "cat open.txt") == b"not closed" * 1000


def test_a_callback_does_not_start_the_loader(vm_factory, tmp_path):
    """What it interrupted may have half of a change in memory: nothing is unmounted."""
    disk = image(tmp_path / "d.img")
    vm = vm_factory(**ahci(disk))
    repl = _waiting(vm)
    repl.exec(_BOOTLOADER_IN_A_CALLBACK)
    assert repl.eval("said") == ["bootloader: not in a callback"]
    assert mounted(repl) == ALL
    vm.process.kill()
    vm.process.wait()
    assert b"not clean" in debugfs(disk, "show_super_stats -h")
    fsck(disk, "-fp", ok=(1,))


def test_a_root_that_is_asked_for_and_no_controller(vm_factory):
    repl = vm_factory(append="root=sd0p2").repl()
    assert mounted(repl) == {"/ram": "VfsLfs2"}
    assert log(repl) == ["mounts: root=sd0p2 is not there; there are: none"]


def damaged(good, path, *changes):
    """A copy of an image with other bytes at some places."""
    data = bytearray(good.read_bytes())
    for at, text in changes:
        data[at : at + len(text)] = text
    path.write_bytes(data)
    return path


_SUPER = ROOT + 1024
_CASES = {
    "primary": ([(512, bytes(64))], set(ALL), "using the GPT backup"),
    "tables": (
        [(512, bytes(64)), ((96 << 20) - 512, bytes(64))],
        {"/ram"},
        "both GPTs are broken",
    ),
    "magic": ([(_SUPER + 56, b"\0\0")], {"/esp", "/ram"}, "sd0p2 is not mounted at /: "),
    "zeros": ([(_SUPER, bytes(1024))], {"/esp", "/ram"}, "sd0p2 is not mounted at /: "),
    "noise": ([(_SUPER + 4, b"\xff" * 48)], {"/esp", "/ram"}, "sd0p2 is not mounted at /: "),
    "fat": ([(ESP, b"\xff" * 512)], {"/", "/ram"}, "sd0p1 is not mounted at /esp: "),
    "all": (
        [(at, b"\xa5" * 65536) for at in range(0, 96 << 20, 1 << 20)],
        {"/ram"},
        "no root: there is no ext2 on sd0",
    ),
}


@pytest.mark.parametrize("case", _CASES)
def test_a_broken_disk_leaves_a_prompt(vm_factory, good, tmp_path, case):
    """One line of the log says what; what is not mounted is not written to."""
    changes, expected, said = _CASES[case]
    disk = damaged(good, tmp_path / "d.img", *changes)
    before = hashlib.sha256(disk.read_bytes()).digest()
    vm = vm_factory(**ahci(disk))
    repl = vm.repl()
    assert set(mounted(repl)) == expected, log(repl)
    lines = log(repl)
    assert any(said in line for line in lines), lines
    failures = [line for line in lines if line.startswith("mounts: ") and " is at /" not in line]
    assert len(failures) == (case != "primary"), lines
    assert b"Traceback" not in vm.log_path.read_bytes()
    if "/" not in expected:
        assert hashlib.sha256(disk.read_bytes()).digest() == before


def test_two_disks(boot, good, tmp_path):
    """The root of the first; the second's is there for who asks."""
    other = image(tmp_path / "other.img", {"which.txt": "other"})
    assert boot(good, other).eval("booted") == "from the disk"
    repl = boot(good, other, append="root=sd1p2")
    assert repl.eval("open('/which.txt').read()") == "other"
    assert log(repl) == ["mounts: sd1p2 is at /", "mounts: sd1p1 is at /esp"]


def test_a_disk_that_fails_to_read(vm_factory, good, tmp_path):
    """Errors of the medium under the superblock: one line, and a prompt."""
    copy = damaged(good, tmp_path / "d.img")
    rules = tmp_path / "rules"
    sector = _SUPER // 512
    rules.write_text(f'[inject-error]\nevent = "none"\nsector = "{sector}"\nonce = "off"\n')
    drive = (
        "driver=raw,node-name=disk,file.driver=blkdebug,"
        f"file.config={rules},file.image.driver=file,file.image.filename={copy}"
    )
    device = ["ich9-ahci,id=ahci", "ide-hd,drive=disk,bus=ahci.0,rerror=report,werror=report"]
    vm = vm_factory(device=device, extra=["-blockdev", drive])
    repl = vm.repl()
    assert "/" not in mounted(repl)
    assert [line for line in log(repl) if "sd0p2" in line]
    assert b"Traceback" not in vm.log_path.read_bytes()


def test_the_image_stays_clean(good):
    assert "non-contiguous" in fsck(good)


_SYNCS = """
import os, vfs
class Fs:
    def __init__(self, fails=False):
        self.fails, self.count = fails, 0
    def mount(self, readonly, mkfs):
        pass
    def sync(self):
        self.count += 1
        if self.fails:
            raise OSError(28)
first, last = Fs(True), Fs()
vfs.mount(first, '/first')
vfs.mount(last, '/last')
try:
    os.sync()
except OSError as why:
    print(why.errno, first.count, last.count)
from os import sync
print('sync' in dir(os))
"""


def test_os_sync_asks_every_file_system(vm_factory, tmp_path):
    """A failure reaches the caller and keeps no other from it; ext2's data is on the disk then."""
    disk = image(tmp_path / "d.img")
    vm = vm_factory(**ahci(disk))
    repl = vm.repl()
    assert repl.exec(_SYNCS).split() == ["28", "1", "1", "True"]
    repl.exec("f = open('/synced.txt', 'w'); f.write('as it was' * 3000)")
    repl.exec("try:\n os.sync()\nexcept OSError as why:\n assert why.errno == 28")
    vm.process.kill()
    vm.process.wait()
    fsck(disk, "-fp", ok=(1,))
    assert debugfs(disk, "cat synced.txt") == b"as it was" * 3000


_DEAD_ROOT = """
import mounts, os, vfs
gone = []
class Fs:
    def __init__(self, name):
        self.name = name
    def mount(self, readonly, mkfs):
        pass
    def chdir(self, path):
        if self.name == "root" and path == "/":
            raise OSError(5)
    def umount(self):
        gone.append(self.name)
        if self.name == "root":
            raise OSError(5)
vfs.mount(Fs("root"), "/")
vfs.mount(Fs("data"), "/data")
os.chdir("/data")
mounts.stop()
"""


def test_a_root_that_is_gone_keeps_no_other_from_being_unmounted(repl):
    repl.exec(_DEAD_ROOT)
    assert sorted(repl.eval("gone")) == ["data", "root"]
    assert "mounts: /: " in repl.eval("__import__('klog').read()[0].decode()")
