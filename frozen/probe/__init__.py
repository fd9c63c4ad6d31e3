"""The toolkit for whoever sits at the prompt: `from probe import *`, then help().

Each function loads its part of the package when it is first called.
"""

from probe.regs import Map
from probe.view import View

__all__ = (
    "Map",
    "View",
    "addr",
    "compare",
    "copy",
    "crc32",
    "device",
    "fill",
    "find",
    "help",
    "hexdiff",
    "hexdump",
    "hexint",
    "memtest",
    "name",
    "names",
    "regs",
    "timeit",
    "unwatch",
    "watch",
)


def _lazy(module, name):
    def load(*args, **kwargs):
        return getattr(__import__("probe." + module, None, None, (name,)), name)(*args, **kwargs)

    return load


addr = _lazy("devices", "addr")
compare = _lazy("memory", "compare")
copy = _lazy("memory", "copy")
crc32 = _lazy("memory", "crc32")
device = _lazy("devices", "device")
fill = _lazy("memory", "fill")
find = _lazy("memory", "find")
help = _lazy("helptext", "help")
hexdiff = _lazy("memory", "hexdiff")
hexdump = _lazy("memory", "hexdump")
hexint = _lazy("watching", "hexint")
memtest = _lazy("memory", "memtest")
name = _lazy("devices", "name")
names = _lazy("devices", "names")
regs = _lazy("devices", "regs")  # the module of that name is loaded above, and stays importable
timeit = _lazy("timing", "timeit")
unwatch = _lazy("watching", "unwatch")
watch = _lazy("watching", "watch")
