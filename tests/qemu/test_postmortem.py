"""The prompt after a panic: what it tells, what it refuses, and that nothing makes it loop."""

import re
import shutil
import subprocess
import time

import pytest

from pyrallax import symbolize
from pyrallax.repl import Repl, ReplTimeout, TargetError, TargetPanic
from pyrallax.vm.config import Config

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_IN_HANDLER = (
    "import boot, machine, time\n"
    "def handler(t): boot.crash({!r})\n"
    "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=20, hard=True, callback=handler)\n"
    "while True: pass"
)


def panic(repl: Repl, code: str) -> str:
    """Run code that panics; the block.  The post-mortem prompt is in raw mode then."""
    with pytest.raises(TargetPanic) as caught:
        repl.run(code, 20)
    repl.post_mortem(10)
    return caught.value.block


def halted(vm, after: float = 0.5) -> bool:
    """Whether the machine says nothing any more, whatever is typed."""
    vm.wire.write(b"\r\x03\x02\r")
    return vm.wire.read(after) == b"" and vm.process.poll() is None


@pytest.fixture
def wild(vm):
    """A machine at the prompt after a store to nowhere, in a function of its own."""
    repl = vm.repl()
    repl.exec(
        "import boot, klog, machine, dma, mmio\nklog.log(6, 'the last words')\n"
        "def culprit():\n    boot.crash('wild')\n"
        "buffer = bytearray(b'the evidence')\nimport uctypes\n"
        "machine.mem64[boot.memory()[1][0]] = uctypes.addressof(buffer)"
    )
    block = panic(repl, "culprit()")
    repl.exec("import pm, machine")
    return repl, block


def test_what_it_tells(wild):
    repl, block = wild
    assert "py 0 <stdin>:4 culprit\npy 1 <stdin>:1 <module>\n" in block
    for name, value in re.findall(r"\b(x\d+|pc|lr|sp|esr|far|spsr) (0x[0-9a-f]+)", block):
        assert repl.eval(f"pm.regs.{name}") == int(value, 16), name
    shown = repl.exec("print(pm.regs)")
    assert "far 0xdead0000dead0000" in shown and " x28 0x" in shown
    assert repl.eval("pm.regs.q31") >= 0
    assert repl.eval("pm.reason") in block
    fields = {name: (value, text) for name, value, text in repl.eval("pm.esr.fields")}
    assert fields["EC"] == (0x25, "data abort") and fields["WnR"] == (1, "write")
    assert fields["DFSC"][0] & 0x3C == 4 and "translation fault" in fields["DFSC"][1]
    assert "DFSC 0x4  translation fault" in repl.exec("print(pm.esr)")
    assert repl.eval("pm.python()") == [("<stdin>", 4, "culprit"), ("<stdin>", 1, "<module>")]
    said = repl.exec("pm.backtrace()")
    assert re.findall(r"^bt .*$", said, re.M) == re.findall(r"^bt .*$", block, re.M)
    named = symbolize.resolve(Config().firmware, symbolize.frames(said))
    assert " crash_wild modules/boot/crash.c:" in named[0]
    assert "the last words" in repl.exec("pm.log()")
    assert repl.eval("len(pm.state())") > 1000
    assert "pm.memory" in repl.exec("pm.help()")


def test_memory_is_read_only(wild):
    repl, _ = wild
    repl.exec(
        "import uctypes, dma, mmio, boot, rawmem, mmu, irq, smp, sysreg\nram = boot.memory()[1][0]"
    )
    repl.exec("buf = pm.memory[ram]\nassert pm.memory[buf:buf + 12] == b'the evidence'")
    for write in (
        "machine.mem8[buf] = 0",
        "machine.mem64[ram] = 0",
        "pm.memory[ram] = 1",
        "mmio.Regs(ram, 64)[0] = 1",
        "mmio.Regs(ram, 64).write8(0, 1)",
        "dma.alloc(64)",
        "mmu.map(1 << 42, ram, 4096)",
        "mmu.unmap(ram, 4096)",
        "mmu.protect(ram, 4096, 'r')",
        "mmu.Space()",
        "irq.request(40, print)",
        "irq.msi()",
        "smp.start()",
        "smp.call(0, 'memfill', ram, 64, 0)",
        "rawmem.write(buf, b'x', force=True)",
        "rawmem.fill(ram, 8, 0, force=True)",
        "sysreg.poke(3, 0, 13, 0, 1, 1)",
        "sysreg.CONTEXTIDR_EL1 = 1",
    ):
        with pytest.raises(TargetError, match="read-only after a panic"):
            repl.exec(write)
    repl.exec("assert pm.memory[buf:buf + 12] == b'the evidence'")
    with pytest.raises(TargetError, match=r"BusError: .* read of 8 bytes at 0x8"):
        repl.exec("pm.memory[8]")
    with pytest.raises(TargetError, match=r"BusError: .* external abort"):
        repl.exec("machine.mem32[0x09f00000]")


