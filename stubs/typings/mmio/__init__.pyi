"""Device registers, one instruction an access: docs/reference/mmio.md."""

from _typeshed import ReadableBuffer, WriteableBuffer

from trace import Ring

class Regs:
    """A window of device registers; `off` counts bytes from its begin.

    Errors of every access: IndexError outside of it, ValueError misaligned, BusError.
    """

    trace: Ring | None
    @property
    def base(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def name(self) -> str: ...
    def __init__(self, base: int, size: int, width: int = 32, name: str = "") -> None:
        """base: address; size: bytes; width: bits of an access by index, 8, 16, 32 or 64."""
    def __getitem__(self, off: int, /) -> int: ...
    def __setitem__(self, off: int, v: int, /) -> None: ...
    def window(self, off: int, size: int, name: str = "", width: int = 0) -> Regs:
        """A part of it, traced like the whole; 0 and "": as the whole.  Raises IndexError."""
    def read8(self, off: int, /) -> int: ...
    def read16(self, off: int, /) -> int: ...
    def read32(self, off: int, /) -> int: ...
    def read64(self, off: int, /) -> int: ...
    def write8(self, off: int, v: int, /) -> None: ...
    def write16(self, off: int, v: int, /) -> None: ...
    def write32(self, off: int, v: int, /) -> None: ...
    def write64(self, off: int, v: int, /) -> None: ...
    def modify(self, off: int, mask: int, value: int, /) -> None:
        """Load; clear the bits of mask, set those of value; store.  Not for RW1C bits."""
    def set(self, off: int, bits: int, /) -> None:
        """Load, set bits, store."""
    def clear(self, off: int, bits: int, /) -> None:
        """Load, clear bits, store."""
    def wait(self, off: int, mask: int, value: int, timeout_us: int, /) -> bool:
        """Poll until r[off] & mask == value.  False when it took longer."""
    def readinto(self, off: int, buf: WriteableBuffer, width: int = 0, /) -> None:
        """Ascending registers into a buffer; width 0: the window's."""
    def writefrom(self, off: int, buf: ReadableBuffer, width: int = 0, /) -> None:
        """Ascending registers from a buffer; width 0: the window's."""
    def fifo_read(self, off: int, buf: WriteableBuffer, width: int = 0, /) -> None:
        """The same register for each element."""
    def fifo_write(self, off: int, buf: ReadableBuffer, width: int = 0, /) -> None:
        """The same register for each element."""
