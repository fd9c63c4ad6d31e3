"""usbtask: what soft interrupts, and Ctrl-C, may do between two lines."""

import irq
import simtime
import usbtask
from usbwait import PENDING, Lock, Wait

from test_usb_task import Never

AREA = "usb"


def test_what_ends_while_it_is_being_waited_for():
    simtime.install()

    class Between(Wait):
        reads = 0

        @property
        def limit_ms(self):
            self.reads += 1
            if self.reads == self.when:
                self.finish(0)
            return 5000

    for when in (1, 2):
        wait = Between()
        wait.when = when
        wait.status = PENDING
        wait.actual = 9

        def user():
            return (yield wait)

        task = usbtask.start(user())
        assert task.status == 0 and task.actual == 9 and wait.waiter is None


def test_woken_twice_for_the_same():
    clock = simtime.install()
    first, second = Never(), Never()
    got = []

    def user():
        yield first
        got.append(1)
        yield second
        got.append(2)
        yield 50
        got.append(3)

    task = usbtask.start(user())
    task.wake()
    assert got == []
    first.finish(0)
    task.wake()
    assert got == [1]
    second.finish(0)
    task.wake()
    assert got == [1, 2]
    clock.sleep_ms(60)
    assert got == [1, 2, 3] and task.status == 0


def test_a_timer_that_goes_off_while_it_is_set():
    clock = simtime.install()
    timer = clock.timers[0]
    plain = timer.init
    left = [0]

    def early(mode, period, callback):
        plain(mode=mode, period=period, callback=callback)
        if left[0]:
            left[0] -= 1
            clock.us += 1000 * period
            timer._due = None
            callback(timer)
            plain(mode=mode, period=period, callback=callback)  # as the interrupted one ends

    timer.init = early
    ends = {}

    def sleeper(name, ms):
        begun = clock.ticks_ms()
        yield ms
        ends[name] = clock.ticks_ms() - begun - ms

    for n in range(1, 6):
        left[0] = n
        ends.clear()
        tasks = [
            usbtask.start(sleeper(name, ms)) for name, ms in (("a", 500), ("b", 20), ("c", 3))
        ]
        clock.sleep_ms(4000)
        assert [task.status for task in tasks] == [0, 0, 0], n
        assert max(ends.values()) <= 600, (n, ends)
    assert usbtask.loop().tasks == []


def test_a_lock_given_while_somebody_queues():
    clock = simtime.install()

    class Queue(list):
        """Between its line and the next, the holder gives the lock."""

        holder = None

        def append(self, turn):
            before, self.holder = self.holder, None
            if before == "before":
                lock.give()
            super().append(turn)
            if before == "after":
                lock.give()

    for when in ("before", "after"):
        lock = Lock()
        lock._queue = Queue()
        got = []

        def user(n):
            yield from lock.take()
            got.append(n)
            yield 5
            lock.give()

        for _ in lock.take():  # held by nobody in particular
            raise AssertionError
        lock._queue.holder = when
        tasks = [usbtask.start(user(n)) for n in range(3)]
        clock.sleep_ms(50)
        assert got == [0, 1, 2] and [task.status for task in tasks] == [0, 0, 0], when
        assert lock._token and not lock._queue


def test_ctrl_c_waits_for_steps_and_controllers():
    """Whoever steps a driver's task, it is not the one that Ctrl-C is for."""
    clock = simtime.install()
    holding = {"step": set(), "poll": set(), "idle": set()}

    def note(where):
        holding[where].add(irq.Held.under_way > 0)

    class Controller:
        def poll(self):
            note("poll")

    def driver():
        for _ in range(3):
            note("step")
            yield 5

    usbtask.loop().polled.append(Controller())
    clock.on_pass.append(lambda: note("idle") if not irq.Held.under_way else None)
    usbtask.start(driver())
    usbtask.run(driver())
    assert holding == {"step": {True}, "poll": {True}, "idle": {False}}


def test_ctrl_c_that_a_step_was_hit_by_is_the_programs_too():
    """On the target: when it takes so long that patience ends."""
    simtime.install()
    ended = []

    def driver():
        try:
            yield 5
            raise KeyboardInterrupt
        finally:
            ended.append("driver")

    def program():
        try:
            yield 1000
        finally:
            ended.append("program")

    usbtask.start(driver())
    try:
        usbtask.run(program())
        raise AssertionError
    except KeyboardInterrupt:
        pass
    assert ended == ["driver", "program"] and usbtask.loop().tasks == []


def test_a_lock_whose_holder_cannot_go_on():
    """A soft handler comes in the middle of a step of the program that has the lock."""
    clock = simtime.install()
    lock = Lock(600000)
    told = []

    def handler():
        yield from lock.take()
        told.append("taken")
        lock.give()

    def program():
        yield from lock.take()
        try:
            usbtask.run(handler())  # as if between two lines
        except OSError as why:
            told.append(why.errno)
        lock.give()
        usbtask.run(handler())

    usbtask.run(program())
    assert told == [16, "taken"] and clock.ticks_ms() < 100

    # One that waits for something else goes on, also inside of another's step.
    def holder():
        yield from lock.take()
        yield 30
        lock.give()

    def other():
        usbtask.run(handler())
        yield 0

    usbtask.start(holder())
    usbtask.run(other())
    assert told == [16, "taken", "taken"] and 30 <= clock.ticks_ms() < 200


def test_a_lock_that_somebody_else_wants_meanwhile():
    """What a run() inside of its holder's step happens to step, too, waits for its turn."""
    simtime.install()
    lock = Lock()
    told = []

    def other():
        yield from lock.take()
        told.append("other")
        lock.give()

    def handler():
        yield 1
        told.append("handler")

    def program():
        yield from lock.take()
        task = usbtask.start(other())
        usbtask.run(handler())  # as if between two lines
        lock.give()
        yield task

    usbtask.run(program())
    assert told == ["handler", "other"]


def test_a_lock_given_while_its_holder_is_looked_at():
    simtime.install()

    class Given(Lock):
        looks = 0

        @property
        def _holder(self):
            self.looks += 1
            return holder if self.looks < 3 else None

        @_holder.setter
        def _holder(self, task):
            pass

    def user():
        yield from lock.take()

    def other():
        yield 5
        lock.give()

    holder = usbtask.start(other())
    lock = Given()
    lock._token.clear()
    usbtask.run(user())
    assert holder.status == 0
