"""An ACPI set of our own for a QEMU `virt` machine, in the shape that Parallels Desktop gives.

Parallels has DBG2 but no SPCR, PPTT or IORT, and fixed sizes (observed: Parallels).  QEMU cannot
leave a table out, so with `acpi=off` the whole set is given through fw_cfg, where edk2 takes it.
edk2 lists the tables in an XSDT of its own and leaves out what has a wrong checksum.
§ without a name is ACPI 6.5.  Not done: PCI root and the power button in the DSDT.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

HEADER_LEN = 36  # §5.2.6
_MEMORY = 0  # address space of a Generic Address Structure, §5.2.3.2
_LEVEL_HIGH = 0  # timer interrupt flags, §5.2.24

PL011 = 3  # DBG2 subtypes of a serial port (Microsoft Debug Port Table 2, table 3)
SBSA = 14
UART_16550 = 0


@dataclass(frozen=True)
class Machine:
    """What the tables say.  Defaults are the addresses of QEMU's `virt` (hw/arm/virt.c).

    cpus: the Aff0 of each, in the order of the MADT.  gicr_in_gicc: each GICC names its own
    redistributor; else one range covers them all.  dbg2: subtype of the UART, None for no table.
    ahci: (address, bytes, INTID) of the AHCI controller that the DSDT describes as PRL4010; INTID
    None: it describes no interrupt; (): it has no resources at all.
    psci: "hvc", "smc" or "" for none.  pcct: add the table without subspaces that Parallels has.
    """

    gic: int = 3
    cpus: tuple[int, ...] = (0,)
    gicd: int = 0x08000000
    gicc: int = 0x08010000  # GICv2
    gicr: int = 0x080A0000  # GICv3
    v2m: int = 0x08020000  # QEMU has a frame there only with GICv2
    v2m_spis: tuple[int, int] = (80, 64)
    gicr_in_gicc: bool = False
    uart: int = 0x09000000
    uart_intid: int = 33  # only in the DSDT
    dbg2: int | None = PL011
    ecam: int = 0x4010000000
    bus_last: int = 0
    psci: str = "hvc"
    pcct: bool = True
    ahci: tuple[int, int, int | None] | tuple[()] | None = None


def checksummed(table: bytes) -> bytes:
    """The table with the sum of its bytes brought to 0 (§5.2.6)."""
    zeroed = table[:9] + b"\0" + table[10:]
    return table[:9] + bytes([-sum(zeroed) & 0xFF]) + table[10:]


def table(signature: str, revision: int, body: bytes) -> bytes:
    """System description table header (§5.2.6) and body, checksummed."""
    length = HEADER_LEN + len(body)
    head = struct.pack("<4sIBB", signature.encode(), length, revision, 0)
    head += struct.pack("<6s8sI4sI", b"PYRLX ", b"TWIN    ", 1, b"PYRX", 1)
    return checksummed(head + body)


def _gicc(m: Machine, number: int, affinity: int) -> bytes:
    """§5.2.12.14, 80 bytes."""
    frame = m.gicr + affinity * 0x20000 if m.gic == 3 and m.gicr_in_gicc else 0
    base = m.gicc if m.gic == 2 else 0
    entry = struct.pack("<BBHIIIII", 0x0B, 80, 0, number, affinity, 1, 0, 23)
    return entry + struct.pack("<QQQQIQQBBH", 0, base, 0, 0, 0, frame, affinity, 0, 0, 0)


def madt(m: Machine) -> bytes:
    """Distributor, processors, MSI frame, redistributors; 108 + 80·N bytes with all (§5.2.12)."""
    body = struct.pack("<II", 0, 0)
    body += struct.pack("<BBHIQIB3x", 0x0C, 24, 0, 0, m.gicd, 0, m.gic)  # §5.2.12.15
    body += b"".join(_gicc(m, n, affinity) for n, affinity in enumerate(m.cpus))
    spi_base, spi_count = m.v2m_spis
    body += struct.pack("<BBHIQIHH", 0x0D, 24, 0, 0, m.v2m, 1, spi_count, spi_base)  # §5.2.12.16
    if m.gic == 3 and not m.gicr_in_gicc:
        body += struct.pack("<BBHQI", 0x0E, 16, 0, m.gicr, 0x20000 * len(m.cpus))  # §5.2.12.17
    return table("APIC", 5, body)


def mcfg(m: Machine) -> bytes:
    """One allocation, 60 bytes (PCI Firmware 3.3 §4.1.2)."""
    return table("MCFG", 1, struct.pack("<8xQHBBI", m.ecam, 0, 0, m.bus_last, 0))


def gtdt() -> bytes:
    """Revision 2, 96 bytes: no platform timers (§5.2.24)."""
    timers = b"".join(struct.pack("<II", intid, _LEVEL_HIGH) for intid in (29, 30, 27, 26))
    return table(
        "GTDT", 2, struct.pack("<QI", 2**64 - 1, 0) + timers + struct.pack("<QII", 0, 0, 0)
    )


def fadt(m: Machine) -> bytes:
    """276 bytes, hardware-reduced; X_FIRMWARE_CTRL and X_DSDT are the loader's (§5.2.9)."""
    body = bytearray(276 - HEADER_LEN)
    struct.pack_into("<I", body, 112 - HEADER_LEN, 1 << 20)  # HW_REDUCED_ACPI
    arm = {"": 0, "smc": 1, "hvc": 3}[m.psci]
    struct.pack_into("<HB", body, 129 - HEADER_LEN, arm, 3)  # ARM_BOOT_ARCH, minor version
    return table("FACP", 6, bytes(body))


