"""A medium in a USB device as a block device."""

import dma
import irq
import klog
from micropython import const

import usbtask
import usbwait

_EINVAL = const(-22)
_EROFS = const(-30)
_ENODEV = const(-19)
_ENOMEM = const(-12)
_MOST = const(1 << 20)  # bytes of one command, as Linux from SuperSpeed on
_MOST_SLOW = const(240 * 512)  # as Linux below: bridges of that age choke on more
_BOUNCE = const(65536)


class Disk:
    """MicroPython's block protocol: every call gives 0 or -errno and raises nothing.

    readblocks(n, buf, off=0), writeblocks(n, buf, off=0): off in bytes; any length.
    ioctl(op, arg=0): 1 init, 2 deinit, 3 sync, 4 blocks, 5 bytes of a block, 6 forget a block: 0.
    writefua(n, buf, off=0): on the medium when it returns.  areadblocks, awriteblocks: to be
    awaited.  name; blocks, block_size; read_only: writes give -EROFS.  gone: unplugged, or the
    medium was taken out; every call gives -ENODEV then, also when it comes back: as another Disk.
    unit: usbscsi.Unit.
    """

    def __init__(self, name, unit):
        self.name = name
        self.unit = unit
        self.blocks = unit.blocks
        self.block_size = unit.block_size
        self.read_only = unit.read_only
        self.gone = False
        self._dirty = True  # by whoever had it before us
        # Writes and flushes one after the other: a part of a block is read before it is written,
        # and what a flush leaves unwritten must stay dirty.
        self._turn = usbwait.Lock(usbwait.LONG_MS)
        device = unit.bot.device
        most = _MOST if device.speed.startswith("super") else _MOST_SLOW
        most = min(most, getattr(device.hcd, "max_transfer", most))
        self.most = most // 4096 * 4096  # bytes of one command
        self._wide = getattr(device.hcd, "wide", False)
        # Ctrl-C waits for the end of a request, for 1.5 s: file systems in C stand no exception.
        self.readblocks = irq.Held(self._readblocks)
        self.writeblocks = irq.Held(self._writeblocks)
        self.ioctl = irq.Held(self._ioctl)

    def __repr__(self):
        unit = self.unit
        words = self.name, unit.vendor, unit.product, self.blocks, self.block_size
        text = "<%s %s %s, %d blocks of %d" % words
        return text + (", read-only" if self.read_only else "") + (", gone>" if self.gone else ">")

    def _readblocks(self, n, buf, off=0):
        return self._run(self._io(False, n, buf, off))

    def _writeblocks(self, n, buf, off=0):
        return self._run(self._io(True, n, buf, off))

    def writefua(self, n, buf, off=0):
        """As writeblocks(), and on the medium when it returns."""
        return self.writeblocks(n, buf, off) or self.flush()

    def flush(self):
        """What was written is on the medium when this returns 0."""
        if self.gone:
            return _ENODEV
        return self._run(self._flush())

    def _ioctl(self, op, arg=0):
        if op == 4:
            return self.blocks
        if op == 5:
            return self.block_size
        if op == 2 or op == 3:
            return self.flush()
        if op == 1:
            return _ENODEV if self.gone else 0
        if op == 6:
            return _ENODEV if self.gone else _EROFS if self.read_only else 0
        return _EINVAL

    async def areadblocks(self, n, buf, off=0):
        """As readblocks() while other tasks run."""
        return await self._await(self._io(False, n, buf, off))

    async def awriteblocks(self, n, buf, off=0):
        """As writeblocks() while other tasks run."""
        return await self._await(self._io(True, n, buf, off))

    async def _await(self, generator):
        return await usbtask.wait(usbtask.start(_safe(generator), self.name))

    def _run(self, generator):
        return usbtask.run(_safe(generator), self.name)

    def _flush(self):
        yield from self._turn.take()
        try:
            status = _ENODEV if self.gone else 0
            if self._dirty and not status:
                status = yield from self.unit.flush()
                self._dirty = status != 0  # not before: Ctrl-C may come instead
                status = self._told(status, "flush")
            return status
        finally:
            self._turn.give()

    def _io(self, write, n, buf, off):
        view = memoryview(buf)
        size = self.block_size
        if n < 0 or off < 0 or n * size + off + len(view) > self.blocks * size:
            return _EINVAL
        if len(bytes(view[:1])) > 1:  # an array's items: what is counted below are bytes
            return _EINVAL
        if self.gone:
            return _ENODEV
        if not write:
            return (yield from self._move_all(False, n, view, off))
        if self.read_only:
            return _EROFS
        yield from self._turn.take()
        try:
            self._dirty = True
            return (yield from self._move_all(True, n, view, off))
        finally:
            self._turn.give()

    def _move_all(self, write, n, view, off):
        size = self.block_size
        n += off // size
        off %= size
        if off or len(view) < size:
            head = min(size - off, len(view))
            if head:
                status = yield from self._part(write, n, view[:head], off)
                if status:
                    return status
            view = view[head:]
            n += 1
        tail = len(view) % size
        whole = len(view) - tail
        for at in range(0, whole, self.most):
            part = view[at : min(whole, at + self.most)]
            status = yield from self._whole(write, n + at // size, part)
            if status:
                return status
        if tail:
            return (yield from self._part(write, n + whole // size, view[whole:], 0))
        return 0

    def _part(self, write, n, view, off):
        """Some bytes of one block."""
        block = dma.alloc(self.block_size, 64, "usbmsc")
        try:
            status = yield from self._move(False, n, 1, block, 0)
            if not status and write:
                memoryview(block)[off : off + len(view)] = view
                status = yield from self._move(True, n, 1, block, 0)
            elif not status:
                view[:] = memoryview(block)[off : off + len(view)]
            return status
        finally:
            _give(block)

    def _whole(self, write, n, view):
        """Whole blocks of one command: straight from and to the buffer where hardware may."""
        loan = dma.borrow(view, not write, self._wide)
        if loan is not None:
            try:
                return (yield from self._move(write, n, len(view) // self.block_size, loan, 0))
            finally:
                _give(loan)
        bounce = dma.alloc(min(len(view), _BOUNCE), 64, "usbmsc")
        try:
            inside = memoryview(bounce)
            for at in range(0, len(view), _BOUNCE):
                part = view[at : at + _BOUNCE]
                if write:
                    inside[: len(part)] = part
                count = len(part) // self.block_size
                status = yield from self._move(write, n, count, bounce, 0)
                if status:
                    return status
                if not write:
                    part[:] = inside[: len(part)]
                n += count
            return 0
        finally:
            _give(bounce)

    def _move(self, write, n, count, buffer, offset):
        if self.gone:  # meanwhile
            return _ENODEV
        status = yield from self.unit.move(write, n, count, buffer, offset)
        if status:
            way = "write" if write else "read"
            return self._told(status, "%s of %d blocks at block %d", way, count, n)
        return 0

    def _told(self, status, text, *args):
        """A unit's status; an error is logged."""
        if status and self.gone:  # that has been
            return _ENODEV
        if status:
            text = "usbmsc: %s: %s: %s" % (self.name, text % args, self.unit.why)
            self.unit.bot.log(klog.ERROR, text)
        return status


def _give(buffer):
    if not usbwait.holds(buffer):
        buffer.free()


def _safe(generator):
    """Generator: what it gives, or -errno for what it raises."""
    try:
        return (yield from generator)
    except OSError as why:
        return -(why.errno or 5)
    except (TypeError, ValueError, OverflowError):
        return _EINVAL
    except MemoryError:
        return _ENOMEM
