"""Devices as an EHCI controller's driver knows them: addresses and endpoints.

Not done: isochronous endpoints, which are refused.
"""

from micropython import const

import usbwait
from ehci_pipes import Pipe

_ADDRESSES = const(127)
_ADDRESS_LIMIT_MS = const(1000)  # USB 2.0 §9.2.6.3: 50
_ADDRESS_MS = const(3)  # §9.2.6.3: 2, the device's time to take it; the first has begun
_EOPNOTSUPP = const(95)
_ENOSPC = const(28)


class Data:
    """One device's.  pipes: by endpoint address.  multi: a hub with a translator for each port."""

    def __init__(self):
        self.address = 0
        self.pipes = {}
        self.multi = False


def _data(device):
    data = device.hcd_data
    if data is None:
        raise OSError(usbwait.ENODEV, "%s is not attached" % device.name)
    return data


class Devices:
    """The generators that a host controller driver owes the core.

    host: the Controller: memory, schedule, mender, died(), pipes.
    """

    def __init__(self, host):
        self._host = host
        self._mender = host.mender
        self.used = {}  # device by address
        self._last = 0  # address given out

    def _open(self, endpoint, data):
        host = self._host
        slot = None
        if endpoint.kind == "interrupt":
            slot = host.schedule.budget.take(endpoint, self._translator(endpoint.device))
        try:
            pipe = Pipe(host.memory, endpoint, slot)
        except BaseException:
            if slot is not None:
                host.schedule.budget.give(slot)
            raise
        pipe.program()
        data.pipes[endpoint.address] = pipe
        endpoint.hcd_data = pipe
        host.pipes.append(pipe)
        self._mender.back(pipe)
        return pipe

    def _translator(self, device):
        if device.tt is None:
            return None
        hub, port = device.tt
        return (hub.address, port if _data(hub).multi else 0)

    def _close(self, data, addresses, number):
        """Generator: those endpoints are no more; what is under way on them ends."""
        pipes = [data.pipes.pop(a) for a in addresses]
        for pipe in pipes:
            pipe.gone = pipe.held = True
            if pipe.endpoint.hcd_data is pipe:
                pipe.endpoint.hcd_data = None
        try:
            for pipe in pipes:
                yield from self._mender.mended(pipe)
            yield from self._mender.out(pipes)
        except BaseException as why:  # only a reset takes them from hardware now
            self._host.died(str(why))
            if not isinstance(why, OSError):
                raise
            yield from self._host.calm()
        finally:
            for pipe in pipes:
                self.drop(pipe, number)

    def drop(self, pipe, number):
        """Hardware has it no more: transfers end, memory goes."""
        if pipe in self._host.pipes:
            self._host.pipes.remove(pipe)
            pipe.gone = pipe.held = True
            self._mender.flush(pipe, number)
            if pipe.slot is not None:
                self._host.schedule.budget.give(pipe.slot)
            pipe.free()

    def _free(self):
        """An address nobody has had for long: who failed has his until his port is reset."""
        for _ in range(_ADDRESSES):
            self._last = self._last % _ADDRESSES + 1
            if self._last not in self.used:
                return self._last
        raise OSError(_ENOSPC, "ehci %s: no address is free" % self._host.name)

    def attach(self, device):
        """Generator: an address for a device on an enabled port; nobody else has none."""
        address = self._free()
        if self._host.dead:
            raise OSError(usbwait.ENODEV, "ehci %s is dead" % self._host.name)
        data = Data()
        data.address = address
        self.used[address] = device
        device.hcd_data = data
        try:
            pipe = self._open(device.ep0, data)
            yield from device.request(0, 5, address, limit_ms=_ADDRESS_LIMIT_MS)
            yield _ADDRESS_MS
            device.address = address
            yield from self._again(pipe)
        except BaseException:  # also Ctrl-C
            yield from self.detach(device)
            device.address = 0
            raise

    def _again(self, pipe, first=()):
        """Generator: the queue head says what the endpoint has become; its toggle is 0.

        first: a generator, to be done meanwhile; where that fails, the toggle is what it was.
        """
        yield from self._mender.claim(pipe)
        try:
            try:
                yield from self._mender.out((pipe,))
            except OSError as why:
                if not pipe.gone:
                    self._host.died(str(why))
                raise
            if pipe.gone:
                raise usbwait.error(usbwait.ENODEV)
            pipe.take_back()
            toggle = pipe.toggle()
            try:
                yield from first
                toggle = 0
            finally:
                if not pipe.gone:
                    pipe.program()
                    self._mender.back(pipe, toggle)
        finally:
            self._mender.release(pipe)

    def detach(self, device):
        """Generator: give its address back; what is under way on it ends with -ENODEV."""
        data, device.hcd_data = device.hcd_data, None
        if data is not None:
            # The default pipe first: who holds another may wait for a request.
            yield from self._close(data, [a for a in data.pipes if not a], usbwait.ENODEV)
            yield from self._close(data, list(data.pipes), usbwait.ENODEV)
            if self.used.get(data.address) is device:
                del self.used[data.address]

    def packet_size(self, device, size):
        """Generator: the default pipe's packet size is another."""
        device.ep0.mps = size
        yield from self._again(_data(device).pipes[0])

    def as_hub(self, device, ports, multi_tt, think_time):
        """Generator: the device is a hub."""
        _data(device).multi = bool(multi_tt)
        return
        yield

    def configure(self, device, endpoints, then=()):
        """Generator: these endpoints and no others, besides the default one.

        One that stays, stays as it is.  then: a generator, done before anything comes from the
        others.  Raises OSError: EOPNOTSUPP an isochronous one, ENOSPC no bus time, ENOMEM, EBUSY
        in a callback of who mends one that goes.
        """
        for e in endpoints:
            if e.kind == "isochronous":
                raise OSError(_EOPNOTSUPP, "endpoint 0x%02x is isochronous" % e.address)
        data = _data(device)
        kept = [e.address for e in endpoints if _stays(e, data.pipes.get(e.address))]
        old = [a for a in data.pipes if a and a not in kept]
        for a in old:
            usbwait.refuse(data.pipes[a].holder)
        if old:
            yield from self._close(data, old, usbwait.ECANCELED)
        fresh, pipes = [], []
        try:
            for e in endpoints:
                if e.address not in kept and e.mps:
                    fresh.append(e.address)
                    pipe = self._open(e, data)
                    pipe.held = True
                    pipes.append(pipe)
            if device.hcd_data is not data:  # unplugged meanwhile
                raise usbwait.error(usbwait.ENODEV)
        except BaseException:
            yield from self._close(data, [a for a in fresh if a in data.pipes], usbwait.ECANCELED)
            raise
        try:
            yield from then
        finally:
            for pipe in pipes:
                if not pipe.mending:
                    pipe.held = pipe.gone
            self._host.work()

    def reset_endpoint(self, endpoint, first=()):
        """Generator: the endpoint starts anew, its toggle at 0; what was queued is cancelled.

        first: a generator that makes the device's so, too, while nothing goes either way.
        """
        pipe = endpoint.hcd_data
        if pipe is None:
            raise OSError(usbwait.ENODEV, "endpoint 0x%02x is not configured" % endpoint.address)
        if not endpoint.address:
            yield from first
            yield from self._mender.mended(pipe)
            return
        yield from self.drain(endpoint)
        pipe.errors = 0
        yield from self._again(pipe, first)

    def drain(self, endpoint):
        """Generator: cancel all that is under way on an endpoint and wait for its end."""
        pipe = endpoint.hcd_data
        if pipe is not None:
            for transfer in list(pipe.queue) + list(pipe.new):
                self._mender.cancel(transfer)
            yield from self._mender.mended(pipe)


def _stays(endpoint, pipe):
    same = pipe is not None and pipe.endpoint is endpoint and not pipe.gone
    return same and (pipe.slot is not None) == (endpoint.kind == "interrupt")
