"""Sections of the hardware report: each function returns what docs/schema/hwreport-1.json says.

They raise what the modules below raise; hwreport turns that into {"error": why}.
"""

import sys
import time
from collections import OrderedDict

import boot

from .hwtables import acpi, pci, smbios  # noqa: F401 - sections, too
from .hwvalues import hex_text

# Identification and control registers: constant, or set once.  Those a CPU lacks are null.
_CPU = (
    "MIDR_EL1 MPIDR_EL1 REVIDR_EL1 CTR_EL0 DCZID_EL0 CLIDR_EL1 ID_AA64PFR0_EL1 ID_AA64PFR1_EL1 "
    "ID_AA64DFR0_EL1 ID_AA64DFR1_EL1 ID_AA64ISAR0_EL1 ID_AA64ISAR1_EL1 ID_AA64ISAR2_EL1 "
    "ID_AA64MMFR0_EL1 ID_AA64MMFR1_EL1 ID_AA64MMFR2_EL1 ID_AA64ZFR0_EL1 ID_AA64SMFR0_EL1 "
    "CurrentEL SCTLR_EL1 CPACR_EL1 TCR_EL1 MAIR_EL1 VBAR_EL1 PMCR_EL0 PMCEID0_EL0 PMCEID1_EL0"
)
_TIMER = "CNTFRQ_EL0 CNTVCT_EL0 CNTPCT_EL0 CNTKCTL_EL1 CNTV_CTL_EL0 CNTP_CTL_EL0"
_ICC = "ICC_CTLR_EL1 ICC_SRE_EL1 ICC_PMR_EL1 ICC_BPR1_EL1 ICC_IGRPEN1_EL1"
_FORMATS = ("none", "xrgb8888", "xbgr8888", "other", "blt only")


def _sysregs(names):
    import sysreg

    values = OrderedDict()
    for name in names.split():
        try:
            values[name] = hex_text(int(getattr(sysreg, name)))
        except (OSError, AttributeError):
            values[name] = None
    return values


def _registers(regs, wanted):
    """wanted: "NAME@OFFSET …", hexadecimal; 64 bits with a trailing Q."""
    values = OrderedDict()
    for word in wanted.split():
        name, _, offset = word.partition("@")
        try:
            if offset[-1] == "Q":
                values[name] = hex_text(regs.read64(int(offset[:-1], 16)))
            else:
                values[name] = hex_text(regs.read32(int(offset, 16)))
        except OSError:
            values[name] = None
    return values


def made():
    """Which firmware made the report, and when."""
    now = time.gmtime()
    return {
        "firmware": boot.version,
        "build": boot.build_id(),
        "uptime_us": time.ticks_us(),
        # A clock that was never set starts in 1970.
        "date": "%04d-%02d-%02dT%02d:%02d:%02dZ" % tuple(now[:6]) if now[0] > 2000 else None,
        "python": sys.version,
        "cmdline": boot.cmdline(),
    }


def machine():
    """What the machine is, and what that was concluded from."""
    import smp

    hw = boot.hw()
    evidence = []
    for what, text in (("vendor", hw["vendor"]), ("product", hw["product"])):
        evidence.append("%s %s" % (what, text))
    evidence += _oem_ids()
    text = " ".join(evidence).lower()
    found = "unknown"
    for name, marks in (("Parallels", "parallels prls 1ab8"), ("QEMU", "qemu bochs 1af4:1100")):
        if any(mark in text for mark in marks.split()):
            found = name
            break
    return {
        "hypervisor": found,
        "evidence": evidence,
        "vendor": hw["vendor"],
        "product": hw["product"],
        "firmware": hw["firmware"],
        "path": hw["path"],
        "el": hw["el"],
        "psci": smp.psci(),
    }


def _oem_ids():
    """Who made the tables and the functions: ACPI's OEM id, subsystem ids of PCI."""
    ids = []
    try:
        import acpi

        for table in acpi.tables()[1:]:  # the RSDP has it elsewhere
            oem = "".join(chr(c) if 32 <= c < 127 else " " for c in table.raw()[10:16])
            ids.append("ACPI OEM %s" % oem.rstrip())
    except (OSError, ValueError):
        pass
    try:
        import pci

        for f in pci.scan():
            ids.append("PCI subsystem %04x:%04x" % f.subsystem)
    except OSError:
        pass
    return [each for i, each in enumerate(ids) if each not in ids[:i]]


