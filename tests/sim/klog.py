"""modules/klog for unit tests: keeps the last lines."""

ERROR = 3
WARN = 4
INFO = 6
DEBUG = 7

lines = []


def log(level, text):
    """Append (level, text) to lines."""
    if len(lines) == 1000:
        del lines[:500]
    lines.append((level, text))


def taken():
    """The lines since the last call, as one text."""
    text = "\n".join([line for _, line in lines])
    del lines[:]
    return text
