"""What the tests of irq's lines share: the machines, and words for the target."""

from pyrallax.vm.config import PARALLELS

MACHINES = [m | {"cpus": n} for m in ({"gic": 2}, {"gic": 3}, PARALLELS) for n in (1, 4)]

# INTID 100 is an SPI that no device of the test machines drives.  The RTC (PL031, INTID 34) is a
# real level line: a match raises it, ICR lowers it.
TOOLS = """
import irq, time, micropython, gc
from errno import EBUSY, ENODEV
from machine import mem32
_RTC = 0x9010000
class Count:
    def __init__(self): self.n = 0  # no attribute to allocate in a hard handler
    def __call__(self, line): self.n += 1
def wait(what, ms=5000):
    end = time.ticks_add(time.ticks_ms(), ms)
    while not what():
        assert time.ticks_diff(end, time.ticks_ms()) > 0, 'too late'
        time.sleep_ms(1)
def errno_of(f, *a, **k):
    try: f(*a, **k)
    except OSError as e: return e.errno
def alarm():  # a match in this second raises the RTC's line at once
    mem32[_RTC + 0x10] = 1
    while True:
        now = mem32[_RTC]
        mem32[_RTC + 4] = now
        if mem32[_RTC] == now: break
"""
