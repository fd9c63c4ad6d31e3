# Made by `inv stubs` from frozen/probe/timing.py: do not edit.
"""How long a piece of code takes."""

from _typeshed import Incomplete
from collections.abc import Callable

class Timing:
    """What one call takes: ns, ticks of the counter, instructions or None.  n: calls measured."""

    n: int
    ns: float
    ticks: float
    instructions: float | None
    def __init__(
        self, n: Incomplete, ns: Incomplete, ticks: Incomplete, instructions: Incomplete
    ) -> None: ...
    def __repr__(self) -> str: ...

def timeit(code: str | Callable[[], object], n: int | None = None) -> Timing:
    """Timing of a function of no arguments, or of statements as text, which see __main__.

    n: calls; as many as take a fiftieth of a second where not given.  What an empty call costs
    is taken off.  Interrupts and, on a shared host, other programs are counted with it.
    Raises TypeError for what is neither, ValueError for n below 1, and what the code raises.
    """
