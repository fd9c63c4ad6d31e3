"""Whether a machine's timer interrupts, by a program for it."""

TICKS = """
import machine, time
n = 0
def f(t):
    global n
    n += 1
t = machine.Timer(-1, period=5, hard=True, callback=f)
end = time.ticks_add(time.ticks_ms(), 10000)
while n < 5 and time.ticks_diff(end, time.ticks_ms()) > 0: time.sleep_ms(2)
t.deinit()
assert n >= 5, n
"""
