"""The firmware by UEFI on many machines: the shim's log, prompt, facts, timer interrupts."""

import time

import pytest
from shimvm import events, of, read_until
from ticks import TICKS

pytestmark = pytest.mark.boot

# options of the machine
CASES = {
    "gicv2": {"gic": 2},
    "gicv3": {"gic": 3},
    "gicv2-8cpus": {"gic": 2, "cpus": 8},
    "gicv3-8cpus": {"gic": 3, "cpus": 8, "memory": 1024},
    "160mib": {"memory": 160},
    "8gib": {"memory": 8192},
    "virtio-gpu": {"display": "virtio-gpu-pci"},
    "ramfb": {"display": "ramfb", "gic": 3},
    "el2-gicv2": {"machine_options": "virtualization=on", "gic": 2},
    "el2-gicv3": {"machine_options": "virtualization=on", "gic": 3},
    "cpu-max": {"cpu": "max", "gic": 3},
}


def check(repl, options: dict, path: str) -> dict:
    """What holds on every machine; boot.hw()."""
    hw = repl.eval("__import__('boot').hw()")
    gic = options.get("gic", 2)
    assert hw["path"] == path
    assert len(hw["cpus"]) == options.get("cpus", 1)
    assert hw["gic"]["version"] == gic and hw["gic"]["lines"] >= 64
    assert bool(hw["gic"]["gicr"]) == (gic == 3) and bool(hw["gic"]["gicc"]) == (gic == 2)
    assert hw["uart"] == (0x09000000, 33) and hw["timer"][0] == 27
    el2 = "virtualization" in options.get("machine_options", "")
    assert hw["el"] == (2 if el2 else 1)
    assert hw["psci"] == ("smc" if el2 else "hvc")
    assert hw["ecam"]
    memory = options.get("memory", 512) << 20
    stats = repl.eval("__import__('boot').stats()")
    assert memory * 0.9 <= stats["ram"] <= memory
    free = repl.eval("(lambda g: (g.collect(), g.mem_free())[1])(__import__('gc'))")
    assert memory * 0.5 < free < memory, free
    repl.exec(TICKS)
    assert repl.eval("__import__('boot').stats()['spurious']") == 0
    assert repl.run("import machine\nmachine.mem32[0]").stderr.endswith(b"mapped there\r\n")
    return hw


def check_shim(text: str) -> None:
    """Nothing in the shim's log says that it refused or doubted what it found."""
    found = events(text)
    assert not of(found, "error")
    assert not [event for event, _ in found if event.endswith(("-refused", "-odd"))]
    assert of(found, "jump")[0]["lost"] == "0"


@pytest.mark.parametrize("case", CASES)
def test_boots(vm_factory, case):
    options = CASES[case]
    vm = vm_factory(machine="uefi", **options)
    check_shim(read_until(vm, r'^Type "help'))
    repl = vm.repl(60)
    hw = check(repl, options, "uefi")
    assert hw["rsdp"] and hw["smbios"] and "QEMU" in hw["vendor"]
    fb = hw["fb"]
    if case == "ramfb":
        assert fb["base"] and fb["width"] >= 640 and fb["stride"] >= fb["width"]
    elif "display" not in options:
        assert fb["base"] == 0 and fb["width"] == 0
    if case == "8gib":
        regions = repl.eval("__import__('boot').memory()")
        assert any(base >= 1 << 32 and kind == "free" for base, _, kind in regions)
        top = max(base + size for base, size, kind in regions if kind == "free")
        repl.exec(f"import machine\nmachine.mem64[{top} - 8]")


_UUID = "12345678-9abc-def0-1122-334455667788"


@pytest.fixture(scope="module")
def shared(request):
    from pyrallax.vm.config import Config
    from pyrallax.vm.qemu import Vm

    config = Config(
        machine="uefi",
        device=["virtio-rng-pci"],
        extra=["-uuid", _UUID, "-rtc", "base=2031-02-03T04:05:06"],
    )
    with Vm(config, "uefi-matrix-shared").start() as vm:
        yield vm


def test_unique_id(shared):
    """SMBIOS keeps the first three fields little-endian (DSP0134 §7.2.1)."""
    stored = shared.repl(60).eval("__import__('machine').unique_id()")
    assert stored.hex() == "78563412bc9af0de1122334455667788"


def test_time_comes_from_uefi(shared):
    now = shared.repl(60).eval("__import__('machine').RTC().datetime()")
    assert now[:3] == (2031, 2, 3) and now[4] in (4, 5), now


def test_timeline_has_the_shims_stages(shared):
    stages = shared.repl(60).eval("__import__('boot').timeline()")
    names = [name for name, *_ in stages]
    shim = ["start", "acpi", "gop", "image_loaded", "tables_built", "exit_boot", "jump"]
    assert names[: len(shim)] == shim and names[-1] == "prompt"
    assert "entry" in names and "irq" in names
    times = [us for _, us, *_ in stages]
    assert times == sorted(times)


def test_the_shims_log_is_in_dmesg(shared):
    text = shared.repl(60).exec("dmesg()")
    assert "[shim] " in text and "pyrallax: version=" in text


def test_the_rng_device_seeds(shared):
    assert shared.repl(60).eval("__import__('boot').hw()['rng']") & 1


def test_reset_boots_again(shared):
    repl = shared.repl(60)
    repl.wire.write(b"import machine\nmachine.reset()\x04")
    time.sleep(0.1)
    from pyrallax.repl import Repl

    assert b"MicroPython " in Repl(shared.wire).wait_prompt(90)
    repl = shared.repl(60)
    assert repl.exec("print(6 * 7)") == "42\n"
