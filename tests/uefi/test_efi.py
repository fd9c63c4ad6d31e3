"""UEFI at the prompt: tables, map, services; and firmware that lies, faults or never returns."""

import datetime
import re
import struct

import pytest

from pyrallax.repl import TargetError

pytestmark = [pytest.mark.boot, pytest.mark.probe]

_GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"


@pytest.fixture(scope="module")
def firmware(request, tmp_path_factory):
    """The prompt of one machine that edk2 booted; nothing of it is soft-reset between tests."""
    from pyrallax.vm.config import Config
    from pyrallax.vm.qemu import Vm

    with Vm(Config(machine="uefi"), "tests_uefi_test_efi") as vm:
        repl = vm.repl()
        repl.exec("import efi")
        yield repl


def test_info(firmware):
    vendor, revision, version = firmware.eval("efi.info()")
    assert vendor.endswith("EDK II") and revision > 0 and re.fullmatch(r"2\.\d\d", version)


def test_tables(firmware):
    tables = firmware.eval("efi.tables()")
    names = {name: at for _, name, at in tables}
    assert names["ACPI 2.0"] == firmware.eval("__import__('boot').hw()['rsdp']")
    assert firmware.eval(f"efi.read({names['ACPI 2.0']}, 8)") == b"RSD PTR "
    assert firmware.eval(f"efi.read({names['SMBIOS 3']}, 5)") == b"_SM3_"
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", t[0]) for t in tables)


def test_memory_map(firmware):
    regions = firmware.eval("efi.memory_map()")
    assert len(regions) > 10
    kinds = {kind for _, _, kind, _ in regions}
    assert {"free", "runtime code", "runtime data", "boot data", "MMIO"} <= kinds
    assert all(size > 0 and base % 4096 == size % 4096 == 0 for base, size, _, _ in regions)
    known = firmware.eval("__import__('boot').memory()")
    for base, size, kind, attributes in regions:
        if kind.startswith("runtime "):
            assert attributes.endswith("RUNTIME")
            assert any(b <= base and base + size <= b + s for b, s, k in known if k == "firmware")


def test_get_time(firmware):
    *when, ns, zone = firmware.eval("efi.get_time()")
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert abs(datetime.datetime(*when) - now) < datetime.timedelta(minutes=2)
    assert 0 <= ns < 10**9 and (zone is None or -1440 <= zone <= 1440)


def test_variables(firmware):
    names = firmware.eval("list(efi.variables())")
    assert len(names) == len(set(names)) > 10
    assert ("BootOrder", _GLOBAL) in names
    attributes, order = firmware.eval(f"efi.variable('BootOrder', {_GLOBAL!r})")
    assert attributes == 7 and len(order) % 2 == 0
    for number in struct.unpack(f"<{len(order) // 2}H", order):
        assert (f"Boot{number:04X}", _GLOBAL) in names
    assert firmware.eval(f"efi.variable('PlatformLang', {_GLOBAL!r})")[1] == b"en\0"


def test_variable_that_is_not_there(firmware):
    with pytest.raises(TargetError, match=r"OSError: .*GetVariable: EFI_NOT_FOUND"):
        firmware.exec(f"efi.variable('Tea', {_GLOBAL!r})")
    with pytest.raises(TargetError, match=r"ValueError"):
        firmware.exec("efi.variable('Tea', 'pot')")


def test_thousands_of_calls_leak_nothing(firmware):
    firmware.exec(
        "import gc, micropython, boot\n"
        "def state():\n"
        "    gc.collect()\n"
        "    return gc.mem_free(), micropython.stack_use(), boot.stats()['free']\n"
        "rt = efi._Runtime()\n"
        "def many(n):\n"
        "    for _ in range(n): rt(24, rt.at, 0)\n"
        "    for _ in range(n // 10): efi.get_time()\n"
        "many(20)\nbefore = state()\nmany(2000)\nafter = state()\n"
        "assert abs(before[0] - after[0]) < 4096 and before[1:] == after[1:], (before, after)",
        timeout=60,
    )


def test_it_may_only_touch_its_own(firmware):
    """The address of our heap as the place for the time: a fault, and the session goes on."""
    with pytest.raises(TargetError, match=r"BusError: .* write at 0x"):
        firmware.exec("import uctypes\nb = bytearray(16)\nrt(24, uctypes.addressof(b), 0)")
    assert firmware.eval("efi.get_time()[0]") >= 2024


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_reset(vm_factory, kind):
    vm = vm_factory(machine="uefi")
    repl = vm.repl()
    repl.exit_raw()
    repl.drain()
    vm.wire.write(f"import efi; efi.reset({kind!r})\r".encode())
    assert b"[shim] " in repl.wait_prompt(60)


