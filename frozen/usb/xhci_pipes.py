"""An endpoint's ring, and how it is brought back after an error or a cancelled transfer.

xHCI 1.2 §4.6.8 to §4.6.10, §4.10.2.
"""

import xhciring
from micropython import const

import usbtask
import usbwait
import xhci_commands as commands

_RESET = commands.RESET_ENDPOINT
_STOP = commands.STOP_ENDPOINT
_DEQUEUE = commands.SET_DEQUEUE
_HALTING = (3, 4, 6, 12, 36)  # completion codes that should halt an endpoint (§4.8.3; 12 observed)
_CALM = const(3)  # errors in a row, and the next ones are told ever later
_STORM_MS = const(1000)
_CONTROL_TRBS = const(32)
_TRBS = const(64)
_TD_SIZE_IN_PACKETS = const(0x100)  # since xHCI 1.0, §4.11.2.4

BYTES = 1 << 20  # of one transfer: 17 TRBs, so that two fit in any case


class Slot:
    """One device's.  pipes: {context index: Pipe}."""

    def __init__(self, id):
        self.id = id
        self.contexts = None
        self.pipes = {}
        self.hub = None  # (ports, multi_tt, think_time)
        self.turn = usbwait.Lock()  # whose the input context is, until its command is done


class Pipe:
    """An endpoint in use: its ring, and what is to be mended."""

    def __init__(self, host, slot, index, endpoint):
        self.slot = slot
        self.index = index
        self.endpoint = endpoint
        self.control = index == 1
        entries = _CONTROL_TRBS if self.control else _TRBS
        self.ring = xhciring.Ring(
            host.events,
            slot.id,
            index,
            entries=entries,
            mps=endpoint.mps,
            legacy=host.caps.version < _TD_SIZE_IN_PACKETS,
        )
        self.ring.held = True  # until resume()
        self.cancelled = []  # transfers to be withdrawn
        self.failed = None  # (transfer, actual, code) that halted it
        self.errors = 0  # in a row
        self.gone = False
        self.holder = None  # the Task that mends it
        self._free = {0: True}  # taken by who mends it: dict.pop() is not interrupted

    def take(self):
        """Whether it is the caller's to mend, until give()."""
        return self._free.pop(0, False)

    def give(self):
        self.holder = None
        self._free[0] = True

    def empty(self):
        """Start the ring anew; what is submitted waits for resume()."""
        self.ring.reset()
        self.ring.held = True

    def resume(self):
        """Ring the doorbell if there is anything to do: Parallels' fails at one too early."""
        self.ring.held = False  # first: a soft interrupt may submit between the two
        if self.ring.pending:
            self.ring.kick()


def _fail(transfer, actual, code):
    transfer.finish(-commands.code_errno(code), actual, commands.code_name(code))


