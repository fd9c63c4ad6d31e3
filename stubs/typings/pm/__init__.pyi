# Made by `inv stubs` from frozen/system/pm.py: do not edit.
"""The last panic: registers, backtrace, log, memory.  At the prompt that follows, `pm.help()`."""

from _pm import active as active
from _pm import available as available
from _pm import frame as frame
from _pm import names as names
from _pm import read as read
from _pm import state as state
from _typeshed import Incomplete

class Registers:
    """Registers of the interrupted code as ints: x0 to x30, lr, sp, pc, spsr, esr, far, q0…"""

    names: Incomplete
    lr: Incomplete
    def __init__(self, values: Incomplete) -> None: ...
    def __repr__(self) -> str: ...

class Syndrome:
    """ESR_EL1 as fields: [(name, value, text), ...].  Arm ARM D17.2.37."""

    value: Incomplete
    fields: list[tuple[str, Incomplete, Incomplete] | tuple[str, Incomplete, str]]
    def __init__(self, value: Incomplete) -> None: ...
    def __repr__(self) -> str: ...

class Memory:
    """Guarded loads: m[a] is the 64-bit word at a, m[a:b] the bytes up to b.  Raises BusError."""
    def __getitem__(self, at: Incomplete) -> Incomplete: ...
    def __setitem__(self, at: Incomplete, value: Incomplete) -> None: ...

reason: Incomplete
regs: Incomplete
esr: Incomplete
memory: Memory

def python() -> list[Incomplete]:
    """Python functions that ran, the innermost first: [(file, line, function), ...]."""

def backtrace() -> None:
    """Print the calls, the innermost first: `bt N address`, then `py N file:line function`.

    The lines are those of a panic block: `inv symbolize` names the addresses.
    """

def log() -> None:
    """Print the kernel log, oldest line first."""

def help() -> None:
    """Print what there is."""
