# Made by `inv stubs` from frozen/probe/memory.py: do not edit.
"""Memory and registers as they are: dumps, differences, searches (over rawmem).

addr: an address, or an object with the buffer protocol, the length of which is then the default.
"""

from _typeshed import ReadableBuffer, WriteableBuffer

def hexdump(addr: int | ReadableBuffer, n: int | None = None, width: int | None = None) -> None:
    """Print n bytes (256 of an address, all of a buffer), 16 a row, with their text.

    width: bytes an access, 1, 2, 4 or 8; 1 for memory, 4 for the rest where not given: registers
    are read with one load of that many bytes each, and reading may have effects.  What does not
    answer is shown as dashes.  Rows like the one above are one '*'.
    Raises ValueError for an address or length that is not a multiple of width.
    """

def hexdiff(a: int | ReadableBuffer, b: int | ReadableBuffer, n: int | None = None) -> None:
    """Print the rows of 16 bytes in which a and b differ, and how many bytes that are.

    Bytes that do not answer on both sides are no difference; they are shown and counted.

    a, b: addresses of memory or buffers; n: 256, or the length of the shorter buffer.
    """

def find(
    pattern: bytes | str | int,
    start: int | ReadableBuffer | None = None,
    n: int | None = None,
    align: int = 1,
    limit: int = 16,
) -> list[int]:
    """Addresses at which pattern stands, a list of at most `limit`.

    pattern: bytes, str (UTF-8) or int (little endian, 4 bytes, 8 where they are needed).
    start: address or buffer (offsets then); None for all of the machine's memory.  n: bytes.
    align: only multiples of it.  Addresses that do not answer are passed over.
    Raises ValueError for an empty pattern or an alignment below 1.
    """

def fill(
    addr: int | WriteableBuffer,
    value: int,
    n: int | None = None,
    width: int = 1,
    force: bool = False,
) -> None:
    """Store value in n bytes, `width` bytes a store; the firmware's own memory only by force.

    n: all of a buffer where not given.  Raises OSError(EPERM), BusError, ValueError also for more
    than the buffer has.
    """

def copy(
    dst: int | WriteableBuffer,
    src: int | ReadableBuffer,
    n: int | None = None,
    width: int = 1,
    force: bool = False,
) -> None:
    """Copy n bytes, `width` bytes an access, ranges may overlap.  n, errors: as fill()."""

def compare(a: int | ReadableBuffer, b: int | ReadableBuffer, n: int | None = None) -> int | None:
    """Offset of the first byte that differs, None when all are equal."""

def crc32(addr: int | ReadableBuffer, n: int | None = None) -> int:
    """CRC-32 (IEEE 802.3) of n bytes, as binascii.crc32."""

def memtest(
    addr: int | WriteableBuffer | None = None,
    n: int | None = None,
    passes: int = 1,
    force: bool = False,
) -> tuple[int, int, int, str] | None:
    """Test memory and destroy what is in it: None, or (address, wrote, read, part) of a fault.

    addr: address or buffer; None for the largest free piece of RAM, n bytes of it (64 MiB or all).
    """
