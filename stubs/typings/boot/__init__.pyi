"""How this machine came up, and the firmware's counters: docs/reference/boot.md."""

from _typeshed import ReadableBuffer
from collections.abc import Callable
from typing import Any, Literal

version: str

def timeline(raw: bool = False, /) -> list[tuple[str, int]]:
    """[(stage, µs since the first), …]; raw: the counter's value at each."""

def counter() -> int:
    """CNTVCT_EL0 now."""

def instructions() -> int | None:
    """Instructions retired since the first call, modulo 2**32; None where nobody counts."""

def hw() -> dict[str, Any]:
    """The machine as the hand-off describes it: docs/reference/boot.md#keys-of-hw."""

def memory() -> list[tuple[int, int, str]]:
    """[(base, size, kind), …]: the physical memory map."""

def stats() -> dict[str, int]:
    """Counters: docs/reference/boot.md#keys-of-stats."""

def heartbeat() -> int:
    """Milliseconds between heartbeat lines that the command line asks for; 0: none."""

def cmdline() -> str: ...
def build_id() -> str:
    """40 hexadecimal digits."""

def on_bootloader(fn: Callable[..., object] | None, /) -> None:
    """What machine.bootloader() calls before it resets; None: the serial loader."""

def load(elf: ReadableBuffer, /) -> None:
    """Lay out another firmware in free memory.  Raises ValueError."""

def start() -> None:
    """Start what load() has laid out.  Raises OSError(ENOENT)."""

def ramdisk() -> bytearray | None:
    """The memory behind /ram."""

def storage() -> Literal["pci", "acpi"] | None:
    """Where a disk controller may be."""

def usb() -> bool:
    """Whether there is an xHCI controller."""

def crash(kind: Literal["null", "wild", "undef", "assert", "stack", "overflow"], /) -> None:
    """Fault on purpose.  Raises ValueError, and RuntimeError for "overflow"."""
