"""The stubs against the firmware: the same names both ways, arguments, kinds of values."""

import ast
import json
from pathlib import Path

import pytest

from pyrallax.repl import Repl
from pyrallax.stubs.shape import arity, fits, load, members
from pyrallax.stubs.source import modules, public

pytestmark = pytest.mark.host
VM_OPTIONS = {
    "cpus": 2,
    "device": ["ich9-ahci,id=a", "ide-hd,drive=d0,bus=a.0"],
    "extra": ["-blockdev", "driver=null-co,node-name=d0,size=1048576,read-zeroes=on"],
}

STUBS = load()
FROZEN = modules()
NATIVE = sorted(name for name, stub in STUBS.items() if not stub.made)
# Of every object, or given by MicroPython to every exception.
BASE = {"__enter__", "__exit__"}
EXCEPTION = {"args", "value", "errno"}

# One of each class in C, made by code whose names the next ones may use.
INSTANCES = {
    "mmio.Regs": "regs = mmio.Regs(boot.hw()['uart'][0], 0x1000, name='uart')",
    "irq.Line": "line = irq.request(5, print)",
    "irq.Vectors": "vectors = irq.msi()",
    "irq.Held": "held = irq.Held(len)",
    "mmu.Space": "space = mmu.Space()",
    "trace.Ring": "ring = trace.Ring(4)",
    "dma.Buffer": "buffer = dma.alloc(20000, 1024)",
    "ahcicmd.Hba": "hba = ahcicmd.Hba(regs)",
    "ahcicmd.Port": (
        "port = ahcicmd.Port(hba, regs.window(0, 0x80), 0, buffer, dma.alloc(4096, 1024))"
    ),
    "xhciring.Controller": (
        "fake = mmio.Regs(dma.alloc(64).phys, 64); fake[4] = 1; "  # halted
        "xhci = xhciring.Controller(fake, fake, fake)"
    ),
    "xhciring.Ring": "xhci_ring = xhciring.Ring(xhci, 1, 1)",
    "smp.Job": "smp.start(); job = smp.submit(1, 'nop')",
    "loaderc.md5": "md5 = loaderc.md5()",
    "loaderc.Feed": "feed = loaderc.Feed(lambda: b'')",
    "machine.Timer": "timer = machine.Timer()",
    "machine.RTC": "rtc = machine.RTC()",
    "machine.UART": "uart = machine.UART(0)",
    "machine.PinBase": "pin = machine.PinBase()",
    "machine.Signal": "signal = machine.Signal(pin)",
    "machine.BusError": "try: machine.mem32[0x9100000]\nexcept BusError as e: error = e",
    "machine._Memory": "memory = machine.mem32",
}
WITHOUT = {
    "machine.WDT": "QEMU virt has no watchdog",
    "machine._Pin": "for type checkers",
}
WRITE_ONLY = {("ahcicmd.Hba", "notify")}
# Calls that change nothing: what they give is what the stub says.
CALLS = """
boot.timeline() boot.timeline(True) boot.counter() boot.instructions() boot.hw() boot.memory()
boot.stats() boot.heartbeat() boot.cmdline() boot.build_id() boot.ramdisk() boot.storage()
boot.usb() irq.stats() irq.info() smp.count() smp.cpus() smp.psci() smp.functions() smp.ping(1,5)
smp.shootdown(1,5) smp.call(1,'nop') mmu.translate(0x40000000) mmu.translate(1<<45)
mmu.walk(0x40000000) mmu.walk(1<<45) mmu.regions() mmu.stats() mmu.current() mmu.selftest(2)
rawmem.read(b'abc') rawmem.compare(b'ab',b'ac') rawmem.find(b'abc',3,b'c') rawmem.crc32(b'abc')
rawmem.memtest(bytearray(64)) rawmem.fill(bytearray(8),8,0) rawmem.free() trace.stack()
klog.read() klog.level() klog.log(7,'stubs') klog.console('x') dma.stats() dma.check()
dma.broken() sysreg.names() sysreg.caches() sysreg.read(3,0,0,0,0) machine.unique_id()
machine.freq() machine.reset_cause() machine.idle() prompt.before() prompt.probing(1)
ext2c.crc32c(0,b'a') ext2c.below('/a/b','/a') ext2c.below('/c','/a')
ext2c.byte(b'ab',98,0,2) ext2c.word(bytes(8),4) ext2c.run(bytes(8),0,2)
ext2c.stat(bytes(256),0,2)
ext2c.free_run(bytes(8),0,64,8) ext2c.fill(bytearray(8),1) ext2c.part(b'abc',1,2)
ext2c.lookup(({},),1)
ext2c.kept({},{},4) ext2c.copy(bytearray(4),0,b'ab',0,2) ext2c.set_bits(bytearray(8),0,4,1)
_efi.system_table() _efi.raw_map() _pm.active() _pm.available() _pm.reason() _pm.frame()
_pm.backtrace() _pm.python() _pm.names(0x96000044) _pm.state() _pm.read(0x40000000,8)
"""


