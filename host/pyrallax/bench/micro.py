"""Small costs: a guarded access that faults, a timer's interrupt, a copy."""

from .figures import Figure
from .machine import Images, Target

# Nothing is mapped at 0x10, nothing answers at 0x08100000 (a hole of QEMU's virt beside the GIC).
_FAULT = """
import machine, time
def empty(n):
    for i in range(n):
        try:
            pass
        except OSError:
            pass
def faults(n, a):
    m = machine.mem32
    for i in range(n):
        try:
            m[a]
        except OSError:
            pass
def cost(n, a):
    ticks, us = time.ticks_cpu, time.ticks_us
    t0 = ticks(); empty(n); t1 = ticks()
    u0 = us(); faults(n, a); u1 = us()
    t2 = ticks(); faults(n, a); t3 = ticks()
    return ((t3 - t2) - (t1 - t0)) / n, (u1 - u0) / n
cost(10, 0x10)
print([cost(1000, a) for a in (0x08100000, 0x10)])
"""

# The handler's first statement reads the counter; the main program spins meanwhile.
_IRQ = """
import boot, machine
def late(n, hard):
    at = [0]
    counter = boot.counter
    def handler(t):
        at[0] = counter()
    out = []
    for i in range(n):
        at[0] = 0
        t = machine.Timer(-1, mode=machine.Timer.ONE_SHOT, period=2, hard=hard, callback=handler)
        due = boot.stats()["timer_cval"]
        while not at[0]:
            pass
        out.append(at[0] - due)
    return out
late(2, True)  # a slow host may let the timer pass before `due` is read: such a value is below 0
print([late(50, hard) for hard in (False, True)])
"""

# From pend() to the first statement of a Line's handler.  INTID 100: no device has it.
_LINE = """
import boot, irq
def late(n, hard):
    at = [0]
    counter = boot.counter
    def handler(line):
        at[0] = counter()
    line = irq.request(100, handler, irq.EDGE, hard=hard)
    pend = line.pend
    out = []
    for i in range(n):
        at[0] = 0
        t = counter()
        pend()
        while not at[0]:
            pass
        out.append(at[0] - t)
    line.free()
    return out
late(2, True)
print([late(50, hard) for hard in (False, True)])
"""

# The least of several: a slice is an object, and its allocation may walk over the whole heap.
_COPY = """
import time
def copy(clock):
    least = 1 << 60
    for i in range(16):
        t = clock()
        a[:] = b
        least = min(least, clock() - t)
    return least
a, b = bytearray(1 << 20), bytearray(1 << 20)
print((copy(time.ticks_cpu), copy(time.ticks_us)))
"""
_KIB = 1024


def _once(images: Images, icount: bool) -> tuple:
    """Results of the four programs, and nanoseconds of a tick."""
    with images.machine(icount=icount) as vm:
        target = Target(vm)
        return (*(target.run(code) for code in (_FAULT, _IRQ, _LINE, _COPY)), target.ns_per_tick)


def measure(images: Images, runs: int) -> tuple[list[Figure], dict]:
    """Means over their repetitions, in instructions."""
    counts = [_once(images, True) for _ in range(runs)]
    fault_wall, irq_wall, line_wall, copy_wall, tick = _once(images, False)
    faults = Figure(
        "fault.guarded_insns",
        "instructions",
        [fault[0][0] for fault, *_ in counts],
        f"{fault_wall[0][1]:.1f} µs wall; unmapped page {counts[0][0][1][0]:,.0f}",
    )
    figures = [faults]
    for kind, which, walls in (("irq.", 1, irq_wall), ("irq.line_", 2, line_wall)):
        for at, name in enumerate(("soft", "hard")):
            latest = [[ticks * run[-1] for ticks in run[which][at]] for run in counts]
            wall = min((ticks for ticks in walls[at] if ticks >= 0), default=0) * tick / 1000
            beside = f"{min(latest[0]):,.0f} to {max(latest[0]):,.0f}; least {wall:.1f} µs wall"
            means = [sum(each) / len(each) for each in latest]
            figures.append(Figure(f"{kind}{name}_insns", "instructions", means, beside))
    rate = 1e6 / max(1, copy_wall[1])
    insns = [run[3][0] / _KIB for run in counts]
    figures.append(
        Figure("mem.copy_insns_per_kib", "instructions", insns, f"{rate:,.0f} MiB/s wall")
    )
    return figures, {}
