"""smp: CPUs that do not come, fault or are cut off by a reset."""

import re
import shutil
import struct
import subprocess

import pytest
from gdb import Gdb
from smpsetup import SETUP

from pyrallax.repl import TargetPanic
from pyrallax.vm.config import QEMU, Config

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_OPTIONS = {"cpus": 4}
_IMAGE = 0xFFFFFFFF80000000


@pytest.fixture
def py(repl):
    repl.exec(SETUP)
    return repl


def _paused(vm_factory, tmp_path, address, data, **options):
    """The prompt of a machine that has these bytes in its memory when it starts."""
    socket = tmp_path / "gdb"
    vm = vm_factory(paused=True, **options, extra=["-gdb", f"unix:{socket},server=on,wait=off"])
    gdb = Gdb(socket)
    gdb.write(address, data)
    gdb.go()
    return vm.repl()


def test_a_cpu_that_psci_refuses(vm_factory, tmp_path):
    """A device tree of three CPUs on a machine of two."""
    path = tmp_path / "virt.dtb"
    argv = [QEMU, "-M", f"virt,gic-version=2,dumpdtb={path}", "-cpu", "cortex-a72", "-smp", "3"]
    argv += ["-m", "512", "-nic", "none", "-display", "none"]
    subprocess.run(argv, check=True, timeout=60, capture_output=True)
    tree = path.read_bytes()
    tree = tree[: struct.unpack(">I", tree[4:8])[0]]
    repl = _paused(vm_factory, tmp_path, 0x40000000, tree, cpus=2)
    repl.exec(SETUP)
    assert repl.eval("smp.psci()['affinity']") == ["on", "off", "invalid parameters"]
    assert repl.eval("smp.start()") == repl.eval("smp.start()") == 2
    assert [state for _, _, state, _ in repl.eval("smp.cpus()")] == ["boot", "idle", "failed"]
    assert repl.eval("raised(smp.call, 2, 'nop')") == ("OSError", 19)
    assert repl.eval("raised(smp.ping, 2)") == ("OSError", 19)
    assert repl.eval("smp.call(1, 'nop')") is None
    log = repl.eval("__import__('klog').read()[0]").decode()
    assert "smp: cpu=2 mpidr=0x2 CPU_ON refused: invalid parameters" in log
    assert "smp: cpus=3 up=2" in log


def test_a_cpu_that_does_not_come(vm_factory, tmp_path):
    """Its first instruction is a branch to itself."""
    tool = shutil.which("llvm-nm-19") or shutil.which("llvm-nm")
    symbols = subprocess.run([tool, str(Config().firmware)], capture_output=True, text=True).stdout
    entry = int(re.search(r"^(\w+) \w smp_entry$", symbols, re.M)[1], 16)
    at = entry - 0xFFFFFFFF80000000 + 0x40200000
    repl = _paused(vm_factory, tmp_path, at, struct.pack("<I", 0x14000000), cpus=3)
    repl.exec(SETUP)
    repl.exec(
        "t = time.ticks_ms()\n"
        "assert smp.start() == 1\n"
        "took = time.ticks_diff(time.ticks_ms(), t)\n"
        "assert 900 < took < 30000, took\n"
        "def again():\n"
        "    t = time.ticks_ms()\n"
        "    assert smp.start() == 1\n"
        "    return time.ticks_diff(time.ticks_ms(), t)\n"
        "assert min(again() for _ in range(3)) < 900\n"  # does not wait once more
        "assert [c[2] for c in smp.cpus()] == ['boot', 'starting', 'starting']\n"
        "assert raised(smp.call, 1, 'nop') == ('OSError', 19)\n"
    )
    assert (
        "smp: cpu=1 mpidr=0x1 does not come" in repl.eval("__import__('klog').read()[0]").decode()
    )
    repl.soft_reset()
    assert repl.eval("6 * 7") == 42


def test_a_fault_in_plain_c(py):
    """A guard page stands for RAM that is not there: its read is no accessor's."""
    py.exec(
        f"guard = {_IMAGE} + boot.hw()['image'][1] - 4096\n"
        "try: smp.call(1, 'crc32', uctypes.bytearray_at(guard, 4096))\n"
        "except BusError as e:\n"
        "    assert guard <= e.addr < guard + 64 and e.size == 0 and not e.write, e\n"
        "    assert str(e).startswith('[Errno 14] EFAULT: read at 0x'), e\n"
        "else: assert 0\n"
        "assert smp.call(1, 'crc32', b'123456789') == 0xcbf43926\n"
    )


@pytest.mark.parametrize("answers", [True, False], ids=["reported", "alone"])
@pytest.mark.parametrize("gic", [2, 3])
def test_panic_of_another_cpu(vm_factory, gic, answers):
    """By the boot CPU, or, when that does not take interrupts, by itself."""
    vm = vm_factory(cpus=2, gic=gic, append="panic=halt")
    repl = vm.repl()
    code = "import smp, machine\nsmp.start()\n"
    if not answers:
        code += "machine.disable_irq()\n"
    with pytest.raises(TargetPanic) as caught:
        repl.exec(code + "smp.submit(1, 'crash')\nwhile True: pass", timeout=20)
    block = caught.value.block
    assert "reason CPU 1: unknown reason (undefined instruction)" in block
    assert block.count("\nbt ") >= 2


def test_reset_with_parked_cpus(vm_factory):
    vm = vm_factory(cpus=4)
    repl = vm.repl()
    for _ in range(3):
        repl.exec("import smp, machine\nassert smp.start() == 4\nj = smp.submit(1, 'nop')")
        repl.exec("smp.submit(2, 'memtest', bytearray(1 << 20), None, 100000)")
        repl.wire.write(b"machine.reset()\x04")
        repl.read_until(b"MicroPython ", 30)
        repl.enter_raw(30)


def test_tables_and_stacks(vm_factory):
    """Tables that mmu changed before the CPUs came, and puts back: the stacks stay."""
    repl = vm_factory(cpus=4).repl()
    code = "import mmu\nva = 0xffffff9000000000\nx = dma.alloc(4096, 4096)\n"
    code += "mmu.map(va, x.phys, 4096)\nassert smp.call(3, 'nop') is None\n"
    for _ in range(2):
        repl.exec(SETUP + code)
        repl.soft_reset()
    repl.exec(SETUP)
    assert repl.eval("[smp.call(i, 'nop') for i in others]") == [None] * 3
