"""smp: the other CPUs come, work and stop without harm to the prompt."""

import binascii
import time

import pytest
from smpsetup import SETUP

pytestmark = [pytest.mark.boot, pytest.mark.probe]

VM_OPTIONS = {"cpus": 4}


@pytest.fixture
def py(repl):
    repl.exec(SETUP)
    return repl


_MACHINES = {
    "1cpu-gicv2": {},
    "1cpu-gicv3": {"gic": 3},
    "4cpus-gicv2": {"cpus": 4},
    "4cpus-gicv3": {"cpus": 4, "gic": 3},
    "8cpus-gicv2": {"cpus": 8},
    "8cpus-gicv3": {"cpus": 8, "gic": 3},
    "20cpus-gicv3": {"cpus": 20, "gic": 3, "memory": 1024},
    "el2-gicv2": {"cpus": 3, "machine_options": "virtualization=on"},
    "el2-gicv3": {"cpus": 3, "machine_options": "virtualization=on", "gic": 3},
    "el2-max": {"cpus": 3, "machine_options": "virtualization=on", "gic": 3, "cpu": "max"},
    "uefi-gicv2": {"machine": "uefi", "cpus": 4},
    "uefi-gicv3": {"machine": "uefi", "cpus": 4, "gic": 3},
}


@pytest.mark.parametrize("case", _MACHINES)
def test_all_cpus_work(vm_factory, case):
    options = _MACHINES[case]
    count = options.get("cpus", 1)
    repl = vm_factory(**options).repl()
    repl.exec(SETUP)
    psci = repl.eval("smp.psci()")
    assert psci["conduit"] == ("smc" if case.startswith("el2") else "hvc")
    assert psci["version"] >= (0, 2) and psci["affinity"] == ["on"] + ["off"] * (count - 1)
    assert repl.eval("smp.count()") == len(repl.eval("boot.hw()['cpus']")) == count
    assert repl.eval("smp.start()") == count
    assert repl.eval("smp.start()") == count
    assert repl.eval("smp.psci()['affinity']") == ["on"] * count
    cpus = repl.eval("smp.cpus()")
    assert [cpu[2] for cpu in cpus] == ["boot"] + ["idle"] * (count - 1)
    assert [cpu[1] for cpu in cpus] == repl.eval("boot.hw()['cpus']")
    # Awake and asleep: parked CPUs go from WFE to WFI after two milliseconds.
    for pause in (0, 30):
        repl.exec(
            "d = data(100000)\n"
            f"time.sleep_ms({pause})\n"
            "jobs = [smp.submit(i, 'crc32', d) for i in others]\n"
            "assert [j.wait(5000) for j in jobs] == [rawmem.crc32(d)] * len(others)\n"
        )
    assert [cpu[3] for cpu in repl.eval("smp.cpus()")] == [0] + [2] * (count - 1)
    if count > 1:
        # GICD_TYPER: every CPU reads the same.
        gicd = repl.eval("boot.hw()['gic']['gicd']")
        assert repl.eval(f"smp.call(others[-1], 'peek', {gicd} + 4) & 0x1f") > 0
        assert repl.eval("smp.shootdown(others[-1], 200)") == (200, 200, 0, 0)
    repl.soft_reset()
    repl.exec(SETUP)
    assert repl.eval("[smp.call(i, 'nop') for i in others]") == [None] * (count - 1)


