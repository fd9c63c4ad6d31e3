"""Reads and writes as asyncio sees them: queued commands, and one waker for all who wait."""

import asyncio
from asyncio import core

from micropython import const

_WATCH_MS = const(20)  # a completion interrupt can get lost
_POLL_MS = const(1)  # there are no interrupts
_COMMAND = const(1 << 20)  # bytes of one command: others get their turn between two
_PENDING = const(1)
_EAGAIN = const(-11)
_SLOTS = const(32)


class Waiters:
    """Tasks that wait for a disk's commands, by slot: asyncio takes it for the queue they are in.

    One more task waits for the port and wakes all whose commands have ended: asyncio looks at one
    stream, not at 32.
    """

    def __init__(self, disk):
        # A task that waits; None: nobody asks for the result; False: somebody will.
        self.tasks = [None] * _SLOTS
        self._disk = disk
        self._loop = None  # the event loop's queue
        self._waker = None

    def _start(self):
        """Another event loop: what the last one awaited is let go of at its end."""
        self._loop = core._task_queue
        self.tasks = [None] * _SLOTS
        self._waker = asyncio.create_task(self._wake(self.tasks))
        asyncio.create_task(self._watch())

    def remove(self, task):
        """Task.cancel(): it comes for its command's end itself."""
        tasks = self.tasks
        for i in range(_SLOTS):
            if tasks[i] is task:
                tasks[i] = False

    def wait(self, slot):
        """The current task, which yields then, is run again when the slot has ended."""
        if self._loop is not core._task_queue:
            self._start()
        task = core.cur_task
        self.tasks[slot] = task
        task.data = self

    async def _wake(self, tasks):
        port = self._disk.port
        while True:
            yield core._io_queue.queue_read(port)
            port.wake(tasks, core._task_queue.push)

    async def _watch(self):
        """What no interrupt told, and time-outs; ends when nothing was asked for in a period."""
        disk, port = self._disk, self._disk.port
        loop, waker = self._loop, self._waker
        period = _WATCH_MS if port.irq else _POLL_MS
        seen = None
        while port.awaited or port.requests != seen:
            seen = port.requests
            await asyncio.sleep_ms(period)
            if port.poll():
                disk.attend(port)
        waker.cancel()
        if self._loop is loop:
            self._loop = None


async def blocks(disk, what, n, buf, off):
    """Read (what 0) or write; 0 or -errno."""
    # The usual case is all here: each level of coroutines costs 2,000 instructions.
    if not off and len(buf) <= _COMMAND:
        slot = disk.port.submit(what, n, buf)
        while slot == _EAGAIN:
            r = disk.refusal()
            if r:
                return r
            await asyncio.sleep_ms(0)
            slot = disk.port.submit(what, n, buf)
        if slot >= 0:
            disk.waiters.wait(slot)
            try:
                yield
            except asyncio.CancelledError:
                _abandon(disk, slot)
                raise
            return disk.port.result(slot)
    return await _others(disk, what, n, memoryview(buf), off)


async def _others(disk, what, n, view, off):
    """What is no single command."""
    size = disk.block_size
    items = len(bytes(view[:1])) > 1  # an array's: what is counted here are bytes
    if not off and len(view) % size == 0 and len(view) > _COMMAND and not items:
        for at in range(0, len(view), _COMMAND):
            r = await blocks(disk, what, n + at // size, view[at : at + _COMMAND], 0)
            if r:
                return r
        return 0
    # Parts of blocks, past the end, or out of the HBA's reach.
    plain = disk.writeblocks if what else disk.readblocks
    return plain(n, view, off)


def _abandon(disk, slot):
    """The hardware has the buffer: nobody else gets it before the command has ended."""
    while disk.port.result(slot) == _PENDING:
        if disk.port.poll():
            disk.attend(disk.port)
