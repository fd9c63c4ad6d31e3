"""Stamp a firmware ELF with its CRC-32, which the UEFI shim checks before it starts the file.

The checksum lives in a note (name "Pyrallax", type 1, 4 bytes) of a PT_NOTE segment and covers
the whole file, its own four bytes taken as zero.
`python -m pyrallax.image.elfsum FILE` stamps in place.
"""

import struct
import sys
import zlib
from pathlib import Path

from ..failure import guarded

_PT_NOTE = 4
_NAME = b"Pyrallax\0"
_TYPE = 1


class BadElf(Exception):
    """The file cannot carry a checksum.  str(): why."""


def _up(value: int, align: int) -> int:
    return (value + align - 1) & ~(align - 1)


def checksum_offset(elf: bytes) -> int:
    """File offset of the four checksum bytes.  Raises BadElf."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise BadElf("not a little-endian ELF64 file")
    try:
        return _find_note(elf)
    except struct.error as e:
        raise BadElf("headers outside the file") from e


def _find_note(elf: bytes) -> int:
    (phoff,) = struct.unpack_from("<Q", elf, 32)
    phentsize, phnum = struct.unpack_from("<HH", elf, 54)
    for i in range(phnum):
        p_type, _, offset, _, _, size, _, p_align = struct.unpack_from(
            "<IIQQQQQQ", elf, phoff + i * phentsize
        )
        if p_type != _PT_NOTE:
            continue
        align = 8 if p_align == 8 else 4
        at, end = offset, offset + size
        while at + 12 <= end:
            namesz, descsz, note_type = struct.unpack_from("<III", elf, at)
            name = at + 12
            desc = name + _up(namesz, align)
            if elf[name : name + namesz] == _NAME and note_type == _TYPE:
                if descsz != 4 or desc + 4 > len(elf):
                    raise BadElf("the checksum note has a wrong size")
                return desc
            at = desc + _up(descsz, align)
    raise BadElf("no checksum note (name Pyrallax, type 1) in a PT_NOTE segment")


def stamped(elf: bytes) -> bytes:
    """The same file with its checksum filled in.  Raises BadElf."""
    at = checksum_offset(elf)
    data = bytearray(elf)
    data[at : at + 4] = bytes(4)
    data[at : at + 4] = struct.pack("<I", zlib.crc32(data))
    return bytes(data)


def stamp(path: Path) -> None:
    """Stamp the file in place; an already right file is not written."""
    elf = path.read_bytes()
    data = stamped(elf)
    if data != elf:
        path.write_bytes(data)


def main(argv: list[str]) -> int:
    if len(argv) != 1:
        print("usage: python -m pyrallax.image.elfsum FILE", file=sys.stderr)
        return 2
    try:
        stamp(Path(argv[0]))
    except (OSError, BadElf) as e:
        print(f"elfsum: {argv[0]}: {e}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:]), "elfsum"))
