"""machine and boot: what the machine is, resets, waiting."""

import subprocess
import time

import pytest

from pyrallax.repl import Repl
from pyrallax.wire import WireClosed

pytestmark = pytest.mark.boot


def _reset_seen(vm) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if any(event["event"] == "RESET" for event in vm.monitor.get_events(wait=1.0)):
            return True
    return False


@pytest.mark.parametrize("call", ["reset", "deepsleep"])
def test_resets(vm, call):
    repl = vm.repl()
    vm.monitor.clear_events()
    argument = "10" if call == "deepsleep" else ""
    repl.wire.write(f"import machine\nmachine.{call}({argument})\x04".encode())
    assert b"MicroPython " in Repl(vm.wire).wait_prompt(30)
    assert _reset_seen(vm)
    assert vm.repl().eval("__import__('machine').reset_cause()") == 1


def test_bootloader_hook(vm):
    repl = vm.repl()
    repl.exec("import boot, machine\nboot.on_bootloader(lambda *a: print('hook', a))")
    repl.wire.write(b"machine.bootloader(1)\x04")
    assert b"hook (1,)" in Repl(vm.wire).wait_prompt(30)
    # A soft reset forgets it: the object is gone with the heap.
    repl = vm.repl()
    repl.exec("import boot\nboot.on_bootloader(lambda *a: print('hook', a))")
    repl.soft_reset()
    repl.exec("import machine\nx = [[1] * 10 for _ in range(50000)]")
    repl.wire.write(b"machine.bootloader()\x04")
    assert repl.drain(0.5) == b"OK"  # the serial loader: tests/qemu/test_flash.py
    repl.wire.write(b"\x03\x03\x03")
    said = Repl(vm.wire).wait_prompt(30)
    assert b"hook" not in said and b"PANIC" not in said and b"MicroPython" in said


def test_a_bootloader_that_fails_leaves_ctrl_c(vm):
    repl = vm.repl()
    repl.exec("import loader, machine\nloader.run = lambda *a: 1 / 0")
    repl.wire.write(
        b"try:\n machine.bootloader()\nexcept ZeroDivisionError:\n print('failed')\n"
        b"while True: pass\x04"
    )
    repl.read_until(b"failed", 20)
    repl.wire.write(b"\x03")
    repl.read_until(b"KeyboardInterrupt", 20)
    vm.repl().soft_reset()


def test_poweroff(vm):
    vm.repl().wire.write(b"import machine\nmachine.poweroff()\x04")
    with pytest.raises(WireClosed):
        for _ in range(20):
            vm.wire.read(1)
    try:
        assert vm.wait(20) == 0
    except subprocess.TimeoutExpired:
        pytest.fail("the machine is still on")


def test_soft_reset_by_name(repl):
    repl.wire.write(b"import machine\nmachine.soft_reset()\x04")
    assert b"MPY: soft reboot\r\n" in repl.read_until(b"raw REPL; CTRL-B to exit\r\n>", 10)


def test_facts(repl):
    repl.exec(
        "import machine\n"
        "assert machine.freq() > 1000000\n"
        "try: machine.freq(1)\n"
        "except OSError: pass\n"
        "else: assert 0\n"
        "assert machine.unique_id() == b''\n"  # no SMBIOS without UEFI
        "machine.idle()\n"
        "try: machine.WDT()\n"
        "except OSError as e: assert e.errno == 19\n"
        "else: assert 0\n"
    )


def test_lightsleep(repl):
    repl.exec(
        "import machine, time\n"
        "for ms in (0, 1, 50, 120):\n"
        "    t = time.ticks_us()\n"
        "    machine.lightsleep(ms)\n"
        "    assert time.ticks_diff(time.ticks_us(), t) >= ms * 1000\n"
        "machine.lightsleep(-1)\n"
    )


