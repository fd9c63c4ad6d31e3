"""Devices as an xHCI controller knows them: slots, their endpoints' rings, and mending these.

xHCI 1.2 §4.3, §4.6, §4.10.2.  Not done: isochronous endpoints and streams, which are refused.
"""

from micropython import const

import usbwait
import xhci_commands as commands
import xhci_contexts as contexts
from xhci_commands import STATE
from xhci_pipes import Pipe, Slot

_TRIES = const(3)  # of Enable Slot and Address Device (reference §6.8: they fail now and then)
_AGAIN_MS = const(20)
_EOPNOTSUPP = const(95)
_NOT_ENABLED = const(11)  # completion code


class Slots:
    """The generators that a host controller driver owes the core.

    host: the Controller: name, events, ring, caps, log(), mender, dcbaa(), died(), take(),
    pending().
    """

    def __init__(self, host):
        self._host = host
        self._mender = host.mender
        self.used = {}  # by slot id

    def _of(self, device):
        """The device's Slot.  Raises OSError(ENODEV), also for one from before the end."""
        if device.hcd_data is None:
            raise OSError(usbwait.ENODEV, "%s has no slot" % device.name)
        return self._known(device.hcd_data)

    def _known(self, slot):
        if self.used.get(slot.id) is not slot:
            raise OSError(usbwait.ENODEV, "slot %d is given back" % slot.id)
        return slot

    def _do(self, slot, kind, parameter=0, flags=0, ignore=0):
        """Generator: a command.  Raises OSError: it fails; ENODEV: its slot is given back."""
        yield from self._mender.do(kind, slot.id, flags, parameter, ignore)
        self._known(slot)

    def _alone(self, slot, work):
        """Generator: do work, a generator, as nobody else does such for the slot."""
        yield from slot.turn.take()
        try:
            self._known(slot)
            yield from work
        finally:
            slot.turn.give()

    def attach(self, device):
        """Generator: a slot and an address for a device on an enabled port."""
        for left in range(_TRIES - 1, -1, -1):
            try:
                yield from self._attach(device)
                return
            except OSError as why:
                if not left or device.gone or why.errno in (usbwait.ENODEV, 12):
                    raise
                self._host.log(4, "%s, again" % why)
            yield _AGAIN_MS

    def _attach(self, device):
        number, kind = device.root.root(device.root_port)
        id = yield from self._mender.do(commands.ENABLE_SLOT, 0, kind << 16)
        slot = Slot(id)
        if not 0 < id <= self._host.caps.slots or id in self.used:
            raise OSError(usbwait.EPROTO, "xhci %s: slot %d is no new one" % (self._host.name, id))
        self.used[id] = slot
        try:
            slot.contexts = contexts.Contexts(self._host.caps.stride)
            slot.pipes[1] = pipe = Pipe(self._host, slot, 1, device.ep0)
            pipe.empty()
            self._host.dcbaa(id, slot.contexts.output.phys)
            yield from self._address(device, slot, number)
        except BaseException:  # also Ctrl-C
            yield from self._release(slot, ())
            raise
        device.hcd_data = slot
        device.ep0.hcd_data = slot.pipes[1]

    def _address(self, device, slot, number):
        data = slot.contexts
        data.begin(3)  # slot and default pipe
        speed = contexts.speed_id(device.speed)
        if device.parent is None:
            speed = device.root.speed_id(device.root_port) or speed
        tt_slot = tt_port = 0
        multi = False
        if device.tt is not None:
            hub, tt_port = device.tt
            above = self._of(hub)
            tt_slot = above.id
            multi = above.hub is not None and above.hub[1]
        data.slot(device.route, speed, number, tt_slot, tt_port, multi)
        pipe = slot.pipes[1]
        data.endpoint(1, contexts.endpoint_words(device.ep0, device.speed, pipe.ring.address))
        yield from self._do(slot, commands.ADDRESS, data.input.phys)
        device.address = data.address()
        pipe.resume()

    def reset_device(self, device):
        """Generator: after a reset of its port, the same device gets its address again.

        Its endpoints but the default one are gone: configure() them again (§4.6.11).
        """
        slot = self._of(device)
        work = self._stopped(slot, slot.pipes.values(), self._reset(device, slot))
        yield from self._alone(slot, work)

    def _reset(self, device, slot):
        yield from self._do(slot, commands.RESET_DEVICE, 0, 0, STATE)
        self._mender.flush(slot.pipes[1], usbwait.ECANCELED)
        self._drop(slot, [i for i in slot.pipes if i > 1])
        number, _ = device.root.root(device.root_port)
        yield from self._address(device, slot, number)

    def detach(self, device):
        """Generator: give the slot back; what is under way on it ends with -ENODEV."""
        slot, device.hcd_data = device.hcd_data, None
        if slot is not None:
            yield from self._release(slot, [device.ep0] + list(device.endpoints.values()))

    def _release(self, slot, endpoints):
        for pipe in slot.pipes.values():
            pipe.gone = True
            pipe.ring.held = True
        for endpoint in endpoints:
            endpoint.hcd_data = None
        if self.used.get(slot.id) is not slot:
            return  # the controller was reset since
        command = self._host.ring.do(commands.DISABLE_SLOT, slot.id)

        def ended():  # whoever still waits for it then
            if command.status and command.code != _NOT_ENABLED and not self._host.ring.dead:
                # The controller may write there: it is reset before the memory goes.
                self._host.died("%r: %s" % (command, command.outcome()))
            self.forget(slot)

        command.then = ended
        if command.status != usbwait.PENDING:
            ended()
        else:
            try:
                yield command
            except OSError:
                pass

    def forget(self, slot):
        """The controller has no use for the slot any more: transfers end, memory goes."""
        if self.used.get(slot.id) is not slot:
            return
        del self.used[slot.id]
        self._host.dcbaa(slot.id, 0)
        self._drop(slot, list(slot.pipes))
        if slot.contexts is not None:
            slot.contexts.free()

    def _drop(self, slot, indices):
        """Forget pipes that the controller does not know any more."""
        for index in indices:
            pipe = slot.pipes.pop(index, None)
            if pipe is None:
                continue
            pipe.gone = True
            self._mender.flush(pipe, usbwait.ENODEV)
            pipe.ring.free()

    def packet_size(self, device, size):
        """Generator: the default pipe's packet size is another (§4.6.7)."""
        slot = self._of(device)
        device.ep0.mps = size
        yield from self._alone(slot, self._resize(device, slot, size))

    def _resize(self, device, slot, size):
        pipe = slot.pipes[1]
        data = slot.contexts
        data.begin(2)
        data.endpoint(1, contexts.endpoint_words(device.ep0, device.speed, pipe.ring.position))
        yield from self._do(slot, commands.EVALUATE, data.input.phys)
        pipe.ring.mps = size

    def as_hub(self, device, ports, multi_tt, think_time):
        """Generator: tell the controller that the device is a hub (§4.6.6)."""
        slot = self._of(device)
        slot.hub = ports, multi_tt, think_time
        yield from self._alone(slot, self._reconfigure(device, slot, (), {}))

    def configure(self, device, endpoints, then=()):
        """Generator: these endpoints and no others, besides the default one.

        Those that are configured already go on: an endpoint that is added has toggle or sequence
        number 0, and the device's would not (§4.6.6).  Never by DC=1, which Parallels does not
        answer (observed); what was is dropped instead.  then: a generator, done before anything
        comes from those added.  Raises OSError(EOPNOTSUPP): an isochronous one.
        """
        for e in endpoints:
            if e.kind == "isochronous":
                raise OSError(_EOPNOTSUPP, "endpoint 0x%02x is isochronous" % e.address)
        slot = self._of(device)
        yield from self._alone(slot, self._configure(device, slot, endpoints, then))

    def _configure(self, device, slot, endpoints, then):
        new = {contexts.dci(e.address): e for e in endpoints}
        old = []
        for i, pipe in slot.pipes.items():
            if pipe.endpoint is new.get(i) and not pipe.gone:
                del new[i]
            elif i > 1:
                old.append(pipe)
        if old or new:
            then = self._reconfigure(device, slot, old, new, then)
        yield from self._stopped(slot, old, then)

    def _reconfigure(self, device, slot, old, new, then=()):
        """Generator: drop the pipes `old`, add the endpoints `new`, by index."""
        data = slot.contexts
        drop = add = 0
        for pipe in old:
            self._mender.flush(pipe, usbwait.ECANCELED)
            drop |= 1 << pipe.index
        fresh = []
        try:
            for i, e in new.items():
                add |= 1 << i
                if i not in slot.pipes:
                    slot.pipes[i] = Pipe(self._host, slot, i, e)
                    fresh.append(i)
                slot.pipes[i].endpoint = e
                slot.pipes[i].ring.mps = e.mps
            data.begin(add | 1, drop)
            data.entries(max(i for i in slot.pipes if i in new or not drop >> i & 1))
            if slot.hub:
                data.hub(*slot.hub)
            for i, e in new.items():
                words = contexts.endpoint_words(e, device.speed, slot.pipes[i].ring.address)
                data.endpoint(i, words)
            yield from self._do(slot, commands.CONFIGURE, data.input.phys)
        except BaseException:  # also Ctrl-C
            self._drop(slot, fresh)
            for pipe in old:  # stopped and emptied: only good for being dropped by the next try
                if slot.pipes.get(pipe.index) is pipe:  # the controller lives
                    pipe.gone = True
                    self._mender.flush(pipe, usbwait.EIO)
            raise
        self._drop(slot, [pipe.index for pipe in old if pipe.index not in new])
        added = [slot.pipes[i] for i in new]
        for pipe in added:
            pipe.errors = 0
            pipe.gone = False
            pipe.endpoint.hcd_data = pipe
        try:
            yield from then
        finally:
            for pipe in added:
                if not pipe.gone:
                    pipe.resume()

    def _stopped(self, slot, pipes, work, first=()):
        """Generator: stop the pipes, do first and work, generators; nobody else mends them."""
        taken = []
        begun = False
        try:
            for pipe in list(pipes):
                yield from self._mender.taken(pipe)
                taken.append(pipe)
                self._known(slot)
                pipe.ring.held = True
                yield from self._do(slot, commands.STOP_ENDPOINT, 0, pipe.index << 16, STATE)
            yield from first
            self._known(slot)
            begun = True
            yield from work
        finally:
            for pipe in taken:
                if not begun and not pipe.gone and not pipe.failed:
                    pipe.resume()
                self._mender.given(pipe)

    def reset_endpoint(self, endpoint, first=()):
        """Generator: the endpoint starts anew, sequence number or toggle at 0 (§4.6.8).

        first: a generator that makes the device's so, too, while nothing goes either way.
        """
        pipe = endpoint.hcd_data
        if pipe is None or pipe.gone:
            raise OSError(usbwait.ENODEV, "endpoint 0x%02x is not configured" % endpoint.address)
        if pipe.control:  # brought back after each of its errors
            yield from first
            yield from self._mender.mended(pipe)
            return
        slot = pipe.slot
        work = self._reconfigure(endpoint.device, slot, [pipe], {pipe.index: endpoint})
        yield from self._alone(slot, self._stopped(slot, [pipe], work, first))
