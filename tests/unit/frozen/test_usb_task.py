"""usbtask: generators that wait, in the foreground, in the background, cancelled and late."""

import simtime
import usbtask
from usbwait import PENDING, Lock, Wait, error

AREA = "usb"


class Never(Wait):
    """Ends when it is cancelled; with stubborn, not even then."""

    def __init__(self, limit_ms=None, stubborn=False):
        super().__init__()
        self.status = PENDING
        self.limit_ms = limit_ms
        self.stubborn = stubborn
        self.cancelled = 0

    def cancel(self):
        self.cancelled += 1
        if not self.stubborn:
            self.finish(-125)


def raised(function, *args):
    try:
        function(*args)
    except BaseException as why:
        return why
    return None


def test_sleeps_and_values():
    clock = simtime.install()

    def inner():
        yield 5
        return 7

    def outer():
        first = yield from inner()
        done = Wait()
        done.actual = 30
        second = yield done
        return first + second

    assert usbtask.run(outer()) == 37
    assert clock.ticks_ms() in (5, 6)
    assert usbtask.loop().tasks == []


def test_what_cannot_be_waited_for():
    """A mistake of the generator's: it ends, and nobody waits for it for ever."""
    simtime.install()

    def bare():
        try:
            yield
        finally:
            told.append("bare")

    told = []
    assert isinstance(raised(usbtask.run, bare()), TypeError)
    task = usbtask.start(bare())
    assert isinstance(task.error, TypeError) and told == ["bare", "bare"]
    assert usbtask.loop().tasks == []


def test_background_tasks_go_on_by_the_timer():
    clock = simtime.install()
    seen = []

    def ticker(name, ms):
        for n in range(3):
            yield ms
            seen.append((name, clock.ticks_ms()))

    first = usbtask.start(ticker("a", 10))
    usbtask.start(ticker("b", 7))
    clock.sleep_ms(100)
    assert [name for name, _ in seen] == ["b", "a", "b", "a", "b", "a"]
    assert seen[-1][1] <= 32 and first.status == 0 and usbtask.loop().tasks == []


def test_a_task_is_something_to_wait_for():
    simtime.install()

    def child():
        yield 20
        raise error(71, "child")

    def parent():
        task = usbtask.start(child())
        try:
            yield task
        except OSError as why:
            return why.errno, str(why)

    number, text = usbtask.run(parent())
    assert number == 71 and "child: transaction error" in text


def test_limits():
    clock = simtime.install()
    wait = Never(50)

    def late():
        yield wait

    why = raised(usbtask.run, late())
    assert why.errno == 110 and wait.cancelled == 1 and 50 <= clock.ticks_ms() <= 52
    wait = Never(50, stubborn=True)
    why = raised(usbtask.run, late())
    assert why.errno == 110 and "not even cancelled" in str(why) and clock.ticks_ms() <= 2110
    assert usbtask.loop().tasks == []
    wait.finish(0)  # nobody minds


def test_ctrl_c_cancels_first():
    clock = simtime.install()
    wait = Never()
    clean = []

    def forever():
        try:
            yield wait
        finally:
            clean.append(wait.status)

    def interrupt():
        if clock.ticks_ms() == 30:
            raise KeyboardInterrupt

    clock.on_pass.append(interrupt)
    why = raised(usbtask.run, forever())
    assert isinstance(why, KeyboardInterrupt) and wait.cancelled == 1 and clean == [-125]
    wait = Never(stubborn=True)
    clock.us = 0
    why = raised(usbtask.run, forever())
    assert isinstance(why, KeyboardInterrupt) and clock.ticks_ms() <= 2040


def test_cancelling_a_task():
    simtime.install()
    wait = Never()

    def forever():
        yield wait

    task = usbtask.start(forever())
    task.cancel()
    assert task.status == -125 and wait.cancelled == 1

    def sleeper():
        yield 1000000

    task = usbtask.start(sleeper())
    task.cancel()
    assert task.status == -125 and usbtask.loop().tasks == []


def test_a_lock_has_turns():
    clock = simtime.install()
    lock = Lock()
    order = []

    def user(n):
        yield from lock.take()
        order.append(n)
        yield 10
        lock.give()

    tasks = [usbtask.start(user(n)) for n in range(4)]
    tasks[1].cancel()
    clock.sleep_ms(100)
    assert order == [0, 2, 3] and tasks[1].status == -125

    def nothing():
        yield from lock.take()
        lock.give()

    usbtask.run(nothing())
    usbtask.start(user(9))
    clock.sleep_ms(1)

    def hung():
        yield from lock.take()

    # It is given back by user(9) at its time.
    usbtask.run(hung())
    assert order[-1] == 9
    assert raised(usbtask.run, hung()).errno == 110  # never a hang
    lock.give()
    usbtask.run(nothing())
    assert lock._queue == [] and lock._token


def test_run_inside_a_step_of_another_task():
    simtime.install()
    got = []

    def inner():
        yield 3
        return "in"

    def outer():
        yield 1
        got.append(usbtask.run(inner()))  # as a driver's callback may
        yield 1
        got.append("out")

    task = usbtask.start(outer())
    usbtask.run(inner())
    usbtask.loop().clock.sleep_ms(20)
    assert got == ["in", "out"] and task.status == 0 and usbtask.loop().tasks == []


def test_asyncio():
    import asyncio

    simtime.install()
    wait = Wait()
    wait.status = PENDING
    wait.actual = 8

    async def main():
        usbtask.start(ender())
        return await usbtask.wait(wait)

    def ender():
        yield 2
        wait.finish(0)

    async def driven():
        async def pump():
            for n in range(50):
                usbtask.loop().clock.sleep_ms(1)
                await asyncio.sleep(0)

        pumping = asyncio.create_task(pump())
        value = await main()
        await pumping
        return value

    if hasattr(asyncio, "ThreadSafeFlag"):
        assert asyncio.run(driven()) == 8


def test_ctrl_c_as_the_last_step_ends():
    """On the target: it has waited for the step, and comes right behind it."""
    for fails in (False, True):
        clock = simtime.install()
        loop, ended = usbtask.loop(), []
        plain = loop._round

        def turn():
            plain()
            if ended.count("driver") > ended.count("typed"):
                ended.append("typed")
                raise KeyboardInterrupt

        def driver():
            yield 5
            ended.append("driver")
            if fails:
                raise OSError(5)

        loop._round = turn
        try:
            usbtask.run(driver())
            raise AssertionError("nobody heard of Ctrl-C")
        except KeyboardInterrupt:
            ended.append("program")
        assert ended == ["driver", "typed", "program"] and clock.ticks_ms() < 100
        assert loop.tasks == []
