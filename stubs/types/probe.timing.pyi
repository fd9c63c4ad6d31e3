from collections.abc import Callable

class Timing:
    n: int
    ns: float
    ticks: float
    instructions: float | None

def timeit(code: str | Callable[[], object], n: int | None = None) -> Timing: ...
