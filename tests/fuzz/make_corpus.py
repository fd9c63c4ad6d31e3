"""python tests/fuzz/make_corpus.py FOLDER: seeds for the fuzzers from a machine's real tables.

FOLDER holds SIG.aml files as tests/uefi/test_shim_acpi.py dumps them (pytest's --basetemp), with
any number of machines below it.  Each machine's tables are packed into one small image of physical
memory, as fuzz_acpi.c wants it; so are *.dtb files there (`-M virt,dumpdtb=FILE`), which QEMU pads
to 1 MiB.  The other seeds are made here.
"""

import struct
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "uefi"))
PHYS_BASE = 0x40000000


def _sum(data: bytearray, at: int, end: int, where: int) -> None:
    data[where] = 0
    data[where] = -sum(data[at:end]) & 0xFF


def acpi_image(tables: list[bytes], revision: int = 2) -> bytes:
    """RSDP, root table and tables, each 16-byte aligned."""
    entry = 8 if revision >= 2 else 4
    at = 48 + 36 + entry * len(tables)
    addresses, body = [], b""
    for table in tables:
        pad = -at % 16
        body += bytes(pad) + table
        addresses.append(PHYS_BASE + at + pad)
        at += pad + len(table)
    root = bytearray(36) + b"".join(a.to_bytes(entry, "little") for a in addresses)
    root[:8] = (b"XSDT" if entry == 8 else b"RSDT") + struct.pack("<I", len(root))
    _sum(root, 0, len(root), 9)
    rsdp = bytearray(48)
    rsdp[:8] = b"RSD PTR "
    rsdp[15] = revision
    rsdp[16:20] = struct.pack("<I", PHYS_BASE + 48)
    rsdp[20:32] = struct.pack("<IQ", 36, PHYS_BASE + 48)
    _sum(rsdp, 0, 20, 8)
    _sum(rsdp, 0, 36, 32)
    return bytes(rsdp + root) + body


def packed_tree(tree: bytes) -> bytes:
    """A device tree without the holes between its blocks."""
    head = list(struct.unpack_from(">10I", tree))
    structure, strings = tree[head[2] :][: head[9]], tree[head[3] :][: head[8]]
    head[4], head[2], head[3] = 40, 56, 56 + len(structure)
    head[1] = head[3] + len(strings)
    return struct.pack(">10I", *head) + bytes(16) + structure + strings