def test_interrupts_off(repl):
    """Timers wait; time goes on; the prompt still hears."""
    repl.exec(
        "import machine, time\n"
        "n = 0\n"
        "def f(t):\n"
        "    global n\n"
        "    n += 1\n"
        "t = machine.Timer(-1, period=2, hard=True, callback=f)\n"
        "s = machine.disable_irq()\n"
        "n = 0\n"
        "time.sleep_ms(30)\n"
        "assert n == 0, n\n"
        "machine.enable_irq(s)\n"
        "time.sleep_ms(30)\n"
        "t.deinit()\n"
        "assert n >= 1, n\n"
        "s = machine.disable_irq()\n"
    )
    assert repl.exec("print(6 * 7)") == "42\n"
    repl.exec("x = '" + "a" * 20000 + "'\nassert len(x) == 20000")
    repl.exec("machine.enable_irq(s)\nimport time\ntime.sleep_ms(1)")


def test_uart_is_a_stream(repl):
    assert repl.exec(
        "import machine, select\n"
        "u = machine.UART(0, 115200, timeout=0)\n"
        "assert u.any() == 0 and u.read(1) is None\n"
        "assert u.write(b'a\\r\\nb') == 4\n"
        "u.flush()\nassert u.txdone()\n"
        "p = select.poll()\np.register(u, select.POLLIN | select.POLLOUT)\n"
        "assert p.poll(0) == [(u, select.POLLOUT)]\n"
        "u.init(timeout=50)\n"
        "import time\nt = time.ticks_ms()\nassert u.read(1) is None\n"
        "assert time.ticks_diff(time.ticks_ms(), t) >= 50\n"
        "for bad in ((1,), (0, 9600, 7)):\n"
        "    try: machine.UART(*bad)\n"
        "    except ValueError: pass\n"
        "    else: assert 0\n"
    ).startswith("a\nb")


def test_hw(repl):
    hw = repl.eval("__import__('boot').hw()")
    assert hw["path"] == "fdt" and hw["el"] == 1 and hw["psci"] == "hvc"
    assert hw["uart"] == (0x09000000, 33) and hw["cpus"] == [0]
    assert hw["gic"]["version"] == 2 and hw["gic"]["gicd"] == 0x08000000
    assert hw["timer"][0] == 27 and hw["timer"][1] > 0
    assert hw["rsdp"] == 0 and hw["fdt"] != 0 and hw["ecam"]
    assert len(repl.eval("__import__('boot').build_id()")) == 40


def test_timeline(repl):
    stages = repl.eval("__import__('boot').timeline()")
    names = [name for name, *_ in stages]
    assert names == ["start", "entry", "console", "memory", "irq", "heap", "boot_py", "prompt"]
    times = [us for _, us, *_ in stages]
    assert times == sorted(times) and times[0] == 0
    repl.soft_reset()
    assert repl.eval("__import__('boot').timeline()") == stages


def test_banner(vm):
    said = Repl(vm.wire).wait_prompt(30).decode()
    line = next(line for line in said.splitlines() if line.startswith("Pyrallax"))
    repl = Repl(vm.wire)
    repl.enter_raw()
    version, build = repl.eval("(lambda b: (b.version, b.build_id()))(__import__('boot'))")
    for word in (f"Pyrallax {version} (build {build[:8]}) on", "1 CPU", "512 MiB", "up in ", "ms"):
        assert word in line, line


def test_garbage_on_the_command_line(vm_factory):
    for append in (
        "heap=zzz dma= ramdisk=-5 loglevel=x panic= uart= =x = heap",
        "x" * 600 + " heap=8m",
        "heap=99999999999999999999999g loglevel=9999",
        "na\u00efve \u65e5\u672c \x01\x7f heap=1m heap=2m",
        " " * 400,
    ):
        vm = vm_factory(append=append)
        assert vm.repl().exec("print(6 * 7)") == "42\n", append
        assert len(vm.repl().eval("__import__('boot').cmdline()")) < 512
        vm.close()