def facs() -> bytes:
    """64 bytes, without checksum (§5.2.10)."""
    return struct.pack("<4sIIIIIQB31x", b"FACS", 64, 0, 0, 0, 0, 0, 2)


def dbg2(m: Machine) -> bytes:
    """93 bytes: one serial port named \\_SB_.COM0 (Microsoft Debug Port Table 2, table 2)."""
    name = b"\\_SB_.COM0\0"
    length = 22 + 12 + 4 + len(name)
    device = struct.pack("<BHBHHHH", 0, length, 1, len(name), 38, 0, 0)
    device += struct.pack("<HHHHH", 0x8000, m.dbg2 or 0, 0, 22, 34)
    device += struct.pack("<BBBBQI", _MEMORY, 32, 0, 3, m.uart, 0x1000) + name
    return table("DBG2", 0, struct.pack("<II", 44, 1) + device)


def pcct() -> bytes:
    """48 bytes: no subspaces (§14.1)."""
    return table("PCCT", 1, struct.pack("<IQ", 0, 0))


def _package(opcode: bytes, content: bytes) -> bytes:
    """PkgLength counts itself (§20.2.4); two bytes reach 4095."""
    length = len(content) + 2
    return opcode + bytes([0x40 | length & 15, length >> 4]) + content


def _device(name: str, hid: str, uid: int, crs: bytes = b"") -> bytes:
    """Device with _HID, _UID and the resources of _CRS (§20.2.5.2, §6.4)."""
    content = name.encode() + b"\x08_HID\x0d" + hid.encode() + b"\0"
    content += b"\x08_UID\x0a" + bytes([uid])
    if crs:
        crs += b"\x79\0"  # end tag, §6.4.2.9
        content += b"\x08_CRS" + _package(b"\x11", b"\x0a" + bytes([len(crs)]) + crs)
    return _package(b"\x5b\x82", content)


def _resources(base: int, size: int, intid: int | None) -> bytes:
    """Memory32Fixed (§6.4.3.4) and a level, active high interrupt (§6.4.3.6)."""
    crs = struct.pack("<BHBII", 0x86, 9, 1, base, size)
    return crs if intid is None else crs + struct.pack("<BHBBI", 0x89, 6, 1, 1, intid)


