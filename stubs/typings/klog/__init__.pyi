"""The kernel log: docs/reference/klog.md."""

ERROR: int
WARN: int
INFO: int
DEBUG: int

def dmesg(level: int = 7, /) -> None:
    """Print the lines up to that level, oldest first.  Also a builtin."""

def log(level: int, text: str, /) -> None:
    """Add one line, stamped.  Raises ValueError."""

def console(line: str, /) -> bool:
    """Print on the UART, not in the log; False, and nothing printed, in raw REPL mode."""

def read(pos: int = 0, /) -> tuple[bytes, int]:
    """What was logged since pos, and the pos of the next call."""

def level(n: int = ..., /) -> int:
    """The most verbose level that also goes to the UART; with an argument, set it first."""

def clear() -> None:
    """Forget all lines up to now."""
