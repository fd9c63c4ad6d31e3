"""Where UEFI left its tables, and calls of it; what users see is `efi`."""

CODE: int
DATA: int
BOTH: int
RO: int
DEVICE: int
UNCACHED: int

def system_table() -> int:
    """Physical address, or 0."""

def raw_map() -> tuple[int, int, int] | None:
    """(address, descriptors, bytes of one): the memory map at ExitBootServices."""

def space(regions: list[tuple[int, int, int]], /) -> None:
    """[(base, size, kind), …]: what the firmware may touch from now on, besides the buffer."""

def buffer() -> tuple[int, bytearray]:
    """(address, memory for arguments), until the next space()."""

def is_code(address: int, /) -> bool:
    """Whether space() lets the firmware run there."""

def call(
    function: int,
    timeout_us: int,
    a: int = ...,
    b: int = ...,
    c: int = ...,
    d: int = ...,
    e: int = ...,
    /,
) -> int:
    """EFI_STATUS.  Raises BusError, OSError(ETIMEDOUT)."""
