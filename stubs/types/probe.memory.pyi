from _typeshed import ReadableBuffer, WriteableBuffer

def hexdump(
    addr: int | ReadableBuffer, n: int | None = None, width: int | None = None
) -> None: ...
def hexdiff(a: int | ReadableBuffer, b: int | ReadableBuffer, n: int | None = None) -> None: ...
def find(
    pattern: bytes | str | int,
    start: int | ReadableBuffer | None = None,
    n: int | None = None,
    align: int = 1,
    limit: int = 16,
) -> list[int]: ...
def fill(
    addr: int | WriteableBuffer,
    value: int,
    n: int | None = None,
    width: int = 1,
    force: bool = False,
) -> None: ...
def copy(
    dst: int | WriteableBuffer,
    src: int | ReadableBuffer,
    n: int | None = None,
    width: int = 1,
    force: bool = False,
) -> None: ...
def compare(
    a: int | ReadableBuffer, b: int | ReadableBuffer, n: int | None = None
) -> int | None: ...
def crc32(addr: int | ReadableBuffer, n: int | None = None) -> int: ...
def memtest(
    addr: int | WriteableBuffer | None = None,
    n: int | None = None,
    passes: int = 1,
    force: bool = False,
) -> tuple[int, int, int, str] | None: ...
