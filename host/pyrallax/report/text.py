"""A hardware report as sections of plain rows: what both the text and the HTML page show."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_HEX_ROW = 16


@dataclass
class Section:
    """A titled table.  columns: heads, or none; notes: lines under it; dumps: (title, hexdump)."""

    title: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dumps: list[tuple[str, str]] = field(default_factory=list)


def hexdump(data: bytes) -> str:
    """Offsets, bytes and ASCII, sixteen to a line."""
    lines = []
    for at in range(0, len(data), _HEX_ROW):
        piece = data[at : at + _HEX_ROW]
        shown = "".join(chr(b) if 0x20 <= b < 0x7F else "." for b in piece)
        lines.append(f"{at:04x}  {piece.hex(' '):{3 * _HEX_ROW - 1}}  {shown}")
    return "\n".join(lines)


def sections(report: dict[str, Any]) -> Iterator[Section]:
    """All sections in reading order."""
    makers = {
        "made": _made,
        "machine": _machine,
        "memory": _memory,
        "cpu": _cpu,
        "interrupts": _interrupts,
        "timer": _registers_of,
        "uart": _registers_of,
        "acpi": _acpi,
        "smbios": _smbios,
        "pci": _pci,
        "controllers": _controllers,
        "display": _pairs,
        "efi": _efi,
        "timings": _timings,
    }
    for name, make in makers.items():
        data = report[name]
        if isinstance(data, dict) and "error" in data:
            yield Section(name, notes=[f"could not be read: {data['error']}"])
        else:
            yield make(name, data)


def render(report: dict[str, Any], dumps: bool = False) -> str:
    """Plain text; with `dumps`, also the raw tables and configuration spaces."""
    out = []
    for section in sections(report):
        out.append(f"\n== {section.title}")
        table = ([section.columns] if section.columns else []) + section.rows
        if table:
            widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
            for row in table:
                cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                out.append("  ".join(cells).rstrip())
        out += section.notes
        if dumps:
            out += [f"\n-- {title}\n{dump}" for title, dump in section.dumps]
    return "\n".join(out).lstrip("\n") + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_cell(each)}" for key, each in value.items())
    if isinstance(value, list):
        return " ".join(_cell(each) for each in value) or "-"
    return "-" if value is None else str(value)


def _pairs(name: str, data: dict[str, Any]) -> Section:
    return Section(name, rows=[[key, _cell(value)] for key, value in data.items()])


def _good(items: list[dict[str, Any]], section: Section) -> Iterator[dict[str, Any]]:
    """Items that could be read; the others become notes."""
    for item in items:
        if "error" in item:
            section.notes.append(f"{item.get('where', '?')} could not be read: {item['error']}")
        else:
            yield item


def _made(name: str, data: dict[str, Any]) -> Section:
    return _pairs("report", data)


def _machine(name: str, data: dict[str, Any]) -> Section:
    return _pairs(name, data)


def _memory(name: str, data: dict[str, Any]) -> Section:
    rows = []
    for piece in data["map"]:
        base, size = int(piece["base"], 16), piece["size"]
        rows.append(
            [f"{base:012x}", f"{base + size - 1:012x}", f"{size // 1024} KiB", piece["kind"]]
        )
    return Section(name, ["first", "last", "size", "kind"], rows)


def _registers(section: Section, registers: dict[str, Any]) -> Section:
    section.rows += [[name, value or "not readable"] for name, value in registers.items()]
    return section


def _cpu(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, ["register", "value"])
    section.notes.append(f"{len(data['mpidr'])} CPUs, MPIDR {' '.join(data['mpidr'])}")
    return _registers(section, data["registers"])


def _registers_of(name: str, data: dict[str, Any]) -> Section:
    section = Section(name)
    section.rows = [[key, _cell(value)] for key, value in data.items() if key != "registers"]
    return _registers(section, data.get("registers", {}))


def _interrupts(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, rows=[["GIC version", _cell(data["version"])]])
    for frame in data.get("redistributors", []):
        section.rows.append([f"redistributor {frame['base']}", f"GICR_TYPER {frame['typer']}"])
    section.notes += [f"line {_cell(line)}" for line in data.get("lines", [])]
    return _registers(section, data["registers"])


def _acpi(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, ["table", "address", "length", "checksum"])
    for table in _good(data["tables"], section):
        good = "good" if table["checksum_ok"] else "BAD"
        section.rows.append([table["signature"], table["address"], str(table["length"]), good])
        raw = base64.b64decode(table["raw"])
        section.dumps.append((f"{table['signature']} at {table['address']}", hexdump(raw)))
    for device in _good(data["devices"], section):
        words = [
            f"{key}={_cell(value)}" for key, value in device.items() if value and key != "path"
        ]
        section.notes.append(" ".join([device["path"], *words]))
    return section


def _smbios(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, ["type", "handle", "structure"])
    for entry in _good(data["structures"], section):
        title = entry.get("name", "")
        section.rows.append([str(entry["type"]), f"0x{entry['handle']:04x}", title])
        fields = entry.get("fields", {})
        section.notes += [f"{title}: {key}: {value}" for key, value in fields.items() if value]
    section.dumps.append(("structures", hexdump(base64.b64decode(data["raw"]))))
    return section


def _pci(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, ["function", "id", "class", "name"])
    for f in _good(data["functions"], section):
        ids = f"{f['vendor']:04x}:{f['device']:04x}"
        section.rows.append([f["bdf"], ids, f"{f['class']:06x}", f.get("name", "")])
        for bar in f["bars"]:
            section.notes.append(
                f"{f['bdf']} BAR{bar['index']} {bar['base']} {bar['size']} bytes {bar['kind']}"
            )
        section.dumps.append((f"{f['bdf']} {ids}", hexdump(base64.b64decode(f["config"]))))
    return section


def _controllers(name: str, data: list[dict[str, Any]]) -> Section:
    section = Section(name, ["controller", "register", "value"])
    for each in data:
        title = f"{each['kind']} {each['where']}"
        if "error" in each:
            section.notes.append(f"{title}: {each['error']}")
        for register, value in each.get("registers", {}).items():
            section.rows.append([title, register, value or "not readable"])
    return section


def _efi(name: str, data: dict[str, Any]) -> Section:
    section = Section(name, ["table", "GUID", "address"])
    section.rows = [[title, guid, address] for guid, title, address in data["tables"]]
    section.notes.append(f"{data['vendor']} {data.get('revision', '')}, UEFI {data['version']}")
    section.notes += [f"memory {_cell(piece)}" for piece in data["memory_map"]]
    section.notes += [f"variable {_cell(variable)}" for variable in data["variables"]]
    return section


def _timings(name: str, data: dict[str, Any]) -> Section:
    rows = [[what, f"{timing['ns']:,.0f} ns"] for what, timing in data.items()]
    return Section(name, ["operation", "each"], rows)
