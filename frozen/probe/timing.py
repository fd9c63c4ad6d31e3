"""How long a piece of code takes."""

import boot

_ENOUGH_S = 50  # a run is long enough when it takes a fiftieth of a second


class Timing:
    """What one call takes: ns, ticks of the counter, instructions or None.  n: calls measured."""

    def __init__(self, n, ns, ticks, instructions):
        self.n = n
        self.ns = ns
        self.ticks = ticks
        self.instructions = instructions

    def __repr__(self):
        text = "%.0f ns, %.2f ticks" % (self.ns, self.ticks)
        if self.instructions is not None:
            text += ", %.0f instructions" % self.instructions
        return "%s a call (%u calls)" % (text, self.n)


def _nothing():
    pass


def _run(function, n):
    """(ticks, instructions or None) that n calls took."""
    numbers = range(n)
    before = boot.instructions()
    start = boot.counter()
    for _ in numbers:
        function()
    ticks = boot.counter() - start
    after = boot.instructions()
    return ticks, None if before is None else after - before & 0xFFFFFFFF


def _function(text):
    """The statements as a function whose globals are those of __main__."""
    import __main__

    scope = __main__.__dict__
    lines = "\n ".join(text.split("\n"))
    exec("def _timed():\n " + lines, scope)
    return scope.pop("_timed")


def timeit(code, n=None):
    """Timing of a function of no arguments, or of statements as text, which see __main__.

    n: calls; as many as take a fiftieth of a second where not given.  What an empty call costs
    is taken off.  Interrupts and, on a shared host, other programs are counted with it.
    Raises TypeError for what is neither, ValueError for n below 1, and what the code raises.
    """
    if not callable(code) and not isinstance(code, str):
        raise TypeError("a function, or statements as text: %r" % (code,))
    if n is not None and n < 1:
        raise ValueError("calls count from 1: %d" % n)
    function = code if callable(code) else _function(code)
    hz = boot.hw()["timer"][1]
    if n is None:
        n = 1
        while _run(function, n)[0] * _ENOUGH_S < hz and n < 1 << 24:
            n *= 4
    ticks, instructions = _run(function, n)
    empty, empty_instructions = _run(_nothing, n)
    ticks = max(0, ticks - empty) / n
    if instructions is not None:
        instructions = max(0, instructions - empty_instructions) / n
    return Timing(n, ticks * 1e9 / hz, ticks, instructions)
