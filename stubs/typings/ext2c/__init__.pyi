"""Inner loops of the file system: docs/reference/ext2c.md.  -2 stands for a broken block."""

from _typeshed import ReadableBuffer, WriteableBuffer
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

_Kind = TypeVar("_Kind")

def find(block: ReadableBuffer, name: bytes, /) -> int:
    """Offset of the record of a name in a directory block, -1 when it is not there."""

def names(
    chunks: list[Any],
    typed: bool,
    size: int,
    broken: Callable[[int], object],
    inodes: Callable[[int], tuple[int, ReadableBuffer, int]] | None,
    /,
) -> Iterator[tuple[str, int, int] | tuple[str, int, int, int]]:
    """(name, type, inode) of each name in directory blocks of `size` bytes."""

def inode(
    cls: type[_Kind], ino: int, map: object, table: ReadableBuffer, off: int, size: int, /
) -> _Kind:
    """An instance for the `size` bytes at `off` in an inode table, without its __init__()."""

def make(cls: type[_Kind], names: tuple[str, ...], /, *values: object) -> _Kind:
    """An instance with these attributes, without its __init__(); 14 values at most."""

def lookup(dicts: tuple[dict[Any, Any], ...] | list[dict[Any, Any]], key: object, /) -> Any:
    """The value of a key in the first of some dicts that has it, or None."""

def near_stat(
    path: str, folder: str, block: ReadableBuffer, young: object, core: object, shape: object, /
) -> tuple[int, int, int, int, int, int, int, int, int, int] | None:
    """stat() of a name in a directory block; None: the caller goes the long way."""

def near_inode(
    path: str, folder: str, block: ReadableBuffer, young: object, core: object, shape: object, /
) -> Any:
    """The inode of a regular file, put into core; None as near_stat()."""

def kept(core: dict[int, Any], dirty: Any, room: int, /) -> dict[int, Any]:
    """Those inodes of core that are open or in `dirty`, with room for so many."""

def part(buf: ReadableBuffer, off: int, n: int, /) -> bytes:
    """Those n bytes."""

def window(view: memoryview, buf: ReadableBuffer, off: int, n: int, /) -> memoryview:
    """The view, which shows n bytes of buf from `off` on from now on."""

def copy(to: WriteableBuffer, at: int, data: ReadableBuffer, off: int, n: int, /) -> None:
    """Copy n bytes of data from `off` on to `to` from `at` on."""

def stat(
    table: ReadableBuffer, off: int, ino: int, /
) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """The tuple of os.stat() from an inode in its table."""

def below(path: str, folder: str, /) -> bytes | None:
    """The name when path is folder + "/" + name."""

def room(block: ReadableBuffer, need: int, /) -> int:
    """Offset of the first record with `need` bytes to spare, or -1."""

def before(block: ReadableBuffer, off: int, /) -> int:
    """Offset of the record in front of that at `off`; `off` itself for the first."""

def live(block: ReadableBuffer, /) -> int:
    """How many names a directory block has."""

def run(words: ReadableBuffer, index: int, limit: int, /) -> int:
    """length << 32 | first of the run of pointers from `index` on."""

def word(block: ReadableBuffer, off: int, /) -> int:
    """The 32-bit number at an offset."""

def put_run(words: WriteableBuffer, index: int, n: int, first: int, /) -> None:
    """Write n pointers, counting up from `first`; all 0 when that is 0."""

def free_run(bitmap: ReadableBuffer, start: int, end: int, most: int, /) -> int:
    """length << 32 | index of the first run of clear bits in [start, end), or 0."""

def set_bits(bitmap: WriteableBuffer, start: int, n: int, value: int, /) -> int:
    """Set n bits; how many were different before."""

def byte(buf: ReadableBuffer, value: int, start: int, end: int, /) -> int:
    """Index of the first byte of that value in buf[start:end], or -1."""

def fill(buf: WriteableBuffer, value: int, /) -> None:
    """Set every byte."""

def crc32c(crc: int, buf: ReadableBuffer, /) -> int:
    """CRC-32C of buf, from crc on; nothing is inverted."""
