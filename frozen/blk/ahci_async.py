"""Reads and writes as asyncio sees them: queued commands, each a stream that gets readable."""

import asyncio
import errno
from asyncio import core

from micropython import const

_WATCH_MS = const(20)  # a completion interrupt can get lost
_POLL_MS = const(1)  # there are no interrupts
_COMMAND = const(1 << 20)  # bytes of one command: others get their turn between two
_PENDING = const(1)
_WRITE = const(1)

_watchers = {}  # by drive's name: the task that looks after what is under way


async def blocks(disk, what, n, buf, off):
    """Read (what 0) or write; 0 or -errno."""
    view = memoryview(buf)
    size = disk.block_size
    if off or len(view) % size:
        return disk.writeblocks(n, buf, off) if what else disk.readblocks(n, buf, off)
    step = max(1, _COMMAND // size)
    done = 0
    while done < len(view):
        part = view[done : done + step * size]
        r = await _one(disk, what, n + done // size, part)
        if r == -errno.EINVAL:  # beyond the end, or out of the HBA's reach: the other way tells
            r = (disk.writeblocks if what else disk.readblocks)(n + done // size, part)
        if r:
            return r
        done += len(part)
    return 0


async def _one(disk, what, n, part):
    port = disk.port
    while True:
        slot = port.submit(what, n, part)
        if slot is not None:
            break
        if port.attention:
            disk.attend(port)
            if port.attention:
                return -port.gone if port.gone else -errno.EIO
        await asyncio.sleep_ms(0)
    if isinstance(slot, int):
        return slot
    watcher = _watchers.get(disk.name)
    if watcher is None or watcher.done():
        _watchers[disk.name] = asyncio.create_task(_watch(disk))
    try:
        r = _PENDING
        while r == _PENDING:
            yield core._io_queue.queue_read(slot)
            r = slot.result()
        return r
    except asyncio.CancelledError:
        # The hardware has the buffer: it stays until the command has ended.
        while slot.result() == _PENDING:
            if port.poll():
                disk.attend(port)
        raise


async def _watch(disk):
    """While commands are under way: what no interrupt told, and time-outs."""
    port = disk.port
    period = _WATCH_MS if disk.port.irq else _POLL_MS
    while port.active:
        await asyncio.sleep_ms(period)
        if port.poll():
            disk.attend(port)