# The same of frozen modules: calls, and what is behind them.
BEHIND = """
pci.scan() pci.problems() pci.find_all() pci.function('00:00.0') acpi.tables() acpi.devices()
acpi.find('LNRO0015') acpi.table('APIC') acpi.table('NONE') acpi.refused() acpi.system()
ahci.probe() ahci.disks() fwcfg.device() probe.devices.names() probe.devices.name(1)
probe.devices.name(0x8000000) probe.devices.device('gicd') probe.devices.addr('gicd','CTLR')
probe.memory.crc32(b'abc') probe.memory.compare(b'ab',b'ac') probe.memory.find(b'c',b'abc')
probe.smbios.structures() probe.smbios.raw() probe.timing.timeit('1',10)
"""
OBJECTS = {
    "pci_function.Function": "pci.scan()[0]",
    "acpi_tables.Table": "acpi.table('APIC')",
    "acpi_devices.Device": "acpi.devices()[0]",
    "fwcfg.FwCfg": "fwcfg.device()",
    "probe.regs.Map": "Map('x', 'y', '0x00 ID RO A@3:0')",
    "probe.timing.Timing": "probe.timing.timeit('1', 10)",
    "ahci_disk.Disk": "ahci.disks()[0]",
    "ahci_controller.Controller": "ahci.probe()[0]",
    "ahci_identify.Identity": "ahci.disks()[0].info",
    "partition.Partition": "partition.Partition(ahci.disks()[0], 0, 1, 1)",
}


@pytest.fixture
def target(repl: Repl) -> Repl:
    """The shared prompt with stubprobe's functions."""
    repl.exec((Path(__file__).parent / "stubprobe.py").read_text())
    repl.exec("import " + ", ".join([*NATIVE, "ahci"]))
    return repl


def _json(target: Repl, code: str):
    return json.loads(target.exec(code))


def _check_arguments(where: str, said: tuple, found: list | None, problems: list[str]) -> None:
    if found is None:
        return  # a function in Python: made from its source, or compared with it by test_stubs
    least, most, keywords = found
    if keywords:  # which and how many is in C: tests/unit/test_stubs.py
        if not said[2] or said[0] < least:
            problems.append(f"{where}: takes keywords, at least {least} arguments; {said}")
    elif said[1] == -1:  # *args, of which C may have a greatest number
        if least != said[0] or -1 < most <= least:
            problems.append(f"{where}: takes {least} to {most} arguments; the stub says {said}")
    elif tuple(found) != said:
        problems.append(f"{where}: takes {least} to {most} arguments; the stub says {said}")


@pytest.mark.parametrize("name", NATIVE)
def test_a_module_in_c_has_what_its_stub_has(target: Repl, name: str) -> None:
    had, classes = _json(target, f"module({name!r})")
    if name == "sysreg":  # dir() has the registers of this CPU alone
        had |= {each: ["Value", None] for each in target.eval("sysreg.names()")}
    stub = STUBS[name]
    problems = []
    assert {n for n in had if public(n)} == stub.names
    for function, node in stub.functions.items():
        if public(function):
            _check_arguments(f"{name}.{function}", arity(node), had[function][1], problems)
    for value in filter(public, stub.values):
        kind = had[value][0]
        said = stub.values[value]
        if not fits(STUBS, name, said, kind) and kind not in ("mem", "Value"):
            problems.append(f"{name}.{value} is {kind}")
    for kind, found in classes.items():
        methods = stub.classes[kind].methods
        assert set(found) - BASE - {"ONE_SHOT", "PERIODIC"} == {
            n for n in methods if not n.startswith("__")
        }, kind
        for method, (_, count) in found.items():
            if method in methods:
                _check_arguments(f"{name}.{kind}.{method}", methods[method], count, problems)
    assert not problems


def test_there_is_one_of_each_class_to_look_at() -> None:
    there = {
        f"{module}.{name}"
        for module in NATIVE
        for name, each in STUBS[module].classes.items()
        if not {"NamedTuple", "TypedDict"} & set(each.bases)
    }
    assert there == set(INSTANCES) | set(WITHOUT)


