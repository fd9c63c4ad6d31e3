"""One way to wait for USB: generators that yield what they wait for.

A generator yields a Wait (a transfer, a controller's command, another task), or milliseconds as an
int, and goes on when that has ended; `yield wait` gives wait.actual.  What failed is raised in it
as OSError.  start() drives it from soft interrupts and a timer, run() in the foreground, wait() in
asyncio.
"""

import time

from usbloop import Loop, Task
from usbwait import PENDING

_loop = None  # made at the first use; tests put one with their own clock here


def loop():
    """The Loop of this machine."""
    global _loop
    if _loop is None:
        import machine

        _loop = Loop(time, machine.Timer(), machine.idle)
    return _loop


def use(other):
    """Take another Loop from here on (tests); None: the machine's own, made anew."""
    global _loop
    _loop = other


def start(generator, name="task"):
    """Run it from soft interrupts; a Task.  An error that nobody waits for is logged."""
    return loop().start(generator, name)


def run(generator, name="task"):
    """Run it here, to its end, and give what it returns.  Also in soft handlers.

    Raises what it raises; KeyboardInterrupt, after what it waited for was cancelled.
    """
    return loop().run(generator, name)


def _only(wait):
    return (yield wait)


async def wait(what):
    """asyncio's way: what `yield what` gives in a generator.  Cancelled: it is cancelled, too."""
    import asyncio

    task = what if isinstance(what, Task) else Task(loop(), _only(what), "awaited")
    flag = _Flag(asyncio.ThreadSafeFlag())
    if task.status == PENDING:
        task.waiter = flag
        if task is not what:
            task._loop.adopt(task)
    try:
        while task.status == PENDING:
            await flag.flag.wait()
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.error is not None:
        raise task.error
    return task.actual


class _Flag:
    def __init__(self, flag):
        self.flag = flag

    def wake(self):
        self.flag.set()
