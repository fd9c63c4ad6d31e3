"""What ACPICA's iasl reads in a table: the judge of the target's own decoding."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

# [02Ch 0044   1]      Subtable Type : 0C [Generic Interrupt Distributor]
# and, for the bits of a field, without a place:      PSCI Compliant : 1
_LINE = re.compile(r"^(?:\[([0-9A-F]+)h [0-9]+ +([0-9]+)\])? +(\S.*?) +?: (.*)$", re.M)
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Field:
    """One line of iasl's dump.  Bits of a field have no offset and no size."""

    name: str
    offset: int | None
    size: int
    text: str

    def agrees(self, value: int | str | bytes) -> bool:
        """Whether a decoded value is what iasl printed."""
        if isinstance(value, int):
            return int(self.text.split()[0], 16) == value
        if isinstance(value, str):
            return self.text.split("    [")[0].strip() == f'"{value}"'.replace("\\", "\\\\") or (
                self.text.split("    [")[0].strip() == f'"{value}"'
            )
        if self.text.startswith("["):  # a structure, whose fields follow
            return len(value) == self.size
        # iasl breaks long lines, and prints short reserved ones as numbers
        shown = self.text.replace("\\", "").split()
        return bytes.fromhex("".join(shown)) in (value, value[: len(shown)], value[::-1])


# SPCR's byte at 0x3f, which iasl 20200925 takes from another place.
_ODD = ("Reserved", 0x4C, 1)


def run(argv: list[str], folder: Path) -> str:
    """iasl's words.  Raises AssertionError with them when it fails."""
    done = subprocess.run(
        ["iasl", *argv], capture_output=True, text=True, timeout=_TIMEOUT_S, cwd=folder
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def disassemble(data: bytes, others: dict[str, bytes] | None = None) -> str:
    """ASL, or the dump of a data table.  others: SSDTs by name, for external references."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "table.aml").write_bytes(data)
        argv = ["-d", "table.aml"]
        for other, content in (others or {}).items():
            (folder / f"{other}.aml").write_bytes(content)
            argv = ["-e", f"{other}.aml", *argv]
        run(argv, folder)
        return (folder / "table.dsl").read_text()


def fields(data: bytes) -> list[Field]:
    """The lines of the dump of a data table, in order."""
    text = disassemble(data).split("*/", 1)[1]
    return [
        Field(m[3].strip(), int(m[1], 16) if m[1] else None, int(m[2] or 0), m[4])
        for m in _LINE.finditer(text)
    ]


def compile_asl(source: str) -> bytes:
    """AML of an ASL source, or of a data table's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "source.asl").write_text(source)
        run(["-ve", "-p", "compiled", "source.asl"], folder)
        return (folder / "compiled.aml").read_bytes()


def template(signature: str) -> bytes:
    """A table with every structure that iasl knows for the signature."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        run(["-T", signature], folder)
        return compile_asl((folder / f"{signature.lower()}.asl").read_text())


def disagreements(data: bytes, decoded: list[tuple]) -> list[str]:
    """Where decoded [(name, offset, value), …] and iasl differ, one text each; [] is good."""
    want = [f for f in fields(data) if (f.name, f.offset, f.size) != _ODD]
    if data[:4] == b"SPCR":
        decoded = [f for f in decoded if f[0] != "Language"]
    told = []
    for (name, offset, value), field in zip(decoded, want, strict=False):
        place = offset if field.offset is None else field.offset
        if (name, offset) != (field.name, place) or not field.agrees(value):
            told.append(f"got {name!r} at 0x{offset:x} = {value!r}, iasl says {field}")
    if len(decoded) != len(want):
        told.append(f"{len(decoded)} fields, iasl has {len(want)}")
    return told
