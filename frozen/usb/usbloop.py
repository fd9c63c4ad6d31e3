"""Drives generators that wait for USB: each a Task, all of them in a Loop.

A soft interrupt may come wherever the bytecode jumps, so at each `if`: what two of them, or one
and the program, may do at once is written so that it need not be asked first.
"""

import time

import irq
import klog
from micropython import const

import usbwait
from usbwait import ECANCELED, EINTR, EIO, ETIMEDOUT, NOBODY, PENDING, Wait, error

_GRACE_MS = const(2000)  # for what was cancelled to end; a controller gives up before
_FOREVER_MS = const(1 << 28)  # half of what ticks_diff() can tell apart


class Task(Wait):
    """A generator under way; itself a Wait.  actual: what the generator returned."""

    def __init__(self, loop, generator, name):
        self.status = PENDING
        self.waiter = self._throw = None
        self.name = name
        self.error = None  # the exception it ended with
        self.due = None  # when the loop has a look, on the clock of ticks_ms()
        self.within = None  # the Task in a step of which run() was called for this one
        self._loop, self._generator = loop, generator
        self._on = None  # what it waits for
        self._queued = self._late = False  # in the loop's list; its time is up
        self._given_up = False  # what it waits for did not even end when it was cancelled
        self._free = {0: True}  # taken by who steps it: dict.pop() is not interrupted

    def __repr__(self):
        return "<usbtask.Task %s%s>" % (self.name, "" if self.status == PENDING else ", ended")

    def cancel(self, why=None):
        """Raise `why` in the generator, OSError(ECANCELED) by default, once its Wait has ended."""
        if self.status == PENDING and self._throw is None:
            self._throw = why or error(ECANCELED)
            if self._on is None:
                self.wake()
            else:
                self._late = True  # no second grace
                self._loop.wake_after(self, _GRACE_MS)
                self._on.cancel()

    def wake(self):
        """It can go on."""
        self._loop.ready(self)

    def late(self):
        """The time that it gave has passed."""
        on = self._on
        self.due = None
        if on is None:
            self.wake()
        elif self._late:
            self._given_up = True
            on.waiter = None
            self.wake()
        else:
            self._late = True
            self._loop.wake_after(self, _GRACE_MS)
            on.cancel()

    def step(self):
        """Run the generator to where it waits; False: somebody is at it.  By the loop."""
        mine = self._free.pop(0, False)
        try:
            while mine and self.status == PENDING and self._can() and self._one():
                pass
        finally:
            if mine:
                self._free[0] = True
        return mine

    def in_step(self):
        """Whether a step of it is under way."""
        return not self._free

    def _can(self):
        """Whether what it waits for has come; it may have been woken twice for the same."""
        on = self._on
        if on is None:
            return self.due is None or self._throw is not None
        return on.status != PENDING or self._given_up

    def _outcome(self):
        """What to send and what to throw."""
        on, late, throw = self._on, self._late, self._throw
        self._on = self._throw = self.due = None
        self._late = self._given_up = False
        if throw is not None:
            return None, throw
        if on is None:
            return None, None
        if on.status == PENDING:
            return None, error(ETIMEDOUT, "not even cancelled")
        if on.status < 0:
            if isinstance(getattr(on, "error", None), OSError):  # another task's
                return None, on.error
            return None, error(ETIMEDOUT if late else -on.status)
        return on.actual, None

    def _one(self):
        """One step; whether there is another right now."""
        value, throw = self._outcome()
        outer, usbwait.stepping = usbwait.stepping, self
        try:
            on = self._generator.throw(throw) if throw else self._generator.send(value)
        except StopIteration as end:
            self.actual = end.value
            self._end(0)
            return False
        except BaseException as why:  # also Ctrl-C: whichever task it hits ends
            self.error = why
            foreign = isinstance(why, KeyboardInterrupt) and self.waiter is not NOBODY
            number = why.errno if isinstance(why, OSError) else EIO
            self._end(-(number or EIO))
            if foreign:
                raise  # and whoever is in run() hears of it
            return False
        finally:
            usbwait.stepping = outer
        if isinstance(on, int):
            self._loop.wake_after(self, on)
            return False
        if not isinstance(on, Wait):
            self._throw = TypeError("yields %r" % (on,))
            return True
        on.waiter = self
        self._on = on
        if on.lost:
            on.cancel()
        if on.limit_ms:
            self._loop.wake_after(self, on.limit_ms)
        if on.status != PENDING:  # ended before, or between these lines: then it is queued, too
            on.waiter = None
            return True
        return False

    def _end(self, status):
        self.due = self._generator = None
        if self in self._loop.tasks:
            self._loop.tasks.remove(self)
        if self.waiter is None and status and status != -ECANCELED:
            klog.log(klog.ERROR, "usb: %s: %r" % (self.name, self.error))
        self.finish(status)


