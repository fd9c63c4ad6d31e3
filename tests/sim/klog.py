"""modules/klog for unit tests: keeps the lines."""

ERROR = 3
WARN = 4
INFO = 6
DEBUG = 7

lines = []


def log(level, text):
    """Append (level, text) to lines."""
    lines.append((level, text))
