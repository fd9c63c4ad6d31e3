# Made by `inv stubs` from frozen/system/shell_line.py: do not edit.
"""The line that is typed at ush's prompt: echo, rubbing out, the lines before."""

from _typeshed import Incomplete

LEAVE: Incomplete
BREAK: Incomplete

class Line:
    """read(): the next byte as a number, waiting for it.  write(bytes): show them."""
    def __init__(self, read: Incomplete, write: Incomplete) -> None: ...
    def get(self, prompt: Incomplete) -> Incomplete:
        """A line without its end, as text; LEAVE for Ctrl-A on an empty one, BREAK for Ctrl-C."""