def dsdt(m: Machine) -> bytes:
    """The processors, the UART and perhaps AHCI, in \\_SB_ (§5.2.11.1)."""
    devices = b"".join(_device(f"C{n:03}", "ACPI0007", n) for n in range(len(m.cpus)))
    devices += _device("COM0", "ARMH0011", 0, _resources(m.uart, 0x1000, m.uart_intid))
    if m.ahci is not None:
        devices += _device("AHC0", "PRL4010", 0, _resources(*m.ahci) if m.ahci else b"")
    return table("DSDT", 2, _package(b"\x10", b"\\_SB_" + devices))


def tables(m: Machine) -> dict[str, bytes]:
    """By signature, each complete by itself; addresses in XSDT and FACP are the loader's."""
    made = {"FACS": facs(), "DSDT": dsdt(m), "APIC": madt(m), "FACP": fadt(m)}
    made |= {"GTDT": gtdt(), "MCFG": mcfg(m)}
    if m.dbg2 is not None:
        made["DBG2"] = dbg2(m)
    if m.pcct:
        made["PCCT"] = pcct()
    return made


_TABLES = "etc/acpi/tables"
_RSDP = "etc/acpi/rsdp"


def _allocate(file: str, align: int, zone: int) -> bytes:
    return struct.pack("<I56sIB", 1, file.encode(), align, zone).ljust(128, b"\0")


def _pointer(file: str, offset: int) -> bytes:
    """8 bytes at offset hold an offset into the tables; the loader adds their address."""
    return struct.pack("<I56s56sIB", 2, file.encode(), _TABLES.encode(), offset, 8).ljust(
        128, b"\0"
    )


def _checksum(file: str, at: int, start: int, length: int) -> bytes:
    return struct.pack("<I56sIII", 3, file.encode(), at, start, length).ljust(128, b"\0")


def fw_cfg(made: dict[str, bytes]) -> dict[str, bytes]:
    """By fw_cfg name: the tables, the RSDP (§5.2.5.3), and the script that joins them.

    The script is QEMU's (hw/acpi/bios-linker-loader.c): commands of 128 bytes, 1 allocate a file,
    2 add a file's address to a pointer, 3 make a checksum.
    """
    blob = b""
    at: dict[str, int] = {}
    for signature, data in made.items():
        blob = blob.ljust(-(-len(blob) // 64) * 64, b"\0")
        at[signature] = len(blob)
        blob += data
    listed = [s for s in made if s not in ("FACS", "DSDT")]
    blob = blob.ljust(-(-len(blob) // 64) * 64, b"\0")
    at["XSDT"] = len(blob)
    blob += table("XSDT", 1, b"".join(struct.pack("<Q", at[s]) for s in listed))
    patched = bytearray(blob)
    script = _allocate(_TABLES, 64, 1) + _allocate(_RSDP, 16, 1)
    for field, signature in ((132, "FACS"), (140, "DSDT")):
        struct.pack_into("<Q", patched, at["FACP"] + field, at[signature])
        script += _pointer(_TABLES, at["FACP"] + field)
    for n in range(len(listed)):
        script += _pointer(_TABLES, at["XSDT"] + HEADER_LEN + 8 * n)
    for signature, length in (("FACP", 276), ("XSDT", len(blob) - at["XSDT"])):
        patched[at[signature] + 9] = 0
        script += _checksum(_TABLES, at[signature] + 9, at[signature], length)
    rsdp = struct.pack("<8sB6sBIIQB3x", b"RSD PTR ", 0, b"PYRLX ", 2, 0, 36, at["XSDT"], 0)
    script += _pointer(_RSDP, 24) + _checksum(_RSDP, 8, 0, 20) + _checksum(_RSDP, 32, 0, 36)
    return {_TABLES: bytes(patched), _RSDP: rsdp, "etc/table-loader": script}


def arguments(m: Machine, folder: Path) -> list[str]:
    """Write the files to `folder`; QEMU's arguments for them, next to `acpi=off`."""
    argv: list[str] = []
    for name, data in fw_cfg(tables(m)).items():
        path = folder / name.replace("/", "-")
        path.write_bytes(data)
        argv += ["-fw_cfg", f"name={name},file={path}"]
    return argv