def test_functions(py):
    names = [name for name, usage in py.eval("smp.functions()")]
    assert names[:3] == ["nop", "crc32", "memtest"]
    data = bytes((i * 7 + i // 256) & 255 for i in range(200001))
    py.exec("d = data(200001)")
    for n in (0, 1, 65536, 65537, 200001):
        assert py.eval(f"smp.call(1, 'crc32', d, {n})") == binascii.crc32(data[:n])
    py.exec(
        "b = bytearray(200000)\n"
        "assert smp.call(2, 'copy', b, d, 200000)[0] == 200000 and b == d[:200000]\n"
        "assert smp.call(2, 'fill', b, 100000, 3)[0] == 300000\n"
        "assert b[:100000] == b'\\x5a' * 100000 and b[100000:] == d[100000:200000]\n"
        "n, ticks = smp.call(3, 'read', d)\n"
        "assert n == 200001 and ticks > 0\n"
        "assert smp.call(3, 'memtest', b, None, 2) is None\n"
        "with dma.alloc(1 << 16) as x:\n"
        "    assert smp.call(1, 'memtest', x) is None\n"
        "    assert smp.call(1, 'memtest', x.phys, 1 << 16) is None\n"
        "assert 'nop' in repr(smp.submit(1, 'nop'))\n"
    )


def test_memtest_finds_what_changes(py):
    """Another CPU tests memory that this one spoils."""
    py.exec(
        "b = dma.alloc(8 << 20)\n"
        "j = smp.submit(1, 'memtest', b, None, 1000)\n"
        "at = b.phys + 0x123450\n"
        "while not j.done(): rawmem.write(at, b'\\xa5\\x5a', 8)\n"
        "bad = j.wait()\n"
        "assert bad[0] == at and bad[1] != bad[2], bad\n"
        "assert bad[3] in ('pattern', 'address', 'march'), bad\n"
        "b.free()\n"
    )


def test_exclusives(py):
    """Increments of one word by all CPUs at once, none lost."""
    py.exec(
        "w = bytearray(64)\n"
        "p = (uctypes.addressof(w) + 7) & ~7\n"
        "m = memoryview(w)[p - uctypes.addressof(w):]\n"
        "jobs = [smp.submit(i, 'add', m, 100000) for i in others]\n"
        "got = [j.wait()[0] for j in jobs]\n"
        "assert max(got) == int.from_bytes(m[:8], 'little') == 100000 * len(others), got\n"
    )


def test_ping_and_shootdown(py):
    rounds, ticks = py.eval("smp.ping(1, 5000)")
    assert rounds == 5000 and ticks > 0
    for cpu in (1, 2, 3):
        # Each round stops every CPU of QEMU for its TLBI, and takes a millisecond or more.
        rounds, stale, missed, wrong = py.eval(f"smp.shootdown({cpu}, 1000)")
        assert (rounds, missed, wrong) == (1000, 0, 0)
        assert stale > 0  # else the invalidation was not put to the test
    free = py.eval("boot.stats()['free']")
    py.eval("smp.shootdown(1, 10)")
    assert py.eval("boot.stats()['free']") == free


def test_faults_come_back(py):
    for addr in (0, 0x09F00000, 1 << 45):
        for width in (8, 16, 32, 64):
            py.exec(
                f"try: smp.call(1, 'peek', {addr}, {width})\n"
                "except BusError as e:\n"
                f"    assert (e.addr, e.size, e.write) == ({addr}, {width // 8}, False), e\n"
                "    assert e.pc > 0xffffffff80000000 and e.errno == 14\n"
                "else: assert 0\n"
            )
    py.exec(
        "for i in range(1000): raised(smp.call, 1 + i % 3, 'peek', 0)\n"
        "gc.collect(); free = gc.mem_free()\n"
        "for i in range(1000): raised(smp.call, 1 + i % 3, 'peek', 0)\n"
        "gc.collect(); assert abs(gc.mem_free() - free) < 1024\n"
        "j = smp.submit(2, 'peek', 0)\n"
        "for i in range(3): assert raised(j.wait) == ('BusError', 14)\n"
        "assert smp.call(2, 'crc32', b'123456789') == 0xcbf43926\n"
    )


def test_wrong_arguments(py):
    for call, want in (
        ("0, 'nop'", "ValueError"),
        ("4, 'nop'", "ValueError"),
        ("-1, 'nop'", "ValueError"),
        ("None, 'nop'", "TypeError"),
        ("1, 'nope'", "ValueError"),
        ("1, 5", "TypeError"),
        ("1, 'nop', 1", "TypeError"),
        ("1, 'crc32'", "TypeError"),
        ("1, 'crc32', 0x48000000", "TypeError"),
        ("1, 'crc32', 0x09000000, 16", "ValueError"),
        ("1, 'crc32', 0xffffffff80000000, 16", "ValueError"),
        ("1, 'crc32', (1 << 64) - 8, 16", "ValueError"),
        ("1, 'crc32', b'123', 4", "ValueError"),
        ("1, 'crc32', b'123', -1", "ValueError"),
        ("1, 'memtest', bytes(16)", "TypeError"),
        ("1, 'memtest', bytearray(15)", "ValueError"),
        ("1, 'memtest', bytearray(16), None, 0", "ValueError"),
        ("1, 'copy', bytearray(8), b'12'", "ValueError"),
        ("1, 'peek', 2, 32", "ValueError"),
        ("1, 'peek', 0, 24", "ValueError"),
    ):
        assert py.eval(f"raised(smp.call, {call})")[0] == want, call
    # The firmware's own memory, by address: not to be written, wherever it lies.
    py.exec(
        "x = bytearray(4096)\n"
        "kept = [uctypes.addressof(x), uctypes.addressof(boot.ramdisk())]\n"
        "kept += [r[0] for r in boot.memory() if r[2] not in ('free', 'mmio', 'fb', 'image')]\n"
        "free = boot.stats()['free']\n"
        "for a in kept: assert raised(smp.call, 1, 'fill', a, 64) == ('OSError', 1), hex(a)\n"
        "assert raised(smp.call, 1, 'fill', boot.hw()['image'][0], 64)[0] == 'ValueError'\n"
        "assert boot.stats()['free'] == free\n"
        "base, size = rawmem.free()[-1]\n"
        "j = smp.submit(1, 'memtest', base, size, 1000)\n"
        "assert boot.stats()['free'] == free - size\n"
        "assert raised(smp.call, 2, 'fill', base, 64) == ('OSError', 1)\n"
        "assert raised(smp.submit, 1, 'nop') == ('OSError', 16)\n"
        "j.stop()\n"
        "assert raised(j.wait, 2000) == ('OSError', 125), raised(j.wait, 2000)\n"
        "assert boot.stats()['free'] == free\n"
    )


def test_a_buffer_in_use_keeps_its_size(py):
    py.exec(
        "b = bytearray(100000)\n"
        "j = smp.submit(1, 'fill', memoryview(b)[64:], None, 1 << 40)\n"
        "x = [1] * 1000\n"  # others may grow
        "for i in range(1000): x.append(i)\n"
        "assert raised(b.extend, bytes(200000))[0] == 'OSError'\n"
        "assert raised(b.append, 1)[0] == 'OSError' and len(b) == 100000\n"
        "j.stop()\nassert raised(j.wait, 2000) == ('OSError', 125)\n"
        "b.extend(bytes(200000))\nassert len(b) == 300000 and b[64] == 0x5a\n"
    )


def test_not_in_a_hard_handler(py):
    py.exec(
        "import irq\n"
        "def f(line): smp.start()\n"
        "line = irq.request(9, f, hard=True)\nline.pend()\ntime.sleep_ms(5)\n"
        "assert line.state == 'raised'\nline.free()\n"
        "assert smp.start() == 4\n"
    )


def test_waiting(py):
    py.exec(
        "b = dma.alloc(8 << 20)\n"
        "j = smp.submit(1, 'memtest', b, None, 100000)\n"
        "t = time.ticks_ms()\n"
        "assert raised(j.wait, 100) == ('OSError', 110) and not j.done()\n"
        "assert 99 <= time.ticks_diff(time.ticks_ms(), t) < 10000\n"
        "assert j.cpu == 1 and 'running' in repr(j)\n"
        "assert smp.cpus()[1][2] == 'busy'\n"
    )
    py.wire.write(b"j.wait()\x04")  # Ctrl-C leaves the job alone
    py.read_until(b"OK", 5)
    time.sleep(0.2)
    py.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in py.read_until(b"\x04>", 5)
    assert py.eval("j.done()") is False
    py.exec("j.stop()\nassert raised(j.wait, 2000) == ('OSError', 125)")
    py.wire.write(b"smp.call(1, 'memtest', b, None, 100000)\x04")  # and ends a call
    py.read_until(b"OK", 5)
    time.sleep(0.2)
    py.wire.write(b"\x03")
    assert b"KeyboardInterrupt" in py.read_until(b"\x04>", 5)
    assert py.eval("smp.cpus()[1][2]") == "idle"
    assert py.eval("smp.call(1, 'nop')") is None


def test_soft_reset_stops_work(py):
    free = py.eval("boot.stats()['free']")
    py.exec("for i in others: smp.submit(i, 'memtest', bytearray(1 << 20), None, 100000)")
    py.exec("base, size = rawmem.free()[-1]\nraised(smp.submit, 1, 'memtest', base, size)")
    py.soft_reset()
    py.exec(SETUP)
    assert [state for _, _, state, _ in py.eval("smp.cpus()")] == ["boot"] + ["idle"] * 3
    py.exec("x = [bytearray(1 << 20) for i in range(50)]\nassert not any(map(any, x))")
    assert py.eval("[smp.call(i, 'nop') for i in others]") == [None] * 3
    py.soft_reset()
    assert py.eval("__import__('boot').stats()['free']") == free
    # Taken free RAM comes back as well.
    py.exec(SETUP + "base, size = rawmem.free()[-1]\nsmp.submit(1, 'memtest', base, size, 99999)")
    py.soft_reset()
    assert py.eval("__import__('boot').stats()['free']") == free


def test_garbage_collection_keeps_buffers(py):
    py.exec(
        "smp.submit(1, 'memtest', bytearray(1 << 20), None, 3)\n"
        "for i in range(20):\n"
        "    gc.collect()\n"
        "    x = [bytearray(1 << 16) for _ in range(20)]\n"
        "    assert not any(map(any, x))\n"
    )


def test_tables_keep_still_while_a_cpu_works(py):
    py.exec(
        "import mmu\n"
        "j = smp.submit(1, 'memtest', bytearray(1 << 20), None, 99999)\n"
        "assert raised(mmu.unmap, 0x0a000000, 4096) == ('OSError', 16)\n"
        "j.stop()\n"
        "raised(j.wait)\n"
        "mmu.unmap(0x0a000000, 4096)\n"
        "assert raised(rawmem.read, 0x0a000000, 4) == ('BusError', 14)\n"
    )


def test_calls_are_no_storm(py):
    """Work longer than the caller spins, so that each ends with an interrupt."""
    py.exec(
        "d = bytearray(1 << 20)\n"
        "t = time.ticks_ms()\n"
        "for i in range(300): smp.call(1 + i % 3, 'crc32', d)\n"
        "assert time.ticks_diff(time.ticks_ms(), t) < 20000\n"  # a lost interrupt costs a second
    )
