"""MicroPython's `machine` for a machine without pins: docs/reference/machine.md."""

from _typeshed import ReadableBuffer, WriteableBuffer
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn, Protocol, final, type_check_only

PWRON_RESET: int

class BusError(OSError):
    """An access that nothing answered, or that is forbidden.  Also a builtin."""

    @property
    def addr(self) -> int: ...
    @property
    def write(self) -> bool: ...
    @property
    def size(self) -> int: ...
    @property
    def esr(self) -> int: ...
    @property
    def far(self) -> int: ...
    @property
    def pc(self) -> int: ...

@final
@type_check_only
class _Memory:
    """Memory and registers by address.  Raises ValueError (misaligned), BusError."""

    def __getitem__(self, address: int, /) -> int: ...
    def __setitem__(self, address: int, value: int, /) -> None: ...

mem8: _Memory
mem16: _Memory
mem32: _Memory
mem64: _Memory

@final
class Timer:
    """Calls a function once or again and again; resolution 1 ms."""

    ONE_SHOT: ClassVar[int]
    PERIODIC: ClassVar[int]
    def __init__(
        self,
        id: int = -1,
        /,
        *,
        mode: int = ...,
        callback: Callable[[Timer], object] | None = None,
        period: int = -1,
        tick_hz: int = 1000,
        freq: float | None = None,
        hard: bool = False,
    ) -> None:
        """period in units of 1/tick_hz s, or freq in Hz.  hard: in interrupt context.

        Raises ValueError.
        """
    def init(
        self,
        *,
        mode: int = ...,
        callback: Callable[[Timer], object] | None = None,
        period: int = -1,
        tick_hz: int = 1000,
        freq: float | None = None,
        hard: bool = False,
    ) -> None: ...
    def deinit(self) -> None:
        """Stop."""

@final
class RTC:
    """The wall clock, UTC."""

    def __init__(self, id: int = 0, /) -> None: ...
    def datetime(
        self, t: tuple[int, int, int, int, int, int, int, int] = ..., /
    ) -> tuple[int, int, int, int, int, int, int, int]:
        """(year, month, day, weekday, hour, minute, second, microseconds); given one, set it."""

@final
class UART:
    """The console's UART as a stream; only the timeout (ms) can be chosen."""

    def __init__(
        self,
        id: int,
        /,
        baudrate: int = 115200,
        bits: int = 8,
        parity: int | None = None,
        stop: int = 1,
        *,
        timeout: int = 0,
    ) -> None: ...
    def init(
        self,
        baudrate: int = 115200,
        bits: int = 8,
        parity: int | None = None,
        stop: int = 1,
        *,
        timeout: int = 0,
    ) -> None: ...
    def deinit(self) -> None: ...
    def any(self) -> int:
        """Bytes that can be read."""
    def read(self, nbytes: int = -1, /) -> bytes | None: ...
    def readinto(self, buf: WriteableBuffer, nbytes: int = ..., /) -> int | None: ...
    def readline(self, limit: int = -1, /) -> bytes | None: ...
    def write(self, buf: ReadableBuffer | str, off: int = ..., nbytes: int = ..., /) -> int: ...
    def flush(self) -> None: ...
    def txdone(self) -> bool: ...

@final
class WDT:
    """The SBSA watchdog; it cannot be stopped.  Raises OSError(ENODEV) where there is none."""

    def __init__(self, id: int = 0, timeout: int = 5000) -> None: ...
    def feed(self) -> None: ...

class PinBase:
    """What a driver in Python makes pins of; the machine has none."""

    def __init__(self) -> None: ...

@type_check_only
class _Pin(Protocol):
    def value(self, x: int = ..., /) -> int | None: ...

@final
class Signal:
    """A pin, inverted or not."""

    def __init__(self, pin: PinBase | _Pin, /, *, invert: bool = False) -> None: ...
    def __call__(self, x: bool = ..., /) -> int | None: ...
    def value(self, x: bool = ..., /) -> int | None: ...
    def on(self) -> None: ...
    def off(self) -> None: ...

def time_pulse_us(pin: PinBase | _Pin, level: int, timeout_us: int = 1000000, /) -> int: ...
def reset() -> NoReturn:
    """By PSCI SYSTEM_RESET.  Raises OSError if the platform refuses."""

def soft_reset(status: Any = ..., /) -> NoReturn:
    """End Python and start it anew."""

def bootloader(arg: Any = ..., /) -> None:
    """The serial loader takes the line, or what boot.on_bootloader() has set, then a reset."""

def poweroff() -> NoReturn:
    """By PSCI SYSTEM_OFF.  Raises OSError if the platform refuses."""

def reset_cause() -> int:
    """Always PWRON_RESET."""

def idle() -> None:
    """Sleep until an interrupt, at most 1 ms."""

def lightsleep(ms: int = ..., /) -> None:
    """Sleep for ms, or until the next interrupt."""

def deepsleep(ms: int = ..., /) -> NoReturn:
    """The same, then reset."""

def freq(hz: int = ..., /) -> int:
    """CPU clock in Hz; setting raises OSError."""

def unique_id() -> bytes:
    """SMBIOS UUID, 16 bytes, or empty."""

def disable_irq() -> int:
    """Mask interrupts; the state for enable_irq()."""

def enable_irq(state: int, /) -> None: ...
