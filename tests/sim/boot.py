"""modules/boot, for unit tests: a machine of 64 MiB; tests may change what these hold."""

machine = {"vendor": "sim", "product": "machine", "timer": (27, 1000000)}
ranges = [(0x40000000, 64 << 20, "free")]
stages = []  # (name, counter's value) each
_ticks = [0]


def hw():
    return machine


def memory():
    return ranges


def counter():
    """Each look takes a microsecond."""
    _ticks[0] += 1
    return _ticks[0]


def timeline(raw):
    """With raw only, as it was."""
    assert raw
    return stages


def instructions():
    return None


def build_id():
    return "00" * 20


version = "0.0.0"


def cmdline():
    return ""


def storage():
    return None
