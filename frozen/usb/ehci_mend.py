"""How an endpoint is brought back after an error or a cancelled transfer (EHCI 1.0 §4.8.2, §4.10).

The queue head is unlinked, put right and linked again: one way for all that must not be changed
while hardware has it.
"""

from micropython import const

import ehci_chains as chains
import usbtask
import usbwait

_CALM = const(3)  # errors in a row, and the next ones are told ever later
_STORM_MS = const(1000)
_CLEAR_TT_BUFFER = const(8)  # USB 2.0 §11.24.2.3
_CLEAR_MS = const(1000)


class Mender:
    """host: the Controller: schedule, log(), died(), work(), dead."""

    def __init__(self, host):
        self._host = host

    def cancel(self, transfer):
        """Withdraw a transfer; it ends with -ECANCELED unless it ends by itself before."""
        pipe = transfer.endpoint.hcd_data
        if pipe is not None and transfer not in pipe.cancelled:
            pipe.cancelled.append(transfer)
            self.soon(pipe)

    def soon(self, pipe):
        """Mend it, unless somebody does."""
        if not pipe.gone and pipe.token.pop(0, False):
            usbtask.start(self._mend(pipe), "ehci mend")

    def mended(self, pipe):
        """Generator: wait until nobody is mending the pipe.

        Raises OSError(EBUSY): in a callback of who does, which must return first.
        """
        while pipe.mending:
            usbwait.refuse(pipe.holder)
            yield 1

    def claim(self, pipe):
        """Generator: nobody else mends the pipe until release().  Raises as mended()."""
        while not pipe.token.pop(0, False):
            usbwait.refuse(pipe.holder)
            yield 1
        pipe.holder = usbwait.stepping

    def release(self, pipe):
        """Somebody else may mend it; what has come meanwhile is seen to."""
        pipe.holder = None
        pipe.token[0] = True
        if pipe.failed or pipe.cancelled:
            self.soon(pipe)

    def out(self, pipes):
        """Generator: hardware has these no more.  Raises OSError(ETIMEDOUT)."""
        yield from self._host.schedule.remove(pipes)
        yield from self._host.calm()

    def back(self, pipe, toggle=0):
        """Hardware has it again."""
        pipe.rechain()
        pipe.restart(toggle)
        pipe.held = False
        self._host.schedule.insert(pipe)
        self._host.work()

    def _mend(self, pipe):
        pipe.holder = usbwait.stepping
        try:
            while (pipe.failed or pipe.cancelled) and not pipe.gone:
                if pipe.errors > _CALM:
                    yield min(_STORM_MS, 10 << min(pipe.errors - _CALM, 7))
                yield from self.out((pipe,))
                if not pipe.gone:
                    yield from self._once(pipe)
        except OSError as why:
            # Whose the buffers are now nobody knows: only a reset makes them ours.
            self._host.died(str(why))
        finally:
            self.release(pipe)

    def _once(self, pipe):
        ended = []
        toggle = pipe.toggle()
        pipe.take_back()
        self._reap(pipe, ended)
        failed, pipe.failed = pipe.failed, None
        if failed is not None:
            pipe.errors += 1
            code = failed.code
            for t in list(pipe.queue) + list(pipe.new):
                pipe.withdraw(t, -usbwait.ECANCELED)
                ended.append(t)
            failed.hcd_data, failed.code = pipe.fault, code
        cut = failed is not None and pipe.fault != -usbwait.EPIPE
        while pipe.cancelled:
            t = pipe.cancelled.pop()
            if t.status == usbwait.PENDING and pipe.withdraw(t, -usbwait.ECANCELED):
                cut = cut or t.actual < t.length
                ended.append(t)
        try:
            if cut and pipe.slot is None:
                yield from self._clear_tt(pipe)
        finally:
            if not pipe.gone:
                self.back(pipe, toggle)
            for t in ended:
                t.finish(t.hcd_data, t.actual, t.code)

    def _reap(self, pipe, ended):
        """What has come to its end by itself."""
        while pipe.queue and pipe.failed is None:
            t = pipe.queue[0]
            status = chains.look(t)
            if status > 0:
                break
            if status < 0:
                pipe.failed, pipe.fault = t, status
            else:
                pipe.errors = 0
                ended.append(pipe.retire(t, 0))

    def _clear_tt(self, pipe):
        """Generator: the translator forgets a split transaction that nobody will complete."""
        device = pipe.endpoint.device
        if device.tt is None or device.gone:
            return
        hub, port = device.tt
        endpoint = pipe.endpoint
        value = endpoint.number | device.address << 4
        if endpoint.kind == "bulk":
            value |= 2 << 11
        if endpoint.is_in:
            value |= 1 << 15
        data = hub.hcd_data
        if data is None or not data.multi:
            port = 1
        try:
            yield from hub.request(0x23, _CLEAR_TT_BUFFER, value, port, limit_ms=_CLEAR_MS)
        except OSError as why:
            if not hub.gone:
                self._host.log(4, "ehci: %s: CLEAR_TT_BUFFER: %s" % (hub.name, why))

    def flush(self, pipe, number):
        """End everything on an endpoint that hardware has no more."""
        ended = list(pipe.queue) + list(pipe.new)
        pipe.failed = None
        del pipe.cancelled[:]
        for t in ended:
            pipe.withdraw(t, -number)
        for t in ended:
            t.finish(-number, t.actual, t.code)
