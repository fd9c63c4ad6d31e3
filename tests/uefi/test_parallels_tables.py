"""The shim on tables of Parallels' shape, which QEMU itself never gives: see pyrallax.vm.acpi."""

import ast
import re
import struct
import subprocess
import time
from pathlib import Path

import pytest
from shimvm import events, of, read_until
from test_shim_acpi import Disassembly

from pyrallax import BUILD, symbolize
from pyrallax.image import esp
from pyrallax.vm import acpi
from pyrallax.vm.config import PARALLELS
from pyrallax.vm.qemu import Vm

pytestmark = pytest.mark.boot

GIC3 = {"gic": 3}
PROMPT = r'^Type "help'
LAST_WORDS = "no UART is known: the prompt cannot be shown\n"
IDLE_SHARE = 0.3  # of a host CPU, at most, for a guest that waits


def _start(vm_factory, folder: Path, tables: acpi.Machine, **options) -> Vm:
    options = GIC3 | {"gic": tables.gic, "cpus": len(tables.cpus)} | options
    files = {"EFI/BOOT/BOOTAA64.EFI": BUILD / "boot" / "BOOTAA64.EFI"}
    if options.pop("shell", False):  # nothing to boot: edk2's shell starts
        files = {"shim.efi": BUILD / "boot" / "BOOTAA64.EFI"}
    files["pyrallax/firmware.elf"] = BUILD / "firmware-stripped.elf"
    image = folder / "esp.img"
    esp.build(image, files)
    return vm_factory(
        machine="uefi",
        machine_options="acpi=off",
        esp=image,
        extra=acpi.arguments(tables, folder),
        **options,
    )


def _boot(vm_factory, folder: Path, tables: acpi.Machine, **options):
    """A machine with these tables at its prompt, and the shim's events."""
    vm = _start(vm_factory, folder, tables, **options)
    found = events(read_until(vm, PROMPT))
    assert not [e for e, _ in found if e.endswith(("-refused", "-odd")) or e == "error"]
    return vm, found


def _check(found, tables: acpi.Machine) -> None:
    """What the shim says is what was put in."""
    sizes = {t["sig"]: int(t["len"]) for t in of(found, "table")}
    want = {sig: len(data) for sig, data in acpi.tables(tables).items() if sig != "FACS"}
    want["XSDT"] = 36 + 8 * (len(want) - 1)
    assert sizes == want
    absent = {t["sig"] for t in of(found, "table-absent")}
    assert absent == ({"SPCR"} if tables.dbg2 is not None else {"SPCR", "DBG2"})
    assert [int(c["mpidr"], 16) for c in of(found, "cpu")] == list(tables.cpus)
    (gic,) = of(found, "gic")
    assert (int(gic["gicd"], 16), gic["version"]) == (tables.gicd, str(tables.gic))
    assert int(gic["gicc"], 16) == (tables.gicc if tables.gic == 2 else 0)
    (v2m,) = of(found, "v2m")
    assert (int(v2m["base"], 16), int(v2m["spi_base"]), int(v2m["spi_count"])) == (
        tables.v2m,
        *tables.v2m_spis,
    )
    (ecam,) = of(found, "ecam")
    assert int(ecam["base"], 16) == tables.ecam
    assert (ecam["segment"], ecam["bus_first"], ecam["bus_last"]) == ("0", "0", "0")
    assert of(found, "psci")[0]["conduit"] == (tables.psci or "none")
    (timer,) = of(found, "timer")
    assert (timer["virt"], timer["phys"], timer["flags"]) == ("27", "30", "0x0")


def _gicr(found) -> list[tuple[int, int]]:
    return [(int(g["base"], 16), int(g["size"], 16)) for g in of(found, "gicr")]