def memory():
    """The physical memory map."""
    return {
        "map": [
            {"base": hex_text(base), "size": size, "kind": kind}
            for base, size, kind in boot.memory()
        ]
    }


def cpu():
    """MPIDRs of all, registers of this one."""
    return {"mpidr": [hex_text(each) for each in boot.hw()["cpus"]], "registers": _sysregs(_CPU)}


def interrupts():
    """The controller's identification, and which lines are in use."""
    import irq
    import mmio

    from . import layouts

    gic = boot.hw()["gic"]
    data = {"version": gic["version"], "registers": {}, "redistributors": []}
    if gic["version"]:
        gicd = mmio.Regs(gic["gicd"], 0x10000)
        data["registers"] = _registers(
            gicd, "GICD_CTLR@0 GICD_TYPER@4 GICD_IIDR@8 GICD_TYPER2@c GICD_PIDR2@ffe8"
        )
    if gic["version"] == 2:
        gicc = mmio.Regs(gic["gicc"], 0x1000)
        for name, value in _registers(gicc, "GICC_CTLR@0 GICC_PMR@4 GICC_IIDR@fc").items():
            data["registers"][name] = value
    elif gic["version"] >= 3:
        for name, value in _sysregs(_ICC).items():
            data["registers"][name] = value
        data["redistributors"] = [
            {"base": hex_text(base), "typer": hex_text(typer)}
            for base, typer in layouts.redistributors(gic["gicr"])
        ]
    for i, base in enumerate(gic["v2m"]):
        v2m = mmio.Regs(base, 0x1000)
        data["registers"]["V2M%u_MSI_TYPER" % i] = hex_text(v2m[0x8])
    for i, base in enumerate(gic["its"]):
        its = mmio.Regs(base, 0x10000)
        for name, value in _registers(its, "CTLR@0 IIDR@4 TYPER@8Q").items():
            data["registers"]["GITS%u_%s" % (i, name)] = value
    data["lines"] = [list(line) for line in irq.stats()]
    return data


def timer():
    """The generic timer."""
    intid, hz = boot.hw()["timer"]
    return {"intid": intid, "hz": hz, "registers": _sysregs(_TIMER)}


def uart():
    """The console.  Not DR: reading it takes a byte."""
    import mmio

    base, intid = boot.hw()["uart"]
    registers = {}
    if base:
        registers = _registers(
            mmio.Regs(base, 0x1000),
            "FR@18 IBRD@24 FBRD@28 LCR_H@2c CR@30 IFLS@34 IMSC@38 RIS@3c "
            "PeriphID0@fe0 PeriphID1@fe4 PeriphID2@fe8 PeriphID3@fec",
        )
    return {"base": hex_text(base), "intid": intid, "registers": registers}


def controllers(enable):
    """Capability registers and port states of storage and USB controllers."""
    from . import hwcontrollers

    return hwcontrollers.controllers(enable)


def display():
    """The frame buffer and the modes that the firmware offered."""
    fb = boot.hw()["fb"]
    modes = [list(mode) for mode in fb["listed"]]
    for mode in modes:
        mode[3] = _FORMATS[mode[3]]
    return {
        "base": hex_text(fb["base"]),
        "size": fb["size"],
        "width": fb["width"],
        "height": fb["height"],
        "stride": fb["stride"],
        "format": _FORMATS[fb["format"]],
        "modes": modes,
    }


def efi():
    """UEFI as it was left: tables, memory map, which variables there are (not what is in them)."""
    import efi as _efi

    vendor, revision, version = _efi.info()
    return {
        "vendor": vendor,
        "revision": hex_text(revision),
        "version": version,
        "tables": [[guid, name, hex_text(addr)] for guid, name, addr in _efi.tables()],
        "memory_map": [
            [hex_text(base), size, kind, attributes]
            for base, size, kind, attributes in _efi.memory_map()
        ],
        "variables": [[name, guid] for name, guid in _efi.variables()],
    }


def timings():
    """Nanoseconds of standard operations, the mean of many."""
    from . import hwtimings

    return hwtimings.timings()