def test_it_is_a_prompt(wild):
    repl, _ = wild
    assert repl.eval("sum(range(10))") == 45
    repl.exec("import time\nt = time.ticks_ms()\ntime.sleep_ms(100)\nt = time.ticks_ms() - t")
    assert 100 <= repl.eval("t") < 10000
    with pytest.raises(TargetError, match="MemoryError"):
        repl.exec("bytearray(1 << 20)")
    with pytest.raises(TargetError, match="maximum recursion depth"):
        repl.exec("def g(): g()\ng()")
    with pytest.raises(TargetError, match="maximum recursion depth"):
        repl.exec("x = ()\nfor _ in range(9000): x = (x,)\nhash(x)")
    for _ in range(20):
        repl.exec("for i in range(1000): x = [i] * 100")
    with pytest.raises(ReplTimeout):
        repl.exec("while True: pass", 0.5)
    assert repl.eval("6 * 7") == 42  # Ctrl-C ended the loop


@pytest.mark.parametrize(
    "options", [{"machine": "uefi"}, {"gic": 3, "cpus": 4}, {"machine": "uefi", "gic": 3}]
)
def test_on_other_machines(vm_factory, options):
    repl = vm_factory(**options).repl()
    panic(repl, "import boot\nboot.crash('wild')")
    assert repl.eval("pm.regs.far") == 0xDEAD0000DEAD0000
    with pytest.raises(TargetError, match="read-only after a panic"):
        repl.exec("machine.mem32[0x50000000] = 1")
    assert repl.eval("6 * 7") == 42


@pytest.mark.parametrize("how", ["\x04", "import machine\rmachine.reset()\r"])
def test_it_ends_with_a_reset(vm, how):
    repl = vm.repl()
    panic(repl, "import boot\nboot.crash('assert')")
    assert repl.eval("pm.regs if __import__('pm') else 0") is None
    repl.exit_raw()
    repl.read_until(b"pm> ", 5)
    vm.wire.write(how.encode())
    assert b"MicroPython " in repl.wait_prompt(20)
    assert vm.repl().eval("__import__('pm').reason") is None


@pytest.mark.parametrize("kind", ["null", "undef", "wild", "assert", "stack"])
def test_every_kind(vm, kind):
    repl = vm.repl()
    block = panic(repl, f"import boot\nboot.crash({kind!r})")
    assert repl.eval("__import__('pm').reason") in block


def test_in_a_hard_handler(vm):
    repl = vm.repl()
    block = panic(repl, _IN_HANDLER.format("undef"))
    assert "py 0 <stdin>:2 handler" in block and "py 1 <stdin>:4 <module>" in block
    assert repl.eval("len(__import__('pm').python())") == 2


def test_exception_stack_overflow(vm):
    repl = vm.repl()
    block = panic(repl, _IN_HANDLER.format("overflow"))
    assert "reason exception stack overflow\n" in block
    named = symbolize.resolve(Config().firmware, symbolize.frames(block))
    assert any(" crash_recurse " in line for line in named), named
    pc, sp = (int(x, 16) for x in re.search(r"pc (0x\w+) .* sp (0x\w+)", block).groups())
    assert repl.eval(
        "(pm.regs.pc, pm.regs.sp) if __import__('pm') else 0".replace(
            "pm.regs", "__import__('pm').regs"
        )
    ) == (pc, sp)


def test_with_a_broken_interpreter(vm):
    """Its state is overwritten; the next thing it does faults."""
    tool = shutil.which("llvm-nm-19") or shutil.which("llvm-nm")
    symbols = subprocess.run([tool, str(Config().firmware)], capture_output=True, text=True).stdout
    address = int(re.search(r"^(\w+) \w mp_state_ctx$", symbols, re.M)[1], 16)
    repl = vm.repl()
    block = panic(
        repl,
        f"import uctypes\nb = uctypes.bytearray_at({address:#x}, 3072)\n"
        "b[:] = bytes(b'\\x5a' * 3072)\nprint(x)",
    )
    assert "=== END PANIC ===" in block
    assert repl.eval("1 + 1") == 2


@pytest.mark.parametrize("kind", ["undef", "null", "assert"])
def test_a_second_panic_is_one_line(vm, kind):
    repl = vm.repl()
    panic(repl, "import boot\nboot.crash('undef')")
    repl.exec("import boot")
    repl.exit_raw()
    repl.drain()
    vm.wire.write(f"boot.crash({kind!r})\r".encode())
    said = repl.read_until(b", halted ===\r\n", 10).decode()
    assert len(re.findall(r"^=== POST-MORTEM FAULT: .+, halted ===\r$", said, re.M)) == 1
    assert halted(vm)


@pytest.mark.vm_options(memory=24)
def test_without_memory_for_it(vm):
    repl = vm.repl()
    assert repl.eval("__import__('_pm').available()") == 0
    with pytest.raises(TargetPanic):
        repl.run("import boot\nboot.crash('undef')", 20)
    time.sleep(0.2)
    assert halted(vm)


def test_without_a_panic(repl):
    repl.exec(
        "import pm\nassert pm.reason is None and pm.regs is None and pm.esr is None\n"
        "assert pm.python() == [] and not pm.active() and pm.state() is None"
    )
    assert repl.exec("pm.backtrace()") == ""
    repl.exec("import boot\na = boot.memory()[1][0]\nassert len(pm.memory[a:a + 5]) == 5")
