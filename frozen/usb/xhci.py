"""xHCI controllers: reset, start, interrupt, events, death (xHCI 1.2 §4.2).

Not done: isochronous endpoints, streams, power management, more than one interrupter.
"""

import errno
import time

import klog
import xhciring
from micropython import const

import usbport
import usbwait
import xhci_find
from usbhost import POLL_MS, Host, attached
from xhci_commands import NO_OP, SHORT, SUCCESS, CommandRing, code_name
from xhci_hba import Hba
from xhci_pipes import BYTES, Mender
from xhci_ports import hubs
from xhci_slots import Slots
from xhci_table import Table

_RUNTIME_0 = const(0x20)  # §5.5.2: interrupter 0
_CHECK_MS = const(100)
_CHECK_STEP_US = const(50)
_SEGMENTS = const(2)
_TURN = const(64)


class Controller(Host):
    """One controller, running, as the core wants it.  place: from xhci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: it is in use.
    name; roothubs; caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not
    answering; wide: it reaches all of memory; max_transfer: bytes that one transfer may have.
    """

    kind = "xhci"
    speeds = usbport.SPEEDS
    max_transfer = BYTES
    shared_address0 = False  # every root port has its own default address

    def __init__(self, place, *, irq=True, log=klog.log, clock=time, timer=None):
        super().__init__(place, log, clock)
        self.ring = None
        self._record = [0] * 8
        self._table = table = Table()
        self.take = table.take
        self.pending = table.pending
        self._hba = hba = Hba(place, log, clock)
        self.caps = caps = hba.caps
        self.dcbaa = hba.dcbaa
        self.wide = hba.wide
        # First: EBUSY where somebody else has it.
        self.events = xhciring.Controller(
            caps.op,
            caps.runtime.window(_RUNTIME_0, 0x20),
            caps.doorbells,
            segments=min(_SEGMENTS, caps.segments),
        )
        self.events.callback = self._drain
        try:
            self._make()
            if irq:
                self._hook(self.events.interrupt)
            self._begin()
            self._live(True)
            self._check()
            self._ready(timer)
        except BaseException:  # also Ctrl-C
            self.deinit()
            raise

    def _make(self):
        """Reset it and give it what it has for good.  Raises OSError."""
        caps, hba = self.caps, self._hba
        caps.take()
        self._place.begin()
        hba.reset()
        hba.provide()
        self.ring = CommandRing(self.events, caps.op, self.name, self.log, self.died)
        self.mender = Mender(self)
        self.cancel = self.mender.cancel
        self.slots = slots = Slots(self)
        self.attach = slots.attach
        self.detach = slots.detach
        self.packet_size = slots.packet_size
        self.configure = slots.configure
        self.as_hub = slots.as_hub
        self.reset_device = slots.reset_device
        self.reset_endpoint = slots.reset_endpoint
        self.drain = self.mender.drain
        self.roothubs.extend(hubs(caps, self._place.quirks.get("no_reset")))

    def _begin(self):
        """Raises OSError(ETIMEDOUT)."""
        self._hba.program(self.ring, self.events)
        self._hba.start(self.roothubs, self.line is not None)

    def _failed(self):
        return self.events.dead

    def _check(self):
        """A command is answered, and an interrupt comes.  Raises OSError(EIO)."""
        command, clock = self.ring.do(NO_OP), self._clock
        begun, silent = clock.ticks_ms(), self.line is not None
        while command.status == usbwait.PENDING or silent:
            if clock.ticks_diff(clock.ticks_ms(), begun) > _CHECK_MS:
                break
            clock.sleep_us(_CHECK_STEP_US)
            silent = self.line is not None and not self.events.stats()["interrupts"]
            if not silent or clock.ticks_diff(clock.ticks_ms(), begun) > _CHECK_MS // 2:
                self.poll()
        if command.status:
            text = "xhci %s: a command has no answer: %d"
            raise OSError(errno.EIO, text % (self.name, command.status))
        if silent:
            self._say(klog.WARN, "no interrupt comes on INTID %d: polled" % self.line.intid)
            self._hba.mute()
            self._place.release()
            self.line = None

    def poll(self, _=None):
        """Tell what has ended; the controller's memory is looked at where no interrupt does."""
        events = self.events
        if events is None:
            return
        now = self._clock.ticks_ms()
        if self.line is None or self._clock.ticks_diff(now, self._polled) >= POLL_MS:
            self._polled = now
            events.poll()
        events.serve()

    def _drain(self, _, record=None):
        record, events = record or self._record, self.events
        transfer_kind, command_kind = xhciring.TRANSFER, xhciring.COMMAND
        left = _TURN  # then the program goes on: transfers may end as soon as others begin them
        while left and events.next(record):  # a method in a local would be an object of its own
            left -= 1
            kind = record[0]
            if kind == transfer_kind:
                self._ended(record[3], record[4], record[5])
            elif kind == command_kind:
                if record[3] >= 0:
                    self.ring.done(record[3], record[4], record[1])
            elif kind == xhciring.PORT:
                self._port(record[2])
            elif kind == xhciring.HOST:
                if record[4]:  # what is lost may be all that would end a transfer
                    self.died("the event ring was full")
                else:
                    self.died("USBSTS is 0x%x" % record[6])

    def _ended(self, cookie, code, actual):
        transfer = self.take(cookie)
        if transfer is None:
            return
        pipe = transfer.endpoint.hcd_data
        if code == SUCCESS or code == SHORT:
            if pipe is not None:
                pipe.errors = 0
            transfer.finish(0, actual, code_name(code))
        elif pipe is None or pipe.gone or code == xhciring.LOST:
            transfer.finish(-errno.EIO, actual, code_name(code))
        else:
            self.mender.failed(pipe, transfer, actual, code)

    def _port(self, number):
        for hub in self.roothubs:
            port = hub.find(number)
            if port:
                hub.tell(1 << port)

    def submit(self, transfer):
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""
        pipe = transfer.endpoint.hcd_data
        if pipe is None or pipe.gone or self.dead:
            return -usbwait.ENODEV
        cookie = self._table.put(transfer)
        buffer = transfer.buffer
        at = 0 if buffer is None else buffer.phys + transfer.offset
        if pipe.control:
            code = pipe.ring.control(transfer.setup, at, transfer.length, cookie)
        else:
            code = pipe.ring.transfer(at, transfer.length, cookie)
        if code:
            self.take(cookie)
        return code

    def _abandon(self):
        if self.ring is None:
            return
        self.ring.dead = True
        slots = list(self.slots.used.values())
        for slot in slots:
            for pipe in slot.pipes.values():
                pipe.gone = True
        record = [0] * 8  # its own: a soft interrupt may drain, too
        for _ in range(_TURN):  # what had ended before
            self._drain(None, record)
        self.ring.end()
        for slot in slots:
            self.slots.forget(slot)

    def _free(self, fine):
        self._abandon()
        if self.ring is not None:
            self.ring.free()
        if self.events is not None:
            self.events.callback = None
            self.events.deinit()
        self.events = self.ring = None
        self._hba.free()


def controllers(**options):
    """Every controller, attached; what does not start is logged and left out.  The caller's."""
    return attached(Controller, xhci_find.places(), options)
