"""The toolkit for whoever sits at the prompt: `from probe import *`."""

from probe.regs import Map
from probe.view import View

__all__ = ("Map", "View")
