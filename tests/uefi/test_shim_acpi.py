"""What the shim says it found, against what iasl reads in the very same tables."""

import re
import subprocess
from pathlib import Path

import pytest
from dummy_elf import build
from shimvm import boot, events, of

pytestmark = pytest.mark.boot

MACHINES = {
    "gicv3": {"gic": 3},
    "gicv2": {"gic": 2},
    "8-cpus-gicv3": {"gic": 3, "cpus": 8},
    "8-cpus-gicv2": {"gic": 2, "cpus": 8},
    "8-gib": {"gic": 3, "memory": 8192},
    "160-mb": {"gic": 3, "memory": 160},
    "display": {"gic": 2, "display": "ramfb"},
    "virtio-display": {"gic": 3, "display": "virtio-gpu-pci"},
    "el2": {"gic": 3, "machine_options": "virtualization=on"},
    "rng": {"gic": 3, "device": ["virtio-rng-pci"]},
}


class Disassembly:
    """The fields iasl printed for one table."""

    def __init__(self, aml: Path):
        done = subprocess.run(
            ["iasl", "-d", str(aml)], capture_output=True, text=True, timeout=60, cwd=aml.parent
        )
        assert done.returncode == 0, done.stdout + done.stderr
        text = aml.with_suffix(".dsl").read_text()
        # [02Ch 0044   1]      Subtable Type : 0C [Generic Interrupt Distributor]
        # and, for the bits of a field:      PSCI Compliant : 1
        line = r"^(?:\[[0-9A-F]+h [0-9]+ +[0-9]+\])? +(.+?) : (.*)$"
        self.fields = re.findall(line, text, re.M)

    def blocks(self, field: str, value: str) -> list[dict[str, list[str]]]:
        """Subtables: the values of the fields that follow each `field : value…`."""
        found: list[dict[str, list[str]]] = []
        inside = False
        for name, text in self.fields:
            if name == field:
                inside = text.startswith(value)
                if inside:
                    found.append({})
            if inside:
                found[-1].setdefault(name, []).append(text)
        return found

    def number(self, name: str) -> int:
        """The first field of that name."""
        return next(int(text.split()[0], 16) for field, text in self.fields if field == name)


def _hex(block: dict[str, list[str]], name: str) -> int:
    """The last field of that name: "Length" is first the subtable's own."""
    return int(block[name][-1].split()[0], 16)


def _read(vm, table: dict[str, str], folder: Path) -> Path:
    path = folder / f"{table['sig']}.aml"
    vm.qmp("pmemsave", val=int(table["phys"], 16), size=int(table["len"]), filename=str(path))
    return path


@pytest.mark.parametrize("machine", MACHINES)
def test_log_matches_iasl(vm_factory, tmp_path, machine):
    vm, text = boot(vm_factory, tmp_path, build(), **MACHINES[machine])
    found = events(text)
    assert not [event for event, _ in found if event.endswith(("-refused", "-odd"))]
    tables = {t["sig"]: _read(vm, t, tmp_path) for t in of(found, "table")}
    assert {"APIC", "MCFG", "GTDT", "FACP", "SPCR", "DSDT", "XSDT"} <= set(tables)
    judge = {sig: Disassembly(path) for sig, path in tables.items() if sig != "DSDT"}

    _check_root(found, judge["XSDT"])
    _check_madt(found, judge["APIC"])
    _check_rest(found, judge)
    (start,) = of(found, "start")
    assert start["el"] == ("2" if machine == "el2" else "1")
    _check_memory(found, MACHINES[machine].get("memory", 512))
    if "display" in MACHINES[machine]:
        modes = of(found, "gop-mode")
        (fb,) = of(found, "fb")
        assert len(modes) == int(fb["modes"]) > 1
        assert fb["format"] == ("blt" if machine == "virtio-display" else "xrgb8888")
    else:
        assert of(found, "gop-absent")
    assert bool(of(found, "rng")) == (machine == "rng")
    (time,) = of(found, "time")
    assert int(time["epoch_s"]) > 1_700_000_000


def _check_root(found, xsdt: Disassembly) -> None:
    listed = [int(t["phys"], 16) for t in of(found, "table") if t["sig"] not in ("XSDT", "DSDT")]
    said = [
        int(v.split()[0], 16) for k, v in xsdt.fields if re.match(r"ACPI Table Address +\d", k)
    ]
    assert listed == said


def _check_madt(found, madt: Disassembly) -> None:
    kind = "Subtable Type"
    cpus = madt.blocks(kind, "0B")
    assert [int(c["mpidr"], 16) for c in of(found, "cpu")] == [_hex(c, "ARM MPIDR") for c in cpus]
    assert int(of(found, "cpus")[0]["count"]) == len(cpus)
    (gicd,) = madt.blocks(kind, "0C")
    (gic,) = of(found, "gic")
    assert int(gic["gicd"], 16) == _hex(gicd, "Base Address")
    assert int(gic["version"]) == _hex(gicd, "Version")
    assert int(gic["gicc"], 16) == _hex(cpus[0], "Base Address")
    for event, number, fields in (
        ("gicr", "0E", {"base": "Base Address", "size": "Length"}),
        ("its", "0F", {"base": "Base Address"}),
        ("v2m", "0D", {"base": "Base Address"}),
    ):
        blocks = madt.blocks(kind, number)
        said = [{k: int(e[k], 16) for k in fields} for e in of(found, event)]
        want = [{k: _hex(b, f) for k, f in fields.items()} for b in blocks]
        assert said == want, event
    for v2m, block in zip(of(found, "v2m"), madt.blocks(kind, "0D"), strict=True):
        assert int(v2m["spi_base"]) == _hex(block, "SPI Base")
        assert int(v2m["spi_count"]) == _hex(block, "SPI Count")


def _check_rest(found, judge: dict[str, Disassembly]) -> None:
    (timer,) = of(found, "timer")
    assert int(timer["virt"]) == judge["GTDT"].number("Virtual Timer Interrupt")
    assert int(timer["phys"]) == judge["GTDT"].number("Non-Secure EL1 Interrupt")
    mcfg = judge["MCFG"]
    (ecam,) = of(found, "ecam")
    assert int(ecam["base"], 16) == mcfg.number("Base Address")
    assert int(ecam["bus_last"]) == mcfg.number("End Bus Number")
    fadt = judge["FACP"]
    conduit = "hvc" if fadt.number("Must use HVC for PSCI") else "smc"
    if not fadt.number("PSCI Compliant"):
        conduit = "none"
    assert of(found, "psci")[0]["conduit"] == conduit
    (uart,) = of(found, "uart")
    assert uart["from"] == "spcr" and uart["kind"] == "pl011"
    assert int(uart["base"], 16) == judge["SPCR"].number("Address")
    assert int(uart["intid"]) == judge["SPCR"].number("Interrupt")


def _check_memory(found, mib: int) -> None:
    regions = [(int(m["base"], 16), int(m["size"], 16), m["kind"]) for m in of(found, "mem")]
    end = 0
    ram = 0
    for base, size, kind in regions:
        assert base >= end and size > 0 and (base | size) % 4096 == 0
        end = base + size
        ram += size if kind not in ("mmio", "fb") and base >= 0x40000000 else 0
        ram += size if kind == "fb" and base >= 0x40000000 else 0
    assert ram == mib << 20  # QEMU's RAM, to the byte
    assert [r[2] for r in regions].count("image") == 1
