# Made by `inv stubs` from frozen/blk/ahci_async.py: do not edit.
"""Reads and writes as asyncio sees them: queued commands, and one waker for all who wait."""

from _typeshed import Incomplete

class Waiters:
    """Tasks that wait for a disk's commands, by slot: asyncio takes it for the queue they are in.

    One more task waits for the port and wakes all whose commands have ended: asyncio looks at one
    stream, not at 32.
    """

    tasks: Incomplete
    def __init__(self, disk: Incomplete) -> None: ...
    def remove(self, task: Incomplete) -> None:
        """Task.cancel(): it comes for its command's end itself."""
    def wait(self, slot: Incomplete) -> None:
        """The current task, which yields then, is run again when the slot has ended."""

async def blocks(
    disk: Incomplete, what: Incomplete, n: Incomplete, buf: Incomplete, off: Incomplete
) -> Incomplete:
    """Read (what 0) or write; 0 or -errno."""