class Loop:
    """Drives tasks.  clock: as the module time; timer: machine.Timer or None: nothing is timed
    unless somebody is in run().  idle(): waits for an interrupt, not much longer than 1 ms."""

    def __init__(self, clock=time, timer=None, idle=None):
        self.clock = clock
        self.tasks = []
        self.polled = []  # controllers: run() calls their poll()
        self._timer, self._armed = timer, None
        self._ready = []
        self._busy = False
        # Ctrl-C is for the program: steps of drivers, and events taken from a queue, are not cut.
        self._drain = irq.Held(self._step_all)
        self._look = irq.Held(self._look_at_all)
        self._idle = idle or (lambda: clock.sleep_ms(1))

    def wake_after(self, task, ms):
        """Call the task's late() in that many ms."""
        task.due = due = self.clock.ticks_add(self.clock.ticks_ms(), min(ms, _FOREVER_MS))
        self._arm(due)

    def _arm(self, due):
        """Have the timer call _timed() then, or before."""
        while self._timer:
            armed = self._armed
            if armed is not None and self.clock.ticks_diff(due, armed) >= 0:
                return
            self._armed = due
            left = max(1, self.clock.ticks_diff(due, self.clock.ticks_ms()))
            self._timer.init(mode=self._timer.ONE_SHOT, period=left, callback=self._timed)
            if self._armed == due:
                return
            # It went off between these lines, and what it armed then has just been undone.
            other, self._armed = self._armed, None
            if other is not None and self.clock.ticks_diff(other, due) < 0:
                due = other

    def _timed(self, timer):
        self._armed = None
        self.tick()
        first = None
        for task in list(self.tasks):
            due = task.due
            if due is not None and (first is None or self.clock.ticks_diff(due, first) < 0):
                first = due
        if first is not None:
            self._arm(first)

    def tick(self):
        """Wake whose time has passed."""
        now = self.clock.ticks_ms()
        for task in list(self.tasks):
            if task.due is not None and self.clock.ticks_diff(now, task.due) >= 0:
                task.late()

    def ready(self, task):
        """The task can go on: at once, unless that is somebody's already."""
        self._queue(task)
        # Again after the loop: a soft interrupt may have come before busy was taken back.
        while self._ready and not self._busy:
            self._busy = True
            moved = self._drain()
            self._busy = False
            if moved == -EINTR:
                raise KeyboardInterrupt
            if not moved:
                break  # run() inside a step: its task goes on after that

    def _queue(self, task):
        if not task._queued:
            task._queued = True
            self._ready.append(task)

    def _step_all(self):
        """Step all that are ready and not in the middle of a step; whether there were any."""
        moved = False
        ready = self._ready
        again = len(ready)
        while again:
            try:
                task = ready.pop(0)
            except IndexError:  # a run() in a soft handler was faster
                break
            again -= 1
            task._queued = False
            if task.step():
                moved, again = True, len(ready)
            else:
                self._queue(task)
        return moved

    def start(self, generator, name="task"):
        """A Task, run to where it first waits unless the loop is busy."""
        return self.adopt(Task(self, generator, name))

    def adopt(self, task):
        """Run a task that is this loop's; the task."""
        self.tasks.append(task)
        self.ready(task)
        return task

    def cut(self):
        """A device has gone: nobody waits for its answers any more."""
        for task in list(self.tasks):
            on = task._on
            if on is not None and on.lost:
                on.cancel()

    def run(self, generator, name="task"):
        """Run it to its end here and give what it returns.  Raises what it raises.

        Ctrl-C: what it waits for is cancelled, then KeyboardInterrupt is raised in it and here.
        """
        task = Task(self, generator, name)
        task.waiter = NOBODY  # its exception is raised here, not logged
        task.within = usbwait.stepping
        self.tasks.append(task)
        outer, usbwait.running = usbwait.running, task
        first, typed = True, None
        while True:
            try:  # around the loop: MicroPython raises KeyboardInterrupt where a loop jumps back
                if first:
                    first = False
                    self.ready(task)
                while task.status == PENDING:
                    self._round()
                break
            except KeyboardInterrupt as why:
                typed = why  # also where the task has just ended, and has nothing of it
                task.cancel(why)
        usbwait.running = outer
        if typed or task.error:
            raise typed or task.error
        return task.actual

    def _round(self):
        if self._look() == -EINTR:  # it took too long, inside of another Held
            raise KeyboardInterrupt
        if not self._ready:
            self._idle()

    def _look_at_all(self):
        """Look at the controllers, at what is ready, at the clock."""
        for hcd in self.polled:
            hcd.poll()
        self._step_all()  # also inside a task's step or a soft handler
        self.tick()
