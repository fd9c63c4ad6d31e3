"""Of MicroPython's module machine: timers that a test fires."""


class Timer:
    """fire() is time's part.  mode, period: as given last; callback: None after deinit()."""

    ONE_SHOT = 1
    PERIODIC = 2

    def __init__(self, id=-1):
        self.mode = self.period = self.callback = None

    def init(self, mode=2, period=-1, callback=None):
        self.mode = mode
        self.period = period
        self.callback = callback

    def deinit(self):
        self.callback = None

    def fire(self):
        self.callback(self)
