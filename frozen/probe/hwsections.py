"""Sections of the hardware report: each function returns what docs/schema/hwreport-1.json says.

They raise what the modules below raise; hwreport turns that into {"error": why}.
"""

import binascii
import sys
import time
from collections import OrderedDict

import boot

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


def _hex(value):
    return "0x%x" % value


def _base64(data):
    return binascii.b2a_base64(data, newline=False).decode()


def _each(items, make):
    """Yield make(item) for each; one that fails is {"error": why, "where": item}."""
    for item in items:
        try:
            made = make(item)
        except Exception as why:
            made = {"error": "%s: %s" % (type(why).__name__, why), "where": str(item)}
        yield made


def _sysregs(names):
    import sysreg

    values = OrderedDict()
    for name in names.split():
        try:
            values[name] = _hex(int(getattr(sysreg, name)))
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
                values[name] = _hex(regs.read64(int(offset[:-1], 16)))
            else:
                values[name] = _hex(regs.read32(int(offset, 16)))
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
            oem = "ACPI OEM %s" % str(table.raw()[10:16], "utf-8").rstrip(" \0")
            if oem not in ids:
                ids.append(oem)
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
            {"base": _hex(base), "size": size, "kind": kind} for base, size, kind in boot.memory()
        ]
    }


def cpu():
    """MPIDRs of all, registers of this one."""
    return {"mpidr": [_hex(each) for each in boot.hw()["cpus"]], "registers": _sysregs(_CPU)}


def interrupts():
    """The controller's identification, and which lines are in use."""
    import irq
    import mmio

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
        data["redistributors"] = _redistributors(gic["gicr"])
    for i, base in enumerate(gic["v2m"]):
        v2m = mmio.Regs(base, 0x1000)
        data["registers"]["V2M%u_MSI_TYPER" % i] = _hex(v2m[0x8])
    for i, base in enumerate(gic["its"]):
        its = mmio.Regs(base, 0x10000)
        for name, value in _registers(its, "CTLR@0 IIDR@4 TYPER@8Q").items():
            data["registers"]["GITS%u_%s" % (i, name)] = value
    data["lines"] = [list(line) for line in irq.stats()]
    return data


def _redistributors(ranges):
    """Every frame, in the order of the address space (Arm IHI 0069 §12.11: TYPER.Last)."""
    import mmio

    found = []
    for base, size in ranges:
        at = 0
        while at + 0x20000 <= size:
            typer = mmio.Regs(base + at, 0x20000).read64(8)
            found.append({"base": _hex(base + at), "typer": _hex(typer)})
            if typer & 0x10:
                break
            at += 0x40000 if typer & 2 else 0x20000
    return found


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
    return {"base": _hex(base), "intid": intid, "registers": registers}


def _table(t):
    return {
        "signature": t.signature,
        "address": _hex(t.addr),
        "length": t.length,
        "checksum_ok": bool(t.checksum_ok),
        "raw": _base64(t.raw()),
    }


def _window(kind, first, last, shift, bits, prefetchable):
    return {
        "kind": kind,
        "first": _hex(first),
        "last": _hex(last),
        "shift": _hex(shift),
        "bits": bits,
        "prefetchable": prefetchable,
    }


def _device(d):
    return {
        "path": d.path,
        "hid": d.hid,
        "cid": d.cid,
        "uid": d.uid,
        "adr": d.adr,
        "sta": d.sta,
        "memory": [[_hex(base), size] for base, size in d.memory],
        "irqs": [list(each) for each in d.irqs],
        "windows": [_window(*each) for each in d.windows],
    }


def acpi():
    """All tables raw, the RSDP first, and the devices of the namespace."""
    import acpi as _acpi

    return {"tables": _each(_acpi.tables(), _table), "devices": _each(_acpi.devices(), _device)}


def _structure(s):
    return {
        "type": s.type,
        "handle": s.handle,
        "name": s.name,
        "fields": {label: str(value) for label, _, value in s.fields},
    }


def smbios():
    """The structures raw, and decoded."""
    from . import smbios as _smbios

    raw = _smbios.raw()
    return {"raw": _base64(raw), "structures": _each(_smbios.decode(raw), _structure)}


def _bar(bar):
    words = ["%s%u" % (bar.kind, bar.bits)]
    words += ["prefetchable"] if bar.prefetchable else []
    words += ["size assumed"] if bar.assumed else []
    words += [bar.problem] if bar.problem else []
    return {
        "index": bar.index,
        "base": _hex(bar.address),
        "size": bar.size,
        "kind": " ".join(words),
    }


def _function(f):
    """With its configuration space: 4 KiB, or 256 bytes where the rest is empty."""
    import lspci

    data = bytearray(4096)
    f.cfg.readinto(0, data, 32)
    extended = any(data[256:]) and data[256:260] != b"\xff\xff\xff\xff"
    return {
        "bdf": f.bdf,
        "vendor": f.vendor,
        "device": f.device,
        "class": f.class_,
        "name": lspci.title(f).partition(" ")[2],
        "config": _base64(data if extended else data[:256]),
        "bars": [_bar(b) for b in f.bars],
    }


def pci():
    """Every function."""
    import pci as _pci

    return {
        "ecam": [
            {"base": _hex(base), "segment": segment, "first": first, "last": last}
            for base, segment, first, last in boot.hw()["ecam"]
        ],
        "functions": _each(_pci.scan(), _function),
    }


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
        "base": _hex(fb["base"]),
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
        "revision": _hex(revision),
        "version": version,
        "tables": [[guid, name, _hex(addr)] for guid, name, addr in _efi.tables()],
        "memory_map": [
            [_hex(base), size, kind, attributes]
            for base, size, kind, attributes in _efi.memory_map()
        ],
        "variables": [[name, guid] for name, guid in _efi.variables()],
    }


def timings():
    """Nanoseconds of standard operations, the mean of many."""
    from . import hwtimings

    return hwtimings.timings()