class Mender:
    """host: the Controller: name, ring, log(), died(), take(), pending()."""

    def __init__(self, host):
        self._host = host

    def do(self, kind, slot=0, flags=0, parameter=0, ignore=0):
        """Generator: a command's slot id; -1: it ended with ignore, a completion code."""
        command = self._host.ring.do(kind, slot, flags, parameter)
        try:
            return (yield command)
        except BaseException as why:  # also Ctrl-C
            if kind == commands.ENABLE_SLOT and not command.status:
                self._host.ring.do(commands.DISABLE_SLOT, command.slot)  # nobody wants it
            if not isinstance(why, OSError):
                raise
            if ignore and command.code == ignore:
                return -1
            text = "xhci %s: %r: %s" % (self._host.name, command, command.outcome())
            raise OSError(why.errno, text) from None

    def taken(self, pipe):
        """Generator: nobody else mends the pipe; what fails then waits for given().

        Raises OSError(EBUSY): in a callback of who does, which must return first.
        """
        while not pipe.take():
            usbwait.refuse(pipe.holder)
            yield 1
        pipe.holder = usbwait.stepping

    def given(self, pipe):
        """The pipe is anybody's to mend."""
        pipe.give()
        if pipe.failed or pipe.cancelled:
            self._mend_soon(pipe)

    def mended(self, pipe):
        """Generator: wait until nobody is mending the pipe."""
        yield from self.taken(pipe)
        self.given(pipe)

    def cancel(self, transfer):
        """Withdraw a transfer; it ends with -ECANCELED unless it ends by itself before."""
        pipe = transfer.endpoint.hcd_data
        if pipe is not None and transfer not in pipe.cancelled:
            pipe.cancelled.append(transfer)
            self._mend_soon(pipe)

    def drain(self, endpoint):
        """Generator: cancel all that is under way on an endpoint and wait for its end."""
        pipe = endpoint.hcd_data
        if pipe is None:
            return
        for transfer in self._host.pending(endpoint):
            self.cancel(transfer)
        yield from self.mended(pipe)

    def failed(self, pipe, transfer, actual, code):
        """A transfer has ended with an error: its endpoint is brought back before it is told."""
        before, pipe.failed = pipe.failed, (transfer, actual, code)
        pipe.errors += 1
        if before:  # which did not halt it
            _fail(*before)
        self._mend_soon(pipe)

    def _mend_soon(self, pipe):
        if not pipe.gone and pipe.take():
            usbtask.start(self._mend(pipe), "xhci mend")

    def _mend(self, pipe):
        pipe.holder = usbwait.stepping
        try:
            while (pipe.failed or pipe.cancelled) and not pipe.gone:
                if pipe.failed:
                    yield from self._recover(pipe)
                else:
                    yield from self._withdraw(pipe)
        except OSError as why:
            if why.errno == usbwait.ETIMEDOUT and not self._host.ring.dead:
                # Whose the buffers are now nobody knows: only a reset makes them ours.
                self._host.died(str(why))
            elif not pipe.gone:
                self._host.log(3, "%s: endpoint given up" % why)
                pipe.gone = True
                self.flush(pipe, usbwait.EIO)
        finally:
            self.given(pipe)

    def flush(self, pipe, number):
        """End everything on an endpoint that is stopped or gone.

        It begins anew with what is submitted from here on, also by those that end: at resume().
        """
        failed, pipe.failed = pipe.failed, None
        del pipe.cancelled[:]
        ended = []
        while pipe.ring.pending:
            ended.append(self._host.take(pipe.ring.take()))
        pipe.empty()
        if failed:
            transfer, actual, code = failed
            transfer.finish(-number, actual, commands.code_name(code))
        for transfer in ended:
            if transfer is not None:
                transfer.finish(-number)

    def _recover(self, pipe):
        """§4.6.8, §4.10.2.1: Reset Endpoint, Set TR Dequeue Pointer; the queue starts empty."""
        pipe.ring.held = True
        if pipe.errors > _CALM:  # a storm of these starves Parallels' host (reference §6.8)
            yield min(_STORM_MS, 10 << min(pipe.errors - _CALM, 7))
            if pipe.gone:
                return
        # A code does not tell for certain whether it has halted; Context State Error does.
        for kind in (_RESET, _STOP) if pipe.failed[2] in _HALTING else (_STOP, _RESET):
            done = yield from self._at(pipe, kind)
            if pipe.gone:
                return
            if done >= 0:
                break
        others = []
        while pipe.ring.pending:
            others.append(pipe.ring.take())
        try:
            yield from self._at(pipe, _DEQUEUE, pipe.ring.position, 0)
            if pipe.gone:
                return
            failed, pipe.failed = pipe.failed, None
            pipe.resume()
            _fail(*failed)
        finally:
            for cookie in others:
                other = self._host.take(cookie)
                if other is not None:
                    other.finish(-usbwait.ECANCELED)

    def _at(self, pipe, kind, parameter=0, ignore=commands.STATE):
        return self.do(kind, pipe.slot.id, pipe.index << 16, parameter, ignore)

    def _withdraw(self, pipe):
        """§4.6.9: Stop Endpoint, drop the transfer, Set TR Dequeue Pointer."""
        pipe.ring.held = True
        yield from self._at(pipe, _STOP)
        if pipe.failed or pipe.gone:
            return  # it halted first: _recover() goes before
        first = False
        ended = []
        while pipe.cancelled:
            transfer = pipe.cancelled.pop()
            cookie = transfer.hcd_data
            if transfer.status != usbwait.PENDING or cookie is None:
                continue
            actual = pipe.ring.partial(cookie)
            result = pipe.ring.cancel(cookie)
            if result >= 0:
                first = first or result == 1
                ended.append((transfer, max(actual, 0)))
        try:
            if first:
                yield from self._at(pipe, _DEQUEUE, pipe.ring.position, 0)
            if not pipe.gone:
                pipe.resume()
        finally:
            for transfer, actual in ended:
                self._host.take(transfer.hcd_data)
                transfer.finish(-usbwait.ECANCELED, actual, "Stopped")
