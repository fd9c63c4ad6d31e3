"""A firmware image of a few instructions, to start the shim without the firmware."""

import struct

from pyrallax.image.elfsum import stamped

KERNEL_BASE = 0xFFFFFFFF80000000
PAGE = 4096

# x0 = hw_config_t *: "OK\n" to its UART (hwconfig.h: uart_base at 96), then wait for ever.
_CODE = [
    0xF9403001,  # ldr x1, [x0, #96]
    0x528009E2,  # mov w2, #'O'
    0xB9000022,  # str w2, [x1]
    0x52800962,  # mov w2, #'K'
    0xB9000022,
    0x52800142,  # mov w2, #'\n'
    0xB9000022,
    0xD503207F,  # wfi
    0x17FFFFFF,  # b to it
]


def note(name: bytes, kind: int, desc: bytes) -> bytes:
    """An ELF note with 4-byte padding."""
    padded = name + bytes(-len(name) % 4)
    return struct.pack("<III", len(name), len(desc), kind) + padded + desc + bytes(-len(desc) % 4)


def phdr(
    kind: int, flags: int, offset: int, vaddr: int, filesz: int, memsz: int, align: int
) -> bytes:
    """An Elf64_Phdr."""
    return struct.pack("<IIQQQQQQ", kind, flags, offset, vaddr, vaddr, filesz, memsz, align)


def build(
    *, machine: int = 183, kind: int = 2, notes: bytes | None = None, segments=None
) -> bytes:
    """An image that the shim accepts, unless an argument says otherwise.  Stamped where it can be.

    segments: list of (flags, vaddr, filesz, memsz), filesz bytes from file offset 4096 on.
    """
    if notes is None:
        notes = note(b"GNU\0", 3, bytes(range(20))) + note(b"Pyrallax\0", 1, bytes(4))
    if segments is None:
        segments = [
            (5, KERNEL_BASE, PAGE, PAGE),
            (4, KERNEL_BASE + PAGE, PAGE, PAGE),
            (6, KERNEL_BASE + 2 * PAGE, 0, 4 * PAGE),
            (6, KERNEL_BASE + 8 * PAGE, 0, 4 * PAGE),
        ]
    code = b"".join(struct.pack("<I", word) for word in _CODE)
    head = [phdr(1, flags, PAGE, va, fsz, msz, PAGE) for flags, va, fsz, msz in segments]
    head.append(phdr(4, 4, 2 * PAGE, KERNEL_BASE + PAGE, len(notes), len(notes), 4))
    ehdr = b"\x7fELF\x02\x01\x01" + bytes(9)
    ehdr += struct.pack("<HHIQQQI", kind, machine, 1, KERNEL_BASE, 64, 0, 0)
    ehdr += struct.pack("<HHHHHH", 64, 56, len(head), 0, 0, 0)
    elf = (ehdr + b"".join(head)).ljust(PAGE, b"\0") + code.ljust(PAGE, b"\0")
    elf += notes.ljust(PAGE, b"\0")
    return stamped(elf) if b"Pyrallax\0" in notes else elf