def test_shutdown(vm_factory):
    vm = vm_factory(machine="uefi")
    repl = vm.repl()
    repl.exit_raw()
    vm.wire.write(b"import efi; efi.reset('shutdown')\r")
    assert vm.wait(30) == 0


def test_without_uefi(repl):
    repl.exec("import efi")
    for call in ("info()", "tables()", "memory_map()", "get_time()", "list(variables())"):
        if call.startswith("list"):
            call = "variables().__next__()"
        with pytest.raises(TargetError, match=r"OSError: .*not started by UEFI"):
            repl.exec(f"efi.{call}")


# A firmware of our own making, on a direct machine: tables in RAM, and machine code.

_FAKE = """
import binascii, dma, efi, struct, time, machine
page = dma.alloc(8192, 4096)
code, tables = page.phys, page.phys + 4096
view = memoryview(page)
def table(at, head, body):
    data = bytearray(struct.pack('<QIIII', head, 2 << 16, 24 + len(body), 0, 0) + body)
    struct.pack_into('<I', data, 16, binascii.crc32(data))
    view[4096 + at:4096 + at + len(data)] = data
def system(runtime, count=0, configuration=0):
    rest = struct.pack('<12Q', 0, 1, 0, 0, 0, 0, 0, 0, runtime, 0, count, configuration)
    table(0, 0x5453595320494249, rest)
def services(fn):
    table(1024, 0x56524553544e5552, struct.pack('<14Q', *[fn] * 14))
def good():
    system(tables + 1024)
    services(code)
good()
efi.system_table = lambda: tables
efi._regions = lambda: [(code, 4096, efi.BOTH)]
def run(*words, timeout=200000, args=()):
    view[:4 * len(words)] = struct.pack('<%dI' % len(words), *words)
    efi.space(efi._regions())
    return efi.call(code, timeout, *args)
"""

