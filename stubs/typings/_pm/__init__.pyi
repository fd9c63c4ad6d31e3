"""What the panic left; what users see is `pm`."""

def active() -> bool:
    """Whether this is the prompt after a panic."""

def available() -> int:
    """Bytes set aside for that prompt; 0: it will halt."""

def reason() -> tuple[str, int] | None:
    """(reason, µs since the machine's counter was 0)"""

def frame() -> tuple[int, ...] | None:
    """x0 … x30, sp, pc, spsr, esr, far, fpsr, fpcr, q0 … q31"""

def backtrace() -> tuple[int, ...]:
    """Addresses, the innermost first."""

def python() -> str:
    """Lines "file:line function", the innermost first."""

def names(esr: int, /) -> tuple[str, str]:
    """(exception class, fault status)"""

def state() -> bytes | None:
    """mp_state_ctx as the panic found it; None without a panic."""

def read(addr: int, len: int, /) -> bytes:
    """In loads as wide as the alignment allows.  Raises BusError."""