def test_objects_have_what_their_stubs_have(target: Repl) -> None:
    problems = []
    for where, code in INSTANCES.items():
        module, _, name = where.partition(".")
        target.exec(code)
        thing = code.splitlines()[-1].split("; ")[-1].split(" = ")[0].split()[-1]
        found = _json(target, f"print(json.dumps(names({thing})))")
        methods, attributes = members(STUBS, module, name)
        said = {n for n in methods if not n.startswith("__")} | set(attributes)
        said -= {attribute for each, attribute in WRITE_ONLY if each == where}
        had = set(found) - BASE - (EXCEPTION if name == "BusError" else set())
        if had != said:
            problems.append(f"{where}: {sorted(had ^ said)} on one side only")
            continue
        if ("__enter__" in found) != ("__enter__" in methods):
            problems.append(f"{where}: is one a context manager?")
        for attribute in set(attributes) & had:
            assigned = f"{thing}.{attribute} = {thing}.{attribute}"
            settable = target.run(assigned).stderr == b""
            if settable != (attribute not in STUBS[module].classes[name].fixed):
                problems.append(f"{where}.{attribute} can be set: {settable}")
            kind = _json(target, f"print(json.dumps(spell({thing}.{attribute})))")
            if not fits(STUBS, module, attributes[attribute], kind):
                problems.append(f"{where}.{attribute} is {kind}")
    assert not problems


def test_calls_give_what_the_stubs_say(target: Repl) -> None:
    problems = []
    for call in CALLS.split():
        module, _, rest = call.partition(".")
        kind = _json(target, f"print(json.dumps(spell({call})))")
        said = STUBS[module].functions[rest.partition("(")[0]].returns
        if not fits(STUBS, module, said, kind):
            problems.append(f"{call} gives {kind}")
    assert not problems


def test_what_is_behind_frozen_modules_is_what_the_stubs_say(target: Repl) -> None:
    """Types kept by hand, on a machine with a disk."""
    problems = []
    target.exec("from probe.regs import Map")
    for where in [*BEHIND.split(), *OBJECTS]:
        target.exec(f"import {where.partition('(')[0].rpartition('.')[0]}")
    for call in BEHIND.split():
        module, _, name = call.partition("(")[0].rpartition(".")
        kind = _json(target, f"print(json.dumps(spell({call})))")
        if not fits(STUBS, module, STUBS[module].functions[name].returns, kind):
            problems.append(f"{call} gives {kind}")
    for where, thing in OBJECTS.items():
        module, _, name = where.rpartition(".")
        target.exec(f"thing = {thing}")
        for attribute, said in members(STUBS, module, name)[1].items():
            if public(attribute):
                kind = _json(target, f"print(json.dumps(spell(thing.{attribute})))")
                if not fits(STUBS, _home(module, name, attribute), said, kind):
                    problems.append(f"{where}.{attribute} is {kind}, not {ast.unparse(said)}")
    assert not problems


def _home(module: str, name: str, attribute: str) -> str:
    """The module of the class that an attribute comes from."""
    stub = STUBS[module]
    if name not in stub.classes:
        return _home(stub.origins[name], stub.called[name], attribute)
    if attribute in stub.classes[name].attributes:
        return module
    return _home(module, stub.classes[name].bases[0], attribute)


def test_frozen_modules_have_what_their_stubs_have(target: Repl) -> None:
    problems = []
    for name, source in FROZEN.items():
        had, classes = _json(target, f"module({name!r})")
        stub = STUBS[name]
        # What a module imports it has by name; submodules become names of their package.
        spare = set(source.imported) - stub.names
        spare |= {other.rpartition(".")[2] for other in FROZEN if other.startswith(name + ".")}
        there = {n for n in had if public(n)}
        if there - spare != stub.names - {"__all__"} - spare:
            problems.append(f"{name}: {sorted((there - spare) ^ stub.names)} on one side only")
        for kind, found in classes.items():
            if kind not in stub.classes:
                continue  # imported
            methods, attributes = members(STUBS, name, kind)
            for each in {n for n in found if public(n)} - BASE - methods - set(attributes):
                if not {"OSError", "Exception", "ValueError", "BusError"} & set(
                    stub.classes[kind].bases
                ):
                    problems.append(f"{name}.{kind}.{each} is not in the stub")
            for each in stub.classes[kind].methods:
                if not each.startswith("__") and each not in found:
                    problems.append(f"{name}.{kind}.{each} is not in the firmware")
    assert not problems


def test_the_firmware_lists_every_module_that_has_a_stub(target: Repl) -> None:
    there = {word.replace("/", ".") for word in target.exec("help('modules')").split()}
    packages = {name for name, source in FROZEN.items() if source.package}
    assert set(STUBS) - packages <= there
    assert {name + ".__init__" for name in packages} <= there


def test_builtins_of_ours(target: Repl) -> None:
    assert target.eval("dmesg is klog.dmesg and BusError is machine.BusError") is True
