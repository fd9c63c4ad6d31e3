"""Memory that hardware may address: docs/reference/dma.md."""

from typing import Any, Self, final, type_check_only

from mmio import Regs

@final
@type_check_only
class Buffer:
    """Stays where it is until free().  A context manager: leaving frees it."""

    @property
    def name(self) -> str: ...
    @property
    def phys(self) -> int | Any:
        """Physical address; None after free()."""
    def free(self) -> None:
        """Give the memory back.  Harmless twice."""
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, value: object, where: object, /) -> None: ...

def alloc(size: int, align: int = 64, name: str = "", /) -> Buffer:
    """`size` cleared bytes; align: a power of two up to 2 MiB.

    Raises ValueError, OSError(ENOMEM).
    """

def borrow(buf: object, write: bool = True, wide: bool = True, /) -> Buffer | None:
    """`buf`'s own memory as a Buffer; None where hardware cannot have it.

    write: hardware is to write to it.  wide: it reaches more than 4 GiB.  Raises TypeError.
    """

def stats() -> tuple[int, int, int, int]:
    """(buffers, used, pool, peak)"""

def check() -> int:
    """Buffers whose guards were overwritten."""

def broken() -> list[tuple[str, int, int, int]]:
    """[(name, address, size, offset), …] of those that are out."""

def stop_at_reset(regs: Regs, how: tuple[int, int, int, int, int] | None = None, /) -> None:
    """Have a soft reset stop a device: (command, run, status, halted, reset); None: no longer.

    Raises IndexError, OSError(ENOSPC).
    """
