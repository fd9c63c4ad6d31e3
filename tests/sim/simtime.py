"""A clock and a machine.Timer for usbtask.Loop: time passes when somebody waits."""

import usbtask
from usbloop import Loop


class Clock:
    """ticks_ms() and friends.  on_pass: called after each millisecond, or after each skip().

    sources: each gives when something happens next, in µs, or None.
    """

    def __init__(self):
        self.us = 0
        self.timers = []
        self.on_pass = []
        self.sources = []

    def ticks_us(self):
        return self.us

    def ticks_ms(self):
        return self.us // 1000

    def ticks_add(self, a, b):
        return a + b

    def ticks_diff(self, a, b):
        return a - b

    def _happen(self):
        for watcher in list(self.on_pass):
            watcher()
        for timer in list(self.timers):
            timer.look()

    def sleep_us(self, us):
        end = self.us + us
        while self.us < end:
            self.us = min(end, self.us // 1000 * 1000 + 1000)
            self._happen()

    def skip(self):
        """To the next thing that happens, a millisecond when nobody knows any."""
        times = [source() for source in self.sources]
        times = [at for at in times if at is not None and at > self.us]
        self.us = min(times) if times else self.us + 1000
        self._happen()

    def sleep_ms(self, ms):
        self.sleep_us(1000 * ms)


class Timer:
    """machine.Timer, one-shot."""

    ONE_SHOT = 0

    def __init__(self, clock):
        self._clock = clock
        self._due = None
        clock.timers.append(self)
        clock.sources.append(self._next)

    def _next(self):
        return self._due

    def init(self, mode, period, callback):
        self._due = self._clock.us + 1000 * period
        self._callback = callback

    def look(self):
        if self._due is not None and self._clock.us >= self._due:
            self._due = None
            self._callback(self)


def install(clock=None, timer=True):
    """Make usbtask use a Loop with such a clock, which is returned."""
    clock = clock or Clock()
    usbtask.use(Loop(clock, Timer(clock) if timer else None))
    return clock
