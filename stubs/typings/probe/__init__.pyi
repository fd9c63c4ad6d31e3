# Made by `inv stubs` from frozen/probe/__init__.py: do not edit.
"""The toolkit for whoever sits at the prompt: `from probe import *`, then help().

Each function loads its part of the package when it is first called.
"""

from probe.devices import addr as addr
from probe.devices import device as device
from probe.devices import name as name
from probe.devices import names as names
from probe.devices import regs as regs
from probe.helptext import help as help
from probe.memory import compare as compare
from probe.memory import copy as copy
from probe.memory import crc32 as crc32
from probe.memory import fill as fill
from probe.memory import find as find
from probe.memory import hexdiff as hexdiff
from probe.memory import hexdump as hexdump
from probe.memory import memtest as memtest
from probe.regs import Map as Map
from probe.timing import timeit as timeit
from probe.view import View as View
from probe.watching import hexint as hexint
from probe.watching import unwatch as unwatch
from probe.watching import watch as watch

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
