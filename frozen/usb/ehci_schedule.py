"""The two lists that the controller walks: asynchronous and periodic (EHCI 1.0 §4.6 to §4.8).

Lines without a loop or a call of Python are not interrupted by soft handlers: a queue head goes
into a list and out of it by such lines.
"""

import mmio
from micropython import const

import usbtask
import usbwait
from ehci_budget import FRAMES, Budget
from ehci_memory import END
from ehci_pipes import Head

_USBCMD = const(0x00)  # §2.3.1
_CMD_PSE = const(1 << 4)
_CMD_ASE = const(1 << 5)
_CMD_IAAD = const(1 << 6)
_USBSTS = const(0x04)  # §2.3.2
_STS_PSS = const(1 << 14)
_STS_ASS = const(1 << 15)
_FRINDEX = const(0x0C)  # §2.3.4
_ASYNCLISTADDR = const(0x18)  # §2.3.7: where hardware goes on, wherever it stopped
_ENTRIES = const(1024)
_ENABLE_US = const(20_000)  # §2.3.1: not before the status has followed; a frame
_BELL_MS = const(200)
_FRAMES_MS = const(50)  # for two of 1 ms to pass
_IDLE_MS = const(200)  # without work, and the asynchronous list is walked no more


class Schedule:
    """memory: Memory; op: the operational registers.  alive(): whether the controller runs."""

    def __init__(self, memory, op, alive):
        self._op = op
        self._alive = alive
        self._head = Head(memory)
        try:
            self._list = memory.alloc(4 * _ENTRIES, 4096)
        except BaseException:
            self._head.buffer.free()
            raise
        self._entries = mmio.Regs(self._list.phys, 4 * _ENTRIES, 32, "ehci frames")
        self._first = [END] * FRAMES  # what the list has
        self.budget = Budget()
        self._periodic = []  # pipes, the longest period first
        self._again = self._linking = False
        self._turn = usbwait.Lock()  # the doorbell's
        self._bell = usbwait.Wait()
        self._bell.limit_ms = _BELL_MS
        self._used = 0  # grows with all that is submitted
        self._walking = self._watching = False
        self._task = None
        self.reset()

    @property
    def addresses(self):
        """(PERIODICLISTBASE, ASYNCLISTADDR)."""
        return self._list.phys & 0xFFFFFFFF, self._head.buffer.phys & 0xFFFFFFFF

    def reset(self):
        """Both lists empty, nobody waits for hardware: it is reset."""
        self._head.begin()
        self._walking = False
        del self._periodic[:]
        for i in range(FRAMES):
            self._first[i] = END
        for i in range(_ENTRIES):
            self._entries[4 * i] = END
        self._bell.finish(0)

    def _enable(self, bit, status, on):
        """Walk a list or not; what the status has not followed yet is waited for."""
        op = self._op
        command = op[_USBCMD]
        if bool(command & bit) != on:
            op.wait(_USBSTS, status, status if command & bit else 0, _ENABLE_US)
            if on and bit == _CMD_ASE:  # the queue head where it stopped may be gone
                op[_ASYNCLISTADDR] = self.addresses[1]
            op.modify(_USBCMD, bit, bit if on else 0)

    def wake(self):
        """There is work in the asynchronous list."""
        self._used += 1
        if not self._walking:
            self._walking = True
            self._enable(_CMD_ASE, _STS_ASS, True)
        if not self._watching:
            self._watching = True
            self._task = usbtask.start(self._watch(), "ehci idle")

    def _watch(self):
        """Memory is left alone when nothing has been submitted for a while."""
        try:
            idle = False
            while self._alive() and not idle:
                before = self._used
                yield _IDLE_MS
                yield from self._turn.take()  # a doorbell is not answered once it is off
                try:
                    idle = before == self._used and not self._working() and self._off(before)
                finally:
                    self._turn.give()
        finally:
            self._watching = False

    def _off(self, before):
        """Switch the asynchronous list off; False: a soft handler wanted it meanwhile."""
        if not self._alive():
            return True
        self._walking = False
        self._enable(_CMD_ASE, _STS_ASS, False)
        if before == self._used:
            return True
        self._walking = True
        self._enable(_CMD_ASE, _STS_ASS, True)
        return False

    def _working(self):
        pipe = self._head.next
        while pipe is not self._head:
            if pipe.busy:
                return True
            pipe = pipe.next
        return False

    def insert(self, pipe):
        """Let hardware have a queue head."""
        pipe.linked = True
        if pipe.slot is not None:
            self._insert_periodic(pipe)
            return
        head = self._head
        following = head.next
        pipe.point(following.link)
        pipe.next, pipe.previous = following, head
        following.previous = head.next = pipe
        head.point(pipe.link)

    def _insert_periodic(self, pipe):
        pipes, at = self._periodic, 0
        while at < len(pipes) and pipes[at].slot.period >= pipe.slot.period:
            at += 1
        pipes.insert(at, pipe)
        self._link()
        self._enable(_CMD_PSE, _STS_PSS, True)

    def remove(self, pipes):
        """Generator: hardware has those queue heads no more.  Raises OSError(ETIMEDOUT)."""
        asynchronous = periodic = False
        for pipe in pipes:
            pipe.held = True
            if not pipe.linked:
                continue
            pipe.linked = False
            if pipe.slot is not None:
                periodic = True
                self._periodic.remove(pipe)
            else:
                asynchronous = True
                before, following = pipe.previous, pipe.next
                before.next, following.previous = following, before
                before.point(following.link)
        if periodic:
            self._link()
            yield from self._frames()
            if not self._periodic and self._alive():
                self._enable(_CMD_PSE, _STS_PSS, False)
                if self._periodic:  # a soft handler put one in meanwhile
                    self._enable(_CMD_PSE, _STS_PSS, True)
        if asynchronous:
            yield from self._ring()

    def _link(self):
        """Tell hardware the periodic list: tails first, so that each link leads somewhere.

        Interrupted by another that does: that one has it done again here.
        """
        self._again = True
        while self._again and not self._linking:
            self._linking = True
            self._again = False
            try:
                self._link_once()
            finally:
                self._linking = False

    def _link_once(self):
        pipes = self._periodic
        for i in range(len(pipes) - 1, -1, -1):
            pipe = pipes[i]
            pipe.point(self._tail(pipes, i + 1, pipe.slot.phase))
        for frame in range(FRAMES):
            link = self._tail(pipes, 0, frame)
            if link != self._first[frame]:
                self._first[frame] = link
                for i in range(frame, _ENTRIES, FRAMES):
                    self._entries[4 * i] = link

    def _tail(self, pipes, at, frame):
        """The link to the first from there on that is in this frame."""
        while at < len(pipes):
            pipe = pipes[at]
            if frame % pipe.slot.period == pipe.slot.phase:
                return pipe.link
            at += 1
        return END

    def _frames(self):
        """Generator: two frames, behind which hardware has no old link (§4.6)."""
        while self._linking:  # this is a soft handler, and what it interrupted goes on first
            yield 1
        begun = self._op[_FRINDEX] >> 3
        for _ in range(_FRAMES_MS):
            yield 1
            if not self._alive() or (self._op[_FRINDEX] >> 3) - begun & 0x3FF >= 2:
                return
        raise usbwait.error(usbwait.ETIMEDOUT, "FRINDEX stands still")

    def _ring(self):
        """Generator: the doorbell, by which hardware forgets what was unlinked (§4.8.2)."""
        yield from self._turn.take()
        try:
            op, bell = self._op, self._bell
            if not self._alive() or not op[_USBCMD] & _CMD_ASE:
                if not self._alive() or op.wait(_USBSTS, _STS_ASS, 0, _ENABLE_US):
                    return
            # Who changed USBCMD just when the last one was answered has rung again.
            op.wait(_USBCMD, _CMD_IAAD, 0, _ENABLE_US)
            bell.status = usbwait.PENDING
            op.set(_USBCMD, _CMD_IAAD)
            try:
                yield bell
            except OSError as why:
                if not self._alive() or not op[_USBCMD] & _CMD_IAAD:
                    return  # its interrupt was lost, or it is of no use any more
                raise usbwait.error(why.errno, "the doorbell")
        finally:
            self._turn.give()

    @property
    def ringing(self):
        """Whether an answer to the doorbell is waited for."""
        return self._bell.status == usbwait.PENDING

    def rung(self):
        """Hardware has answered a doorbell: this one, or one before it."""
        if self._bell.status == usbwait.PENDING and not self._op[_USBCMD] & _CMD_IAAD:
            self._bell.finish(0)

    def free(self):
        """Memory back: the controller is reset or silenced."""
        if self._watching:
            self._task.cancel()
        self._head.buffer.free()
        self._list.free()
