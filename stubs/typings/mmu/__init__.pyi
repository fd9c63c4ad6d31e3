"""Translations, mappings, address spaces, the TLB: docs/reference/mmu.md."""

from typing import Literal, NamedTuple, Self, type_check_only

NORMAL: str
NC: str
DEVICE: str
DEVICE_RE: str

@type_check_only
class _Translation(NamedTuple):
    pa: int | None
    type: str | None
    level: int | None
    kernel: str | None
    user: str | None
    at_pa: int | None
    at_type: str | None
    at_kernel: str | None
    at_user: str | None
    agree: bool | None

@type_check_only
class _Step(NamedTuple):
    level: int
    entry: int
    raw: int
    kind: Literal["table", "block", "page", "invalid"]
    pa: int | None
    attr: int | None
    type: str | None
    ap: int | None
    sh: str | None
    af: bool | None
    ng: bool | None
    pxn: bool | None
    uxn: bool | None
    contiguous: bool | None

@type_check_only
class _Region(NamedTuple):
    va: int
    size: int
    pa: int
    type: str
    kernel: str
    user: str
    global_: bool

@type_check_only
class _Stats(NamedTuple):
    tables: int
    asids: int

class Space:
    """An address space of its own from 1 TiB to 256 TiB.  A context manager: leaving closes it."""

    @property
    def asid(self) -> int | None: ...
    @property
    def root(self) -> int:
        """Address of its level 0 table."""
    def __init__(self) -> None: ...
    def map(
        self,
        va: int,
        pa: int,
        size: int,
        *,
        type: str = ...,
        write: bool | None = None,
        execute: bool = False,
        user: bool = False,
    ) -> None: ...
    def unmap(self, va: int, size: int, /) -> None: ...
    def protect(
        self,
        va: int,
        size: int,
        *,
        type: str | None = None,
        write: bool | None = None,
        execute: bool | None = None,
        user: bool | None = None,
    ) -> None: ...
    def translate(self, va: int, /) -> _Translation | None: ...
    def walk(self, va: int, /) -> list[_Step]: ...
    def regions(self) -> list[_Region]: ...
    def switch(self) -> None:
        """Translate with it from now on."""
    def close(self) -> None:
        """Free its tables, back to the kernel's space if it was current.  Harmless twice."""
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: object, value: object, where: object, /) -> None: ...

def translate(va: int, /) -> _Translation | None:
    """What an address leads to, by the tables and by the CPU; None: nowhere."""

def walk(va: int, /) -> list[_Step]:
    """Each descriptor on the way."""

def regions() -> list[_Region]:
    """What is mapped, neighbours of one kind joined."""

def stats() -> _Stats: ...
def map(
    va: int,
    pa: int,
    size: int,
    *,
    type: str = ...,
    write: bool | None = None,
    execute: bool = False,
    user: bool = False,
) -> None:
    """Map, in the current space; type: NORMAL, NC, DEVICE or DEVICE_RE.

    write: None is the opposite of execute.  Raises ValueError, OSError(EBUSY), OSError(EPERM).
    """

def unmap(va: int, size: int, /) -> None:
    """What is not mapped stays so."""

def protect(
    va: int,
    size: int,
    *,
    type: str | None = None,
    write: bool | None = None,
    execute: bool | None = None,
    user: bool | None = None,
) -> None:
    """Change what is not None.  Raises OSError(EFAULT) for what is not mapped."""

def switch(space: Space | None = None, /) -> None:
    """Translate with a Space; None is the kernel's own."""

def current() -> Space | None: ...
def flush(va: int | None = None, asid: int | None = None) -> None:
    """Have the TLB of every CPU forget an address, an ASID, or all."""

def flush_va(va: int, asid: int = ..., /) -> None: ...
def flush_asid(asid: int, /) -> None: ...
def flush_all() -> None: ...
def selftest(n: int = 1000, /) -> dict[str, tuple[int, int, int]]:
    """{kind: (rounds, old, ticks)}: whether each flush is one."""
