"""System registers by name, `sysreg.MIDR_EL1`: docs/reference/sysreg.md."""

from probe.sysreg import Value

def __getattr__(name: str) -> Value: ...
def read(op0: int, op1: int, CRn: int, CRm: int, op2: int, /) -> int:
    """By number.  Raises AttributeError."""

def poke(op0: int, op1: int, CRn: int, CRm: int, op2: int, value: int, /) -> None:
    """Write by number, without a check of the value.  Raises AttributeError."""

def write(name: str, value: int, force: bool = False) -> None:
    """All 64 bits.  Raises AttributeError, ValueError, OSError(EPERM)."""

def dump(match: str = "") -> None:
    """Print all that this CPU has, or those with a text in their names."""

def names() -> list[str]:
    """All names, whether or not the CPU has the register."""

def caches() -> list[tuple[int, str, int, int, int, int]]:
    """[(level, kind, size, ways, sets, line), …]"""
