"""Time: the wall clock from PL031, ticks, sleeping."""

import calendar
import time

import pytest

pytestmark = pytest.mark.boot


@pytest.mark.vm_options(extra=["-rtc", "base=2030-01-02T03:04:05"])
def test_pl031(vm):
    now = vm.repl().eval("__import__('machine').RTC().datetime()")
    then = calendar.timegm((*now[:3], *now[4:7]))
    assert 0 <= then - calendar.timegm((2030, 1, 2, 3, 4, 5)) < 60, now
    assert now[3] == 2  # a Wednesday
    assert vm.repl().eval("__import__('time').localtime()")[:3] == (2030, 1, 2)


def test_the_hosts_time(vm):
    # By default QEMU's clock is the host's in UTC, also where the host's zone is not.
    guest = vm.repl().eval("__import__('time').time()")
    assert abs(guest - time.time()) < 60


def test_set_and_read_back(repl):
    repl.exec(
        "import machine, time\n"
        "R = machine.RTC()\n"
        "for y in (2000, 2024, 2038, 2100, 2553):\n"
        "    R.datetime((y, 2, 28, 0, 23, 59, 58, 0))\n"
        "    d = R.datetime()\n"
        "    assert d[:3] == (y, 2, 28) and d[4:6] == (23, 59) and d[6] in (58, 59), d\n"
        "    assert 0 <= d[7] < 1000000\n"
        "    assert time.localtime()[:3] == (y, 2, 28)\n"
        "    assert abs(time.time_ns() // 1000000000 - time.time()) <= 1\n"
        "R.datetime((2024, 2, 29, 0, 0, 0, 0, 500000))\n"
        "assert 500000 <= R.datetime()[7] < 900000\n"
        "assert R.datetime()[3] == 3\n"  # a Thursday
        "for bad in ((2023, 2, 29, 0, 0, 0, 0, 0), (1999, 1, 1, 0, 0, 0, 0, 0),\n"
        "            (2554, 1, 1, 0, 0, 0, 0, 0), (2024, 13, 1, 0, 0, 0, 0, 0),\n"
        "            (2024, 0, 1, 0, 0, 0, 0, 0), (2024, 1, 0, 0, 0, 0, 0, 0),\n"
        "            (2024, 1, 32, 0, 0, 0, 0, 0), (2024, 1, 1, 0, 24, 0, 0, 0),\n"
        "            (2024, 1, 1, 0, 0, 60, 0, 0), (2024, 1, 1, 0, 0, 0, 60, 0),\n"
        "            (2024, 1, 1, 0, -1, 0, 0, 0), (2024, 1, 1)):\n"
        "    try: R.datetime(bad)\n"
        "    except ValueError: pass\n"
        "    else: assert 0, bad\n"
    )


def test_time_goes_on_over_a_soft_reset(repl):
    repl.exec("import machine\nmachine.RTC().datetime((2040, 1, 1, 0, 0, 0, 0, 0))")
    repl.soft_reset()
    assert repl.eval("__import__('time').localtime()")[:4] == (2040, 1, 1, 0)


def test_ticks_are_monotone(repl):
    repl.exec(
        "import time\n"
        "for f in (time.ticks_ms, time.ticks_us, time.ticks_cpu):\n"
        "    last = f()\n"
        "    for _ in range(3000):\n"
        "        now = f()\n"
        "        assert time.ticks_diff(now, last) >= 0\n"
        "        last = now\n"
        "last = time.time_ns()\n"
        "for _ in range(3000):\n"
        "    now = time.time_ns()\n"
        "    assert now >= last\n"
        "    last = now\n"
    )


@pytest.mark.vm_options(icount=True)
def test_sleep_is_accurate(vm):
    """By icount, where a nanosecond is an instruction and the host's load does not count."""
    repl = vm.repl()
    took = repl.eval(
        "(lambda t: [(us, (lambda s: (t.sleep_us(us), t.ticks_diff(t.ticks_us(), s))[1])"
        "(t.ticks_us())) for us in (0, 1, 30, 49, 51, 100, 1000, 20000, 100000)])"
        "(__import__('time'))",
        timeout=60,
    )
    for asked, us in took:
        assert asked <= us <= asked + 150 + asked // 100, took
    repl.exec(
        "import time\n"
        "for f, a in ((time.sleep, -1), (time.sleep_ms, -5), (time.sleep_us, -5)):\n"
        "    t = time.ticks_us()\n"
        "    f(a)\n"
        "    assert time.ticks_diff(time.ticks_us(), t) < 1000\n"
    )


def _cpu_s(vm) -> float:
    """CPU seconds that QEMU has used."""
    import os

    words = open(f"/proc/{vm.process.pid}/stat").read().rsplit(")", 1)[1].split()  # noqa: SIM115
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(2)",
        "import asyncio\nasync def f(): await asyncio.sleep(2)\nasyncio.run(f())",
        "import select, sys\np = select.poll()\np.register(sys.stdin)\np.poll(2000)",
        "import machine\nmachine.lightsleep(2000)",
    ],
    ids=["sleep", "asyncio", "poll", "lightsleep"],
)
def test_waiting_uses_no_cpu(vm, code):
    repl = vm.repl()
    repl.exec("pass")
    before = _cpu_s(vm)
    repl.exec(code)
    assert _cpu_s(vm) - before < 0.5


def test_the_prompt_uses_no_cpu(vm):
    vm.repl().exit_raw()
    time.sleep(0.5)
    before = _cpu_s(vm)
    time.sleep(2)
    assert _cpu_s(vm) - before < 0.5
