# Made by `inv stubs` from frozen/usb/usbwait.py: do not edit.
"""What a USB driver can wait for, and how it fails: usbtask drives the generators that do."""

from _typeshed import Incomplete
from collections.abc import Iterator

PENDING: int
EINTR: int
EIO: int
EBUSY: int
ENODEV: int
EINVAL: int
ECANCELED: int
ETIMEDOUT: int
EPIPE: int
EPROTO: int
EOVERFLOW: int
TURN_MS: int
LONG_MS: int
stepping: Incomplete | None
running: Incomplete | None
ERRORS: dict[Incomplete, Incomplete]

def error(number: Incomplete, what: Incomplete | None = None) -> Incomplete:
    """An OSError for that errno, with words."""

def words(why: Incomplete) -> Incomplete:
    """An exception for the log."""

def refuse(task: Incomplete) -> None:
    """Raise OSError(EBUSY) inside of a run() in a step of that task: it ends only after that."""

class Wait:
    """What a generator may wait for.

    status: 1 under way, 0 done, -errno.  limit_ms: it is cancelled then, None: never.
    actual: what `yield` gives.  finish(status) ends it; cancel() must make somebody call that.
    """

    limit_ms: Incomplete | None
    actual: int
    lost: bool
    status: Incomplete
    waiter: Incomplete | None
    def __init__(self) -> None: ...
    def finish(self, status: Incomplete) -> None:
        """It has ended: who waits goes on."""
    def cancel(self) -> None:
        """End it before its time; harmless when it has ended."""

NOBODY: Incomplete

def settle(why: Incomplete, *transfers: Incomplete) -> Iterator[Incomplete]:
    """Generator: end what Ctrl-C, or any `why` but an ended wait, left without anybody waiting."""

def wild(t: Incomplete) -> bool:
    """Whether a transfer is under way still, though it was cancelled: its buffer is kept then."""

def holds(buffer: Incomplete) -> bool:
    """Whether such a transfer has that buffer: it must not be used again."""

class Lock:
    """Held by one generator at a time: `yield from lock.take()` … finally: lock.give().

    Between an `if` and what follows a soft interrupt may take or give it; hence the token, which
    dict.pop() takes without being interrupted.  limit_ms: how long a turn is waited for.  What
    run() is for waits not at all for one in whose step it runs, as in a soft handler: that one
    cannot go on before.
    """
    def __init__(self, limit_ms: int = 20000) -> None: ...
    def take(self) -> Iterator[Incomplete]:
        """Returns once it is the caller's.  Raises OSError: ETIMEDOUT, EBUSY."""
    def give(self) -> None:
        """Hand it to the next who waits."""
