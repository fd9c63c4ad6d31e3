"""Direct boots on many machines; the long list is tests/uefi/test_matrix.py."""

import pytest
from ticks import TICKS

pytestmark = pytest.mark.boot

CASES = {
    "gicv3": {"gic": 3},
    "8cpus-gicv2": {"cpus": 8},
    "8cpus-gicv3": {"cpus": 8, "gic": 3},
    "8gib": {"memory": 8192},
    "el2-gicv2": {"machine_options": "virtualization=on"},
    "el2-gicv3": {"machine_options": "virtualization=on", "gic": 3},
    "el2-max": {"machine_options": "virtualization=on", "gic": 3, "cpu": "max"},
    "cortex-a53": {"cpu": "cortex-a53"},
    "cortex-a57": {"cpu": "cortex-a57"},
    "neoverse-n1": {"cpu": "neoverse-n1", "gic": 3},
    "max": {"cpu": "max", "gic": 3},
    "low-memory-map": {"machine_options": "highmem=off"},
}


@pytest.mark.parametrize("case", CASES)
def test_boots(vm_factory, case):
    options = CASES[case]
    vm = vm_factory(**options)
    repl = vm.repl()
    hw = repl.eval("__import__('boot').hw()")
    assert hw["gic"]["version"] == options.get("gic", 2)
    assert len(hw["cpus"]) == options.get("cpus", 1)
    el2 = "virtualization" in options.get("machine_options", "")
    assert hw["el"] == (2 if el2 else 1) and hw["psci"] == ("smc" if el2 else "hvc")
    memory = options.get("memory", 512) << 20
    assert repl.eval("__import__('boot').stats()")["ram"] == memory
    assert memory // 2 < repl.eval("(lambda g: (g.collect(), g.mem_free())[1])(__import__('gc'))")
    repl.exec(TICKS)
    assert repl.run("machine.mem32[0]").stderr.endswith(b"mapped there\r\n")
    repl.exec("x = [[1.5] * 10 for _ in range(20000)]\nassert sum(map(sum, x)) == 300000")
    if case.startswith("el2"):  # reset goes by SMC there
        vm.monitor.clear_events()
        repl.wire.write(b"machine.reset()\x04")
        from pyrallax.repl import Repl

        assert b"MicroPython " in Repl(vm.wire).wait_prompt(30)
