"""Ranges of addresses, read, written, searched, tested: docs/reference/rawmem.md.

Wherever a function takes an address it takes a buffer, too; its length is the default for `n`.
width: bits of an access, 8, 16, 32 or 64; 0: as it goes fastest.  force: also in the firmware's
own memory.  Raises BusError, ValueError, TypeError, OSError(EPERM).
"""

from _typeshed import ReadableBuffer, WriteableBuffer

def read(addr: int | ReadableBuffer, n: int | None = None, width: int = 8) -> bytes: ...
def readinto(addr: int | ReadableBuffer, buf: WriteableBuffer, width: int = 8) -> None:
    """As much as buf holds."""

def write(
    addr: int | WriteableBuffer, data: ReadableBuffer, width: int = 8, *, force: bool = False
) -> None: ...
def fill(
    addr: int | WriteableBuffer, n: int | None, value: int, width: int = 8, *, force: bool = False
) -> None:
    """The low `width` bits of value, over and over."""

def copy(
    dst: int | WriteableBuffer,
    src: int | ReadableBuffer,
    n: int | None,
    width: int = 8,
    *,
    force: bool = False,
) -> None:
    """The ranges may overlap."""

def compare(
    a: int | ReadableBuffer, b: int | ReadableBuffer, n: int | None = None, width: int = 0
) -> int:
    """Offset of the first byte that differs, or -1."""

def find(
    addr: int | ReadableBuffer,
    n: int | None,
    pattern: ReadableBuffer,
    mask: ReadableBuffer | None = None,
    align: int = 1,
    width: int = 0,
) -> int:
    """Address of the first place where pattern stands, or -1; mask has ones where bits count."""

def crc32(addr: int | ReadableBuffer, n: int | None = None, width: int = 0) -> int:
    """As binascii.crc32."""

def memtest(
    addr: int | WriteableBuffer, n: int | None = None, passes: int = 1, *, force: bool = False
) -> tuple[int, int, int, str] | None:
    """Destroy and test memory; None or (address, wrote, read, part) of the first bad word."""

def free() -> list[tuple[int, int]]:
    """[(base, size), …]: RAM that nobody has."""
