"""A soft reset stops everything and starts clean; what runs then, and what does not."""

import pytest

pytestmark = pytest.mark.boot

_FREE = "import gc\ngc.collect()\nprint(gc.mem_free())"


def test_timers_stop_and_buffers_go(repl):
    repl.exec(
        "import machine, dma, sys\n"
        "f = lambda t: None\n"
        "ts = [machine.Timer(-1, period=1, hard=i & 1, callback=f) for i in range(9)]\n"
        "b = [dma.alloc(4096) for _ in range(10)]\n"
        "assert dma.stats()[0] == 10\n"
        "sys.modules['fake'] = 1\n"
        "x = machine.Timer(-1, period=5, callback=lambda t: print('still alive'))\n"
    )
    said = repl.soft_reset() + repl.drain(0.3)
    assert b"still alive" not in said.split(b"soft reboot")[1]
    repl.exec(
        "import dma, sys\nassert dma.stats()[:2] == (0, 0), dma.stats()\n"
        "assert 'fake' not in sys.modules and 'machine' not in sys.modules\n"
        "assert 'ts' not in globals()\n"
        "import time\nx = [[i] * 10 for i in range(20000)]\ntime.sleep_ms(50)\n"
    )


def test_with_interrupts_masked(repl):
    """Who forgot enable_irq gets them back."""
    repl.exec("import machine\nmachine.disable_irq()")
    repl.soft_reset()
    repl.exec(
        "import machine, time\nn = 0\n"
        "def f(t):\n    global n\n    n += 1\n"
        "t = machine.Timer(-1, period=2, hard=True, callback=f)\n"
        "time.sleep_ms(100)\nassert n, 'masked'\n"
    )


def test_the_ram_disk_stays(repl):
    data = bytes(range(256)) * 40
    repl.put("/ram/kept.bin", data)
    repl.soft_reset()
    assert repl.get("/ram/kept.bin") == data
    repl.exec("import os\nos.remove('/ram/kept.bin')\nassert os.getcwd() == '/ram'")


def test_fifty_leave_no_leak(repl):
    frees = set()
    for turn in range(50):
        repl.soft_reset()
        if turn % 10 == 0:
            repl.exec("x = [bytearray(1000) for _ in range(500)]")
            continue
        frees.add(int(repl.exec(_FREE)))
    assert max(frees) - min(frees) < 4096, sorted(frees)


def test_boot_and_main(vm):
    """The rules of MicroPython: main.py after boot.py, at the friendly prompt only."""
    repl = vm.repl()
    repl.put("boot.py", b"print('boot ran')\n")
    repl.put("main.py", b"print('main ran')\nkept = 5\nraise ValueError('main too')\n")
    said = repl.soft_reset()
    assert b"boot ran" in said and b"main ran" not in said
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"\x04")
    said = repl.wait_prompt(10)
    assert said.index(b"boot ran") < said.index(b"main ran") < said.index(b"main too")
    vm.wire.write(b"kept\r")
    assert b"5" in repl.wait_prompt(5)


def test_a_boot_py_that_raises(vm):
    """The prompt comes; main.py is left out, as on rp2 and esp32."""
    repl = vm.repl()
    repl.put("boot.py", b"print('boot ran')\n1 // 0\n")
    repl.put("main.py", b"print('main ran')\n")
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"\x04")
    said = repl.wait_prompt(10)
    assert b"boot ran" in said and b"ZeroDivisionError" in said and b"main ran" not in said


@pytest.mark.parametrize("name", ["boot.py", "main.py"])
def test_ctrl_c_in_boot_and_main(vm, name):
    repl = vm.repl()
    repl.put(name, b"print('in it')\nwhile True: pass\n")
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"\x04")
    repl.read_until(b"in it", 10)
    vm.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in repl.wait_prompt(10)
    repl.enter_raw()
    assert repl.exec("print(1)") == "1\n"


def test_sys_exit_in_main_is_a_soft_reset(vm):
    repl = vm.repl()
    repl.put("n.txt", b"0")
    repl.put(
        "main.py",
        b"import sys\nn = int(open('n.txt').read()) + 1\n"
        b"with open('n.txt', 'w') as f: f.write(str(n))\nprint('run', n)\n"
        b"if n < 3: sys.exit()\n",
    )
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"\x04")
    said = repl.wait_prompt(10)
    assert b"run 3" in said and said.count(b"MPY: soft reboot") == 3


def test_sys_exit_in_boot_for_ever(vm):
    """boot.py that always exits resets for ever, as on every port; Ctrl-C ends it."""
    repl = vm.repl()
    # Most of the time asleep, so that a Ctrl-C seldom falls into the reset.
    repl.put("boot.py", b"import sys, time\ntime.sleep_ms(200)\nsys.exit()\n")
    repl.exit_raw()
    repl.wait_prompt()
    vm.wire.write(b"\x04")
    for _ in range(3):
        repl.read_until(b"MPY: soft reboot", 10)
    repl.enter_raw(60)
    repl.exec("import os\nos.remove('boot.py')")


def test_made_strings_are_the_interned_ones(repl):
    """Whatever is interned, built in or since the last reset, a string that is made is that."""
    same = "''.join(['app', 'end']) is 'append'"
    made = "exec('xyzzy{0} = 1'); print(''.join(['xyz', 'zy{0}']) is 'xyzzy{0}')"
    for n in range(2):
        assert repl.eval(same)
        for i in range(3):
            assert repl.exec(made.format(10 * n + i)).strip() == "True"
        repl.exec("exec(''.join(['name%d = %d\\n' % (i, i) for i in range(2000)]))")
        assert repl.exec("print(''.join(['name1', '999']) is 'name1999')").strip() == "True"
        assert repl.exec("print(''.join(['nobody', 'has']) in globals())").strip() == "False"
        repl.soft_reset()
    assert repl.eval("''.join(['name1', '998']) in globals()") is False