def memmap(descriptors: list[tuple[int, int, int, int]], size: int = 48, bits: int = 44) -> bytes:
    """type, base, pages, attribute of each."""
    packed = b"".join(
        struct.pack("<IIQQQQ", t, 0, base, 0, pages, attr).ljust(size, b"\0")
        for t, base, pages, attr in descriptors
    )
    return bytes([size // 8, bits]) + packed


def smbios(vendor: bytes, product: bytes) -> bytes:
    """A version 3 entry point with a type 0 and a type 1 structure behind it."""
    table = b"\0\4\0\0BIOS\0\0"
    table += (
        b"\1\33\1\0\1\2\0\0" + bytes(range(16)) + b"\6\0\0" + vendor + b"\0" + product + b"\0\0"
    )
    table += b"\x7f\4\2\0\0\0"
    entry = bytearray(b"_SM3_\0\x18\3\0\0\1\0" + struct.pack("<IQ", len(table), PHYS_BASE + 32))
    _sum(entry, 0, 24, 5)
    return bytes(entry).ljust(32, b"\0") + table


def smbios2() -> bytes:
    """The same by a version 2 entry point."""
    table = smbios(b"QEMU", b"QEMU Virtual Machine")[32:]
    entry = bytearray(b"_SM_\0\x1f\2\x08".ljust(16, b"\0") + b"_DMI_\0")
    entry += struct.pack("<HIHB", len(table), PHYS_BASE + 32, 3, 0x28)
    _sum(entry, 16, 31, 21)
    _sum(entry, 0, 31, 4)
    return bytes(entry).ljust(32, b"\0") + table


def write(target: str, name: str, data: bytes) -> None:
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def main() -> None:
    import dummy_elf

    for folder in sorted({p.parent for p in Path(sys.argv[1]).rglob("APIC.aml")}):
        paths = sorted(p for p in folder.glob("*.aml") if p.stem not in ("XSDT", "DSDT"))
        tables = [p.read_bytes() for p in paths]
        name = folder.name.removeprefix("test_log_matches_iasl_")
        write("fuzz_acpi", f"qemu-{name}", acpi_image(tables))
    for path in sorted(Path(sys.argv[1]).rglob("*.dtb")):
        write("fuzz_fdt", path.stem, packed_tree(path.read_bytes()))
    # The shape of Parallels Desktop's tables, from the reference's sizes and values.
    gicc = b"".join(
        struct.pack("<BBHIIIIIQQQQIQQBBH", 11, 80, 0, i, i, 1, 0, 23, 0, 0, 0, 0, 0, 0, i, 0, 0, 0)
        for i in range(4)
    )
    madt = struct.pack("<BBHIQIB3x", 12, 24, 0, 0, 0x02010000, 0, 3) + gicc
    madt += struct.pack("<BBHIQIHH", 13, 24, 0, 0, 0x02250000, 1, 64, 53)
    madt += struct.pack("<BBHQI", 14, 16, 0, 0x02500000, 0x80000)
    dbg2 = struct.pack("<II", 44, 1)
    dbg2 += struct.pack("<BHBHHHHHHHHH", 0, 49, 1, 11, 38, 0, 0, 0x8000, 3, 0, 22, 34)
    dbg2 += struct.pack("<BBBBQI", 0, 32, 0, 3, 0x02110000, 0x1000) + b"\\_SB_.COM0\0"
    gtdt = struct.pack("<QIIIIIIIIIQII", 0, 0, 29, 0, 30, 0, 27, 0, 26, 0, 0, 0, 0)
    mcfg = bytes(8) + struct.pack("<QHBBI", 0x02300000, 0, 0, 0, 0)
    fadt = bytes(93) + struct.pack("<H", 3) + bytes(145)
    bodies = {b"APIC": bytes(8) + madt, b"DBG2": dbg2, b"GTDT": gtdt, b"MCFG": mcfg, b"FACP": fadt}
    tables = []
    for sig, body in bodies.items():
        table = bytearray((sig + struct.pack("<I", 36 + len(body))).ljust(36, b"\0") + body)
        _sum(table, 0, len(table), 9)
        tables.append(bytes(table))
    write("fuzz_acpi", "parallels", acpi_image(tables))
    write("fuzz_acpi", "rsdt", acpi_image(tables, revision=0))
    watchdog = bytearray(b"GTDT" + struct.pack("<I", 132) + bytes(28) + gtdt + bytes(8))
    watchdog[88:96] = struct.pack("<II", 1, 104)
    watchdog += struct.pack("<BHBQQII", 1, 28, 0, 0x50000000, 0x50001000, 48, 0)
    write("fuzz_acpi", "watchdog", acpi_image([bytes(watchdog)]))

    elf = dummy_elf.build()
    write("fuzz_elf", "dummy", elf[: 2 * 4096 + 100])
    write(
        "fuzz_elf", "no-build-id", dummy_elf.build(notes=dummy_elf.note(b"Pyrallax\0", 1, b"1234"))
    )
    wb = 0xF
    write(
        "fuzz_memmap",
        "qemu",
        memmap(
            [
                (11, 0x04000000, 0x4000, 1 << 63),
                (7, 0x40000000, 0x1C3AA, wb),
                (4, 0x5C3AA000, 0x86, wb),
                (9, 0x5C430000, 0x10, wb),
                (6, 0x5C440000, 0x2F0, 1 << 63 | wb),
                (7, 0x5C730000, 0x34D0, wb),
            ]
        ),
    )
    write(
        "fuzz_memmap",
        "overlap",
        memmap([(7, 0, 0x60000, wb), (5, 0x40001800, 3, wb), (0, 0x40000000, 2, wb)], size=40),
    )
    write("fuzz_smbios", "version3", smbios(b"Parallels", b"Parallels ARM Virtual Machine"))
    write("fuzz_smbios", "version2", smbios2())


if __name__ == "__main__":
    main()
