# Made by `inv stubs` from frozen/system/loader_download.py: do not edit.
"""What arrives in numbered blocks: writes to a medium, plain or deflated, and loads to memory.

A block is acknowledged when it has come whole and undamaged; it is written while the next one is
on its way.  What goes wrong then is the answer to all that follows, up to the next begin.
"""

from _typeshed import Incomplete

class Numbered:
    """Checks the numbers of blocks: accept() gives False for one that came before."""

    next: int
    def __init__(self, count: Incomplete, size: Incomplete) -> None: ...
    def accept(self, request: Incomplete) -> bool:
        """Raises Refused for a block that is not the next one."""

class Download:
    """Blocks on their way to a Writer.

    receive: a generator of their data, which ends when the client asks for something else.
    failed: the Refused that ended it, or None.
    """

    failed: Incomplete | None
    def __init__(self, writer: Incomplete) -> None: ...
    def run(self, receive: Incomplete, deflated: Incomplete) -> None:
        """Write what comes until it ends."""
    def check(self) -> None:
        """Raises Refused unless everything has come and is written."""

class Load:
    """Blocks on their way to memory, or where the address is 0, to image: room of its own."""

    image: bytearray | None
    def __init__(
        self,
        memory: Incomplete,
        size: Incomplete,
        count: Incomplete,
        block: Incomplete,
        at: Incomplete,
    ) -> None: ...
    def take(self, request: Incomplete) -> None:
        """One block.  Raises Refused, OSError (BusError)."""
    def check(self) -> None:
        """Raises Refused unless everything has come."""

def inflated(image: Incomplete) -> Incomplete:
    """An image, which may have come as a zlib stream.  Raises ValueError."""
