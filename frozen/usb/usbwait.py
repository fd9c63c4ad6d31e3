"""What a USB driver can wait for, and how it fails: usbtask drives the generators that do."""

from micropython import const

PENDING = const(1)
EIO = const(5)
EBUSY = const(16)
ENODEV = const(19)
ECANCELED = const(125)
ETIMEDOUT = const(110)
EPIPE = const(32)
EPROTO = const(71)
EOVERFLOW = const(75)
_TURN_MS = const(20000)  # for a lock: more than any control transfer with its retries holds it

ERRORS = {
    4: "interrupted",
    5: "failed",
    12: "no memory",
    16: "busy",
    19: "gone",
    22: "invalid",
    28: "no room",
    32: "stalled",
    71: "transaction error",
    75: "babble",
    110: "no answer",
    125: "cancelled",
}


def error(number, what=None):
    """An OSError for that errno, with words."""
    text = ERRORS.get(number, "error %d" % number)
    return OSError(number, "%s: %s" % (what, text) if what else text)


class Wait:
    """What a generator may wait for.

    status: 1 under way, 0 done, -errno.  limit_ms: it is cancelled then, None: never.
    actual: what `yield` gives.  finish(status) ends it; cancel() must make somebody call that.
    """

    limit_ms = None
    actual = 0

    def __init__(self):
        self.status = 0
        self.waiter = None

    def finish(self, status):
        """It has ended: who waits goes on."""
        self.status = status
        waiter = self.waiter
        if waiter is not None:
            self.waiter = None
            waiter.wake()

    def cancel(self):
        """End it before its time; harmless when it has ended."""
        if self.status == PENDING:
            self.finish(-ECANCELED)


class Lock:
    """Held by one generator at a time: `yield from lock.take()` … finally: lock.give()."""

    def __init__(self):
        self._held = False
        self._queue = []

    def take(self):
        """Returns once it is the caller's."""
        if self._held:
            turn = Wait()
            turn.status = PENDING
            turn.limit_ms = _TURN_MS
            self._queue.append(turn)
            try:
                yield turn
            except BaseException:
                if turn in self._queue:
                    self._queue.remove(turn)
                elif turn.status == 0:
                    self.give()
                raise
        self._held = True

    def give(self):
        """Hand it to the next who waits."""
        while self._queue:
            turn = self._queue.pop(0)
            if turn.status == PENDING:
                turn.finish(0)  # stays held
                return
        self._held = False
