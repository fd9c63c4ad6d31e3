# Made by `inv stubs` from frozen/usb/usbtask.py: do not edit.
"""One way to wait for USB: generators that yield what they wait for.

A generator yields a Wait (a transfer, a controller's command, another task), or milliseconds as an
int, and goes on when that has ended; `yield wait` gives wait.actual.  What failed is raised in it
as OSError.  start() drives it from soft interrupts and a timer, run() in the foreground, wait() in
asyncio.
"""

from _typeshed import Incomplete
from usbloop import Loop

def loop() -> Loop:
    """The Loop of this machine."""

def use(other: Incomplete) -> None:
    """Take another Loop from here on (tests); None: the machine's own, made anew."""

def start(generator: Incomplete, name: str = "task") -> Incomplete:
    """Run it from soft interrupts; a Task.  An error that nobody waits for is logged."""

def run(generator: Incomplete, name: str = "task") -> Incomplete:
    """Run it here, to its end, and give what it returns.  Also in soft handlers.

    Raises what it raises; KeyboardInterrupt, after what it waited for was cancelled.
    """

async def wait(what: Incomplete) -> Incomplete:
    """asyncio's way: what `yield what` gives in a generator.  Cancelled: it is cancelled, too."""
