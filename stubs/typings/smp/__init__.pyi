"""The other CPUs, which run functions in C: docs/reference/smp.md."""

from typing import Any, TypedDict, final, type_check_only

@final
@type_check_only
class Job:
    """Work that submit() began."""

    @property
    def cpu(self) -> int: ...
    def done(self) -> bool: ...
    def wait(self, timeout_ms: int = -1, /) -> Any:
        """The result.  Raises OSError(ETIMEDOUT), and what the work ended with."""
    def stop(self) -> None:
        """Ask it to end early."""

@type_check_only
class _Psci(TypedDict):
    conduit: str
    version: tuple[int, int]
    features: dict[str, int | None]
    affinity: list[str]

def count() -> int:
    """CPUs of the machine."""

def start() -> int:
    """Start all that are off; how many run then.  Raises OSError(EIO), OSError(ENOMEM)."""

def cpus() -> list[tuple[int, int, str, int]]:
    """[(index, mpidr, state, calls), …]"""

def psci() -> _Psci: ...
def call(cpu: int, function: str, /, *args: Any) -> Any:
    """Run a function there and wait for its result."""

def submit(cpu: int, function: str, /, *args: Any) -> Job:
    """The same without waiting."""

def functions() -> list[tuple[str, str]]:
    """[(name, arguments), …]: what can run there."""

def ping(cpu: int, rounds: int = 1000, /) -> tuple[int, int]:
    """(rounds, ticks) of a question and its answer through memory."""

def shootdown(cpu: int, rounds: int = 1000, /) -> tuple[int, int, int, int]:
    """(rounds, stale, missed, wrong): invalidations of that CPU's TLB."""
