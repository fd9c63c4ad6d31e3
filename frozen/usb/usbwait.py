"""What a USB driver can wait for, and how it fails: usbtask drives the generators that do."""

from micropython import const

PENDING = const(1)
EINTR = const(4)
EIO = const(5)
EBUSY = const(16)
ENODEV = const(19)
EINVAL = const(22)
ECANCELED = const(125)
ETIMEDOUT = const(110)
EPIPE = const(32)
EPROTO = const(71)
EOVERFLOW = const(75)
TURN_MS = const(20000)  # for a lock: more than any control transfer with its retries holds it
LONG_MS = const(600000)  # for a disk's: several commands, each with all of its tries

stepping = None  # the usbtask.Task of which a step runs, the innermost
running = None  # the one that the innermost run() is for

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


def words(why):
    """An exception for the log."""
    if isinstance(why, OSError):
        return why.args[1] if len(why.args) > 1 else "error %s" % why.errno
    return str(why) if isinstance(why, ValueError) else repr(why)


def refuse(task):
    """Raise OSError(EBUSY) inside of a run() in a step of that task: it ends only after that."""
    step = stepping
    while step is not None and task is not None:
        step = step.within
        if step is task:
            raise error(EBUSY)


class Wait:
    """What a generator may wait for.

    status: 1 under way, 0 done, -errno.  limit_ms: it is cancelled then, None: never.
    actual: what `yield` gives.  finish(status) ends it; cancel() must make somebody call that.
    """

    limit_ms = None
    actual = 0
    lost = False  # nothing can come of it any more: who waits for it cancels it

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


class _Nobody:
    def wake(self):
        pass


NOBODY = _Nobody()  # who waits for what he looks at himself

# Transfers that did not end, with their buffers: better lost than written to by a device.
_wild = []


def settle(why, *transfers):
    """Generator: end what Ctrl-C, or any `why` but an ended wait, left without anybody waiting."""
    if isinstance(why, (OSError, GeneratorExit)):
        return
    for t in transfers:
        if t is not None and t.status == PENDING:
            t.limit_ms = 1
            t.cancel()
            try:
                yield t
            except OSError:
                pass


def wild(t):
    """Whether a transfer is under way still, though it was cancelled: its buffer is kept then."""
    if t is None or t.status != PENDING:
        return False
    _wild.append((t, t.buffer))
    return True


def holds(buffer):
    """Whether such a transfer has that buffer: it must not be used again."""
    return any(held is buffer for _, held in _wild)


class Lock:
    """Held by one generator at a time: `yield from lock.take()` … finally: lock.give().

    Between an `if` and what follows a soft interrupt may take or give it; hence the token, which
    dict.pop() takes without being interrupted.  limit_ms: how long a turn is waited for.  What
    run() is for waits not at all for one in whose step it runs, as in a soft handler: that one
    cannot go on before.
    """

    def __init__(self, limit_ms=TURN_MS):
        self._limit_ms = limit_ms
        self._token = {0: True}
        self._holder = None
        self._queue = []

    def take(self):
        """Returns once it is the caller's.  Raises OSError: ETIMEDOUT, EBUSY."""
        mine = False
        turn = None
        try:
            mine = self._token.pop(0, False)
            self._holder = (self._holder, stepping)[mine]
            if mine:
                return
            holder = self._holder  # who may give it between two looks
            if stepping is running and holder is not None and holder.in_step():
                raise error(EBUSY)
            turn = Wait()
            turn.status = PENDING
            turn.limit_ms = self._limit_ms
            self._queue.append(turn)
            if self._token.pop(0, False):  # given in between: to nobody
                self.give()
            yield turn
            self._holder = stepping
        except BaseException:
            if turn is not None:
                mine = turn.status == 0
                turn.status = -ECANCELED  # who gives passes it over
            if mine:
                self.give()
            raise

    def give(self):
        """Hand it to the next who waits."""
        self._holder = None
        while True:
            try:
                turn = self._queue.pop(0)
            except IndexError:
                self._token[0] = True
                # Somebody may have queued before the token was there.
                if not self._queue or not self._token.pop(0, False):
                    return
                continue
            if turn.status == PENDING:
                turn.finish(0)
                return
