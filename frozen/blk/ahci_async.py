"""Reads and writes as asyncio sees them: queued commands, each a stream that gets readable."""

import asyncio
import errno
from asyncio import core

from micropython import const

_WATCH_MS = const(20)  # a completion interrupt can get lost
_POLL_MS = const(1)  # there are no interrupts
_COMMAND = const(1 << 20)  # bytes of one command: others get their turn between two
_PENDING = const(1)


async def blocks(disk, what, n, buf, off):
    """Read (what 0) or write; 0 or -errno."""
    if not off and len(buf) <= _COMMAND:
        slot = disk.port.submit(what, n, buf)
        if slot is not None and not isinstance(slot, int):
            # The usual case once more, here: each level of coroutines costs 2,000 instructions.
            watcher = disk.watcher
            if watcher is None or watcher.done():
                disk.watcher = asyncio.create_task(_watch(disk))
            try:
                r = _PENDING
                while r == _PENDING:
                    yield core._io_queue.queue_read(slot)
                    r = slot.result()
                return r
            except asyncio.CancelledError:
                _abandon(disk, slot)
                raise
    return await _many(disk, what, n, memoryview(buf), off)


async def _many(disk, what, n, view, off):
    size = disk.block_size
    plain = disk.writeblocks if what else disk.readblocks
    if off or len(view) % size:
        return plain(n, view, off)
    step = max(1, _COMMAND // size)
    for at in range(0, len(view), step * size):
        part = view[at : at + step * size]
        r = await _one(disk, what, n + at // size, part)
        if r == -errno.EINVAL:  # beyond the end, or out of the HBA's reach: the other way tells
            r = plain(n + at // size, part)
        if r:
            return r
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
    if disk.watcher is None or disk.watcher.done():
        disk.watcher = asyncio.create_task(_watch(disk))
    try:
        r = _PENDING
        while r == _PENDING:
            yield core._io_queue.queue_read(slot)
            r = slot.result()
        return r
    except asyncio.CancelledError:
        _abandon(disk, slot)
        raise


def _abandon(disk, slot):
    """The hardware has the buffer: nobody else gets it before the command has ended."""
    while slot.result() == _PENDING:
        if disk.port.poll():
            disk.attend(disk.port)


async def _watch(disk):
    """While commands are under way: what no interrupt told, and time-outs."""
    port = disk.port
    period = _WATCH_MS if port.irq else _POLL_MS
    while port.active:
        await asyncio.sleep_ms(period)
        if port.poll():
            disk.attend(port)
