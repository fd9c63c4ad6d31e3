"""Milliseconds, on CPython as on MicroPython."""

try:
    from time import ticks_diff, ticks_ms
except ImportError:
    from time import monotonic

    def ticks_ms():
        """Milliseconds since some moment."""
        return int(monotonic() * 1000)

    def ticks_diff(a, b):
        """Milliseconds from b to a."""
        return a - b


__all__ = ("ticks_diff", "ticks_ms")
