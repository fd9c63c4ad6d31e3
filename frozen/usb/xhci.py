"""xHCI controllers: reset, start, interrupt, events, death (xHCI 1.2 §4.2).

Not done: isochronous endpoints, streams, power management, more than one interrupter.
"""

import errno
import time

import klog
import xhciring
from micropython import const

import usbport
import usbtask
import usbwait
import xhci_find
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
_POLL_MS = const(20)  # observed: 200 Hz starves Parallels' host; 50 do not
_TURN = const(64)
_RESTARTS = const(3)
_RESTART_MS = const(100)


class Controller:
    """One controller, running, as the core wants it.  place: from xhci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: it is in use.
    name; roothubs; caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not
    answering; wide: it reaches all of memory; max_transfer: bytes that one transfer may have.
    """

    speeds = usbport.SPEEDS
    max_transfer = BYTES
    shared_address0 = False  # every root port has its own default address

    def __init__(self, place, *, irq=True, log=klog.log, clock=time, timer=None):
        self.name = place.name
        self.line = self.capture = self.ring = self._timer = None
        self.log = log
        self.dead = False
        self.restarts = 0
        self.roothubs = []
        self._polled = clock.ticks_ms()
        self._place = place
        self._clock = clock
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
            caps.take()
            place.begin()
            hba.reset()
            hba.provide()
            self.ring = CommandRing(self.events, caps.op, self.name, log, self.died)
            self.mender = Mender(self)
            self.slots = slots = Slots(self)
            self.attach = slots.attach
            self.detach = slots.detach
            self.packet_size = slots.packet_size
            self.configure = slots.configure
            self.as_hub = slots.as_hub
            self.reset_device = slots.reset_device
            self.reset_endpoint = slots.reset_endpoint
            self.drain = slots.drain
            self.cancel = self.mender.cancel
            hba.program(self.ring, self.events)
            self.roothubs = hubs(caps, place.quirks.get("no_reset"))
            if irq:
                self._hook()
            hba.start(self.roothubs)
            self._check()
            if self.line is None:
                self._poll_by_timer(timer)
            log(klog.INFO, "xhci: %s: %s" % (self.name, self))
        except BaseException:  # also Ctrl-C
            self.deinit()
            raise

    def __str__(self):
        how = "INTID %d" % self.line.intid if self.line else "polled"
        return "%s, %s" % (self.caps, how)

    def __repr__(self):
        return "<xhci.Controller %s, %s>" % (self.name, self)

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
            text = "xhci: %s: no interrupt comes on INTID %d: polled"
            self.log(klog.WARN, text % (self.name, self.line.intid))
            self._place.release()
            self.line = None

    def _hook(self):
        try:
            self.line = self._place.hook(self.events.interrupt)
        except OSError as why:
            self.log(klog.WARN, "xhci: %s: polled: %s" % (self.name, why))

    def _poll_by_timer(self, new):
        if new is None:
            from machine import Timer as new
        self._timer = new()
        self._timer.init(period=_POLL_MS, callback=self.poll)

    def poll(self, _=None):
        """Tell what has ended; the controller's memory is looked at where no interrupt does."""
        events = self.events
        if events is None:
            return
        now = self._clock.ticks_ms()
        if self.line is None or self._clock.ticks_diff(now, self._polled) >= _POLL_MS:
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
                if record[4]:
                    self.log(klog.WARN, "xhci: %s: the event ring was full" % self.name)
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

    def died(self, why):
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
        if self.dead:
            return
        self.dead = True
        self.log(klog.ERROR, "xhci: %s: died: %s" % (self.name, why))
        fine = self._quiet()
        self._abandon()
        for hub in self.roothubs:
            hub.dead = True
            hub.tell_all()
        self.restarts += 1
        if fine and self.restarts <= _RESTARTS:
            usbtask.start(self._restart(), "xhci restart")

    def _quiet(self):
        """Reset it, so that it writes nowhere any more; False where that did not work."""
        try:
            self._hba.reset()
            return True
        except OSError as why:
            self.log(klog.ERROR, "xhci: %s: %s" % (self.name, why))
            self._place.silence()
            return False

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

    def _restart(self):
        yield _RESTART_MS
        if self.events is None:
            return  # deinit()
        try:
            self._hba.program(self.ring, self.events)
            self._hba.start(self.roothubs)
        except OSError as why:
            self.log(klog.ERROR, "xhci: %s: not started anew: %s" % (self.name, why))
            self._place.silence()
            return
        self.dead = False
        self.log(klog.WARN, "xhci: %s: started anew" % self.name)
        for hub in self.roothubs:
            hub.tell_all()

    def deinit(self):
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""
        self.dead = True
        if self._timer is not None:
            self._timer.deinit()
            self._timer = None
        self._quiet()
        self.line = None
        self._place.release()
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
    out = []
    try:
        for place in xhci_find.places():
            try:
                out.append(Controller(place, **options))
            except OSError as why:
                klog.log(klog.ERROR, "xhci: %s: %s" % (place.name, why))
    except BaseException:  # Ctrl-C: not half of them
        for controller in out:
            controller.deinit()
        raise
    return out