HOSTILE = {
    "signature": ("view[4096] = 0", "wrong signature"),
    "crc": ("view[4096 + 40] ^= 1", "wrong CRC"),
    "size-0": ("view[4096 + 12:4096 + 16] = bytes(4)", "size 0"),
    "size-4g": ("view[4096 + 12:4096 + 16] = b'\\xff' * 4", "size 4294967295"),
    "nowhere": ("efi.system_table = lambda: 1 << 46", "nothing is there"),
    "hole": ("efi.system_table = lambda: 0x09f00000", "nothing is there"),
    "runtime-nowhere": ("system(8)", "runtime services at 0x8: nothing is there"),
    "runtime-none": ("system(0)", "runtime services: none"),
    "runtime-itself": ("system(tables)", "runtime services at .* wrong signature"),
    "runtime-crc": ("view[5120 + 30] ^= 1", "runtime services at .* wrong CRC"),
    "service-0": ("services(0)", "0x0 is not code of the firmware"),
    "service-in-data": ("services(tables)", "is not code of the firmware"),
    "service-in-our-text": ("services(0xffffffff80001000)", "is not code of the firmware"),
    "service-odd": ("services(code + 2)", "is not code of the firmware"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_tables(repl, case):
    repl.exec(_FAKE)
    repl.exec(HOSTILE[case][0])
    with pytest.raises(TargetError, match=f"OSError: .*{HOSTILE[case][1]}"):
        repl.exec("efi.get_time()")


@pytest.mark.parametrize(
    ("count", "at"), [(1 << 40, "tables"), (5, "8"), (1, "1 << 46"), (1000, "0xfffffffffffff000")]
)
def test_hostile_configuration_tables(repl, count, at):
    repl.exec(_FAKE)
    repl.exec(f"system(tables + 1024, {count}, {at})")
    with pytest.raises(TargetError, match=r"OSError: .*configuration tables"):
        repl.exec("efi.tables()")


_RET, _SPIN = 0xD65F03C0, 0x14000000
FAULTS = {
    "read": ([0xF9400000, _RET], "0x5000", "read at 0x5000"),  # ldr x0, [x0]
    "write": ([0xF9000000, _RET], "0x5000", "write at 0x5000"),  # str x0, [x0]
    "jump": ([0xD61F0000], "0x5000", "at 0x5000"),  # br x0
    "jump-to-data": ([0xD61F0000], "code + 4096", "at 0x"),
    "undefined": ([0], "0", ""),
    "break": ([0xD4200000], "0", ""),
    "our-text": ([0xF9000000, _RET], "0xffffffff80001000", "write at 0xffffffff80001000"),
    "no-stack": ([0x9100001F, 0xF81F0FE0, _RET], "0x6000", "write at 0x5ff0"),  # mov sp, x0; push
    "recursion": ([0xA9BF7BFD, 0x97FFFFFF], "0", "write at 0x"),  # stp x29, x30, [sp, #-16]!; bl
}


@pytest.mark.parametrize("case", FAULTS)
def test_firmware_that_faults(repl, case):
    words, argument, text = FAULTS[case]
    repl.exec(_FAKE)
    for _ in range(2):
        with pytest.raises(TargetError, match=f"BusError: .*{text}"):
            repl.exec(f"run(*{words}, args=({argument},))")
    assert repl.eval(f"run({_RET}, args=(77,))") == 77
    assert repl.exec("time.sleep_ms(5); print(6 * 7)") == "42\n"


def test_it_may_spoil_every_register(repl):
    """What a C caller needs is restored after a fault, the floating-point part included."""
    repl.exec(_FAKE)
    words = [0xAA1F03E0 | n for n in range(31)]  # mov xN, xzr
    words += [0x9E6703E0 | n for n in range(32)]  # fmov dN, xzr
    repl.exec(f"spoil = {[*words, 0xF9400000]}")
    assert (
        repl.exec(
            "def f(a, b):\n"
            "    c = a * 1.5\n"
            "    try: run(*spoil)\n"
            "    except BusError as e: return a, b, c, e.addr\n"
            "print(f(2.5, 7))"
        )
        == "(2.5, 7, 3.75, 0)\n"
    )


def test_firmware_that_never_returns(repl):
    repl.exec(_FAKE)
    repl.exec(
        "ticks = 0\n"
        "def tick(t):\n"
        "    global ticks\n"
        "    ticks += 1\n"
        "t = machine.Timer(-1, period=5, hard=True, callback=tick)\n"
        "start = time.ticks_ms()\n"
    )
    with pytest.raises(TargetError, match=r"OSError: .*ETIMEDOUT"):
        repl.exec(f"run({_SPIN})")
    assert 190 <= repl.eval("time.ticks_diff(time.ticks_ms(), start)") < 20000
    assert repl.eval("ticks") >= 10  # our handlers ran meanwhile, in our own address space
    repl.exec("t.deinit()")
    assert repl.eval(f"run({_RET}, args=(5,))") == 5


def test_a_fault_of_another_cpu_meanwhile(vm_factory):
    """It ends that CPU's work, and is no fault of the firmware."""
    repl = vm_factory(cpus=2).repl()
    repl.exec(_FAKE)
    repl.exec(
        "import smp, uctypes\n"
        "other, = [i for i, mpidr, state, calls in smp.cpus() if state != 'boot']\n"
        "image = uctypes.bytearray_at(0xffffffff80000000, 4 << 20)\n"  # its guards are not mapped
        "smp.call(other, 'nop')"
    )
    repl.exec("size = 1 << 16\nend = None\n")
    repl.exec(
        "while end is None:\n"
        "    try: smp.call(other, 'read', memoryview(image)[:size]); size += 1 << 16\n"
        "    except BusError: end = size\n"
    )
    repl.exec(f"view[:4] = struct.pack('<I', {_SPIN})\nefi.space(efi._regions())")
    with pytest.raises(TargetError, match=r"OSError: .*ETIMEDOUT"):
        repl.exec(
            "job = smp.submit(other, 'read', memoryview(image)[:end])\nefi.call(code, 300000)"
        )
    with pytest.raises(TargetError, match=r"BusError: .*read"):
        repl.exec("job.wait()")
    assert repl.eval(f"run({_RET}, args=(5,))") == 5


def test_a_thousand_faults_leak_nothing(repl):
    repl.exec(_FAKE)
    repl.exec(
        "import gc, micropython\n"
        "def many(n):\n"
        "    for _ in range(n):\n"
        "        try: efi.call(code, 100000, 0x5000)\n"
        "        except BusError: pass\n"
        "def state():\n"
        "    gc.collect()\n"
        "    return gc.mem_free(), micropython.stack_use()\n"
        "try: run(0xf9400000, args=(0x5000,))\n"
        "except BusError: pass\n"
        "many(10)\nbefore = state()\nmany(1000)\nafter = state()\n"
        "assert abs(before[0] - after[0]) < 512 and before[1] == after[1], (before, after)",
        timeout=30,
    )


def test_names_without_end(repl):
    """GetNextVariableName that says the same for ever, or nothing at all."""
    repl.exec(_FAKE)
    repl.exec(f"view[:8] = struct.pack('<2I', 0xd2800000, {_RET})")  # mov x0, #0: success
    with pytest.raises(TargetError, match=r"OSError: .*no end"):
        repl.exec("list(efi.variables())")


def test_not_in_a_hard_handler(repl):
    repl.exec(_FAKE)
    repl.exec(
        "seen = None\n"
        "def tick(t):\n"
        "    global seen\n"
        "    try: efi.call(code, 1000)\n"
        "    except OSError as e: seen = e.errno\n"
        "t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, hard=True, callback=tick)\n"
        "time.sleep_ms(50)"
    )
    assert repl.eval("seen") == 16  # EBUSY