@pytest.mark.parametrize("gicr_in_gicc", [False, True])
@pytest.mark.parametrize("cpus", [(0,), (0, 1, 3, 2)])
def test_iasl_has_nothing_to_say(tmp_path, cpus, gicr_in_gicc):
    """Sizes as on Parallels; checksums and lengths as iasl wants them."""
    made = acpi.tables(acpi.Machine(cpus=cpus, gicr_in_gicc=gicr_in_gicc))
    sizes = {"FACS": 64, "FACP": 276, "GTDT": 96, "MCFG": 60, "DBG2": 93, "PCCT": 48}
    assert {sig: len(made[sig]) for sig in sizes} == sizes
    assert len(made["APIC"]) == 108 + 80 * len(cpus) - 16 * gicr_in_gicc
    for sig, data in made.items():
        path = tmp_path / f"{sig}.aml"
        path.write_bytes(data)
        done = subprocess.run(
            ["iasl", "-d", str(path)], capture_output=True, text=True, timeout=30, cwd=tmp_path
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0 and not re.search("warning|error|invalid", said, re.I), said
        text = path.with_suffix(".dsl").read_text()
        assert not re.search(r"Incorrect|Invalid|Unknown|\*\*\*\*", text), text
    assert Disassembly(tmp_path / "DBG2.aml").number("Port Subtype") == acpi.PL011


def test_console_from_dbg2(vm_factory, tmp_path):
    """GICv3, 4 CPUs, one range of redistributors; no interrupt is known: the UART is polled."""
    tables = acpi.Machine(cpus=(0, 1, 3, 2))
    vm, found = _boot(vm_factory, tmp_path, tables)
    _check(found, tables)
    assert _gicr(found) == [(tables.gicr, 4 * 0x20000)]
    (uart,) = of(found, "uart")
    assert uart == {"base": "0x9000000", "kind": "pl011", "intid": "0", "from": "dbg2"}

    repl = vm.repl()
    hw = repl.eval("__import__('boot').hw()")
    assert hw["uart"] == (tables.uart, 0) and hw["ecam"] == [(tables.ecam, 0, 0, 0)]
    assert sorted(hw["cpus"]) == [0, 1, 2, 3]
    assert "uart: base=0x9000000 intid=0 from=DBG2" in repl.exec("dmesg()")
    lines = "".join(f"x{n:04} = {n}  # raw paste\n" for n in range(500))
    assert len(lines) > 10_000
    assert repl.exec(lines + "print(sum(globals()[f'x{n:04}'] for n in range(500)))") == "124750\n"
    vm.wire.write(b"while True: pass\r\x04")
    time.sleep(0.3)
    vm.wire.write(b"\x03")
    read_until(vm, "KeyboardInterrupt", 5)
    repl.enter_raw()
    stats = repl.eval("__import__('boot').stats()")
    assert stats["rx_irqs"] == 0 and stats["rx_polls"] > 0
    assert stats["rx_overruns"] == 0 and stats["rx_dropped"] == 0


def test_sbsa_uart_and_gicv2(vm_factory, tmp_path):
    tables = acpi.Machine(gic=2, cpus=(0, 1), pcct=False, dbg2=acpi.SBSA)
    vm, found = _boot(vm_factory, tmp_path, tables)
    _check(found, tables)
    (uart,) = of(found, "uart")
    assert uart == {"base": "0x9000000", "kind": "sbsa", "intid": "0", "from": "dbg2"}
    assert vm.repl().exec("print(6 * 7)") == "42\n"


def test_redistributors_of_processors_and_no_psci(vm_factory, tmp_path):
    """No range: each GICC has its own frame, the boot CPU's last; nobody to ask for a reset."""
    tables = acpi.Machine(cpus=(2, 3, 1, 0), gicr_in_gicc=True, psci="")
    vm, found = _boot(vm_factory, tmp_path, tables)
    _check(found, tables)
    frame = 0x20000
    assert _gicr(found) == [
        (tables.gicr + 2 * frame, 2 * frame),
        (tables.gicr + frame, frame),
        (tables.gicr, frame),
    ]
    repl = vm.repl()
    assert repl.eval("__import__('boot').hw()['psci']") in ("none", None)
    for call in ("reset", "poweroff"):
        said = repl.run(f"import machine\nmachine.{call}()").stderr
        assert b"OSError: the platform refused" in said, (call, said)
    repl.exec("import time; time.sleep_ms(20)")  # by timer interrupt


_EDU = """
import irq, pci, time
fn = pci.find(0x1234, 0x11E8).enable()
regs, seen = fn.bar(0), []
def handler(line):
    regs[0x64] = regs[0x24]
    seen.append(line.intid)
line = fn.irq(handler)
for n in range(20):
    regs[0x60] = 1
    end = time.ticks_add(time.ticks_ms(), 5000)
    while len(seen) <= n: assert time.ticks_diff(end, time.ticks_ms()) > 0, n
    assert regs[0x24] == 0
"""


@pytest.mark.parametrize("cpu", ["cortex-a72", "max"])
@pytest.mark.parametrize("spis", [(80, 64), (100, 16)])
def test_messages_as_on_parallels(vm_factory, tmp_path, spis, cpu):
    """GICv3 and a GICv2m frame, nothing else.  The MADT's range outranks the register's 80+64."""
    tables = acpi.Machine(cpus=(0, 1, 2, 3), v2m_spis=spis)
    vm, found = _boot(vm_factory, tmp_path, tables, **PARALLELS, cpu=cpu, device=["edu"])
    _check(found, tables)
    repl = vm.repl()
    info = repl.eval("__import__('irq').info()")
    assert (info["version"], info["msi"], info["msi_total"]) == (3, "v2m", spis[1])
    repl.exec(_EDU)
    assert repl.eval("(fn.interrupts().kind, set(seen) == {line.intid})") == ("msi", True)
    assert spis[0] <= repl.eval("line.intid") < sum(spis)
    assert repl.eval("__import__('smp').start()") == 4


def _listen(vm: Vm, seconds: float) -> str:
    end = time.monotonic() + seconds
    text = b""
    while time.monotonic() < end:
        text += vm.wire.read(0.1)
    return text.decode(errors="replace").replace("\r", "")


def _cpu_s(vm: Vm) -> float:
    """Processor time that QEMU has used."""
    fields = Path(f"/proc/{vm.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _check_waits(vm: Vm) -> None:
    """In the firmware, at its prompt: nothing shows it and there is no way to tell it anything."""
    assert vm.qmp("query-status")["status"] == "running"
    registers = vm.qmp("human-monitor-command", **{"command-line": "info registers"})
    pc = int(re.search(r"PC=([0-9a-f]+)", registers)[1], 16)
    (frame,) = symbolize.resolve(BUILD / "firmware.elf", [("pc", pc)])
    assert pc >> 32 == 0xFFFFFFFF and "panic" not in frame, frame


@pytest.mark.parametrize("subtype", [None, acpi.UART_16550])
def test_no_console(vm_factory, tmp_path, subtype):
    """The log goes to UEFI's console (here the same serial line) until UEFI is left."""
    vm = _start(vm_factory, tmp_path, acpi.Machine(dbg2=subtype))
    text = read_until(vm, r"^\[shim\] firmware ") + _listen(vm, 1)
    found = events(text)
    assert of(found, "start") and of(found, "uart-absent") and of(found, "psci")
    assert text.endswith(LAST_WORDS)
    assert not of(found, "uart") and not of(found, "jump")
    refused = of(found, "uart-refused")
    if subtype is None:
        assert not refused
    else:
        (why,) = refused
        assert (why["subtype"], why["reason"]) == ("0x0", "unknown-subtype")
    before = _cpu_s(vm)
    assert _listen(vm, 1) == ""
    assert _cpu_s(vm) - before < IDLE_SHARE
    _check_waits(vm)


class Shell:
    """edk2's shell, and the machine's memory: for tables that edk2 itself would not install."""

    def __init__(self, vm: Vm, folder: Path):
        self.vm = vm
        self.folder = folder
        read_until(vm, "any other key")
        vm.wire.write(b"\x1b")
        read_until(vm, "Shell> ")
        text = self.run("dmem")
        rsdp = int(re.search(r"ACPI 2.0\D*Table\D*([0-9A-F]{16})", text)[1], 16)
        self.xsdt = struct.unpack("<Q", self.read(rsdp + 24, 8))[0]

    def run(self, command: str) -> str:
        self.vm.wire.write(command.encode() + b"\r")
        return read_until(self.vm, "Shell> ", 10)

    def read(self, phys: int, size: int) -> bytes:
        path = self.folder / "memory"
        self.vm.qmp("pmemsave", val=phys, size=size, filename=str(path))
        return path.read_bytes()

    def write(self, phys: int, value: int, width: int) -> None:
        """mm wants each address to be a multiple of the width."""
        for at in range(0, width, 4):
            part = value >> 8 * at & 0xFFFFFFFF
            self.run(f"mm {phys + at:x} {part:x} -w {min(width, 4)} -n")
        assert int.from_bytes(self.read(phys, width), "little") == value

    def table(self, signature: str) -> int:
        """Address of a table that the XSDT lists."""
        length = struct.unpack("<I", self.read(self.xsdt + 4, 4))[0]
        for (phys,) in struct.iter_unpack("<Q", self.read(self.xsdt, length)[36:]):
            if self.read(phys, 4) == signature.encode():
                return phys
        raise AssertionError(f"no {signature}")

    def seal(self, phys: int) -> None:
        length = struct.unpack("<I", self.read(phys + 4, 4))[0]
        self.write(phys + 9, acpi.checksummed(self.read(phys, length))[9], 1)

    def start(self) -> None:
        self.vm.wire.write(b"fs0:\\shim.efi\r")


@pytest.fixture
def shell(vm_factory, tmp_path) -> Shell:
    return Shell(_start(vm_factory, tmp_path, acpi.Machine(), shell=True), tmp_path)


def test_broken_madt(shell):
    """Refused; without an interrupt controller the prompt still comes and answers."""
    madt = shell.table("APIC")
    shell.write(madt + 9, shell.read(madt + 9, 1)[0] ^ 1, 1)
    shell.start()
    found = events(read_until(shell.vm, PROMPT))
    (refused,) = of(found, "table-refused")
    assert refused == {"sig": "APIC", "phys": f"0x{madt:x}", "reason": "bad-checksum"}
    assert of(found, "uart")[0]["from"] == "dbg2"
    assert not of(found, "gic") and not of(found, "cpu")
    repl = shell.vm.repl()
    assert repl.exec("import time; time.sleep_ms(20); print(6 * 7)") == "42\n"
    assert ast.literal_eval(repl.exec("import boot; print(boot.hw()['gic'])"))["gicd"] == 0


def test_root_lists_itself(shell):
    """As an entry of its own it is refused; what else it lists counts."""
    lost = shell.read(struct.unpack("<Q", shell.read(shell.xsdt + 36, 8))[0], 4).decode()
    shell.write(shell.xsdt + 36, shell.xsdt, 8)
    shell.seal(shell.xsdt)
    shell.start()
    found = events(read_until(shell.vm, PROMPT))
    (refused,) = of(found, "table-refused")
    assert refused == {"sig": "XSDT", "phys": f"0x{shell.xsdt:x}", "reason": "lists-itself"}
    assert {t["sig"] for t in of(found, "table-absent")} == {lost, "SPCR"}
    assert of(found, "uart")[0]["from"] == "dbg2"


def test_root_of_absurd_length(shell):
    """No tables at all, so no UART and no interrupts: UEFI's console says why; no panic."""
    shell.write(shell.xsdt + 4, 0xFFFFFFF0, 4)
    shell.start()
    found = events(read_until(shell.vm, r"^\[shim\] firmware ") + _listen(shell.vm, 1))
    (refused,) = of(found, "table-refused")
    assert refused == {"sig": "XSDT", "phys": f"0x{shell.xsdt:x}", "reason": "too-long"}
    assert of(found, "uart-absent")
    _check_waits(shell.vm)
