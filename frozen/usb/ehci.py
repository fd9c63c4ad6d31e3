"""EHCI controllers: reset, start, interrupt, death (EHCI 1.0 §4.1, §4.15).

Not done: isochronous endpoints, power management, companion controllers.
"""

import errno
import time

import klog
import micropython
from micropython import const

import ehci_find
import usbtask
import usbwait
from ehci_caps import Caps
from ehci_devices import Devices
from ehci_find import report  # noqa: F401
from ehci_hba import Hba
from ehci_memory import Memory
from ehci_mend import Mender
from ehci_ports import RootHub
from ehci_schedule import Schedule

_USBSTS = const(0x04)  # §2.3.2
_STS_PCD = const(1 << 2)
_STS_HSE = const(1 << 4)
_STS_IAA = const(1 << 5)
_STS_HCH = const(1 << 12)
_STS_RW1C = const(0x3F)
_POLL_MS = const(20)  # 50 Hz
_RESTARTS = const(3)
_RESTART_MS = const(100)
_SPEEDS = (None, "full", "low", "high")


class Controller:
    """One controller, running, as the core wants it.  place: from ehci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: in use.  name; roothubs;
    caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not answering; wide:
    64-bit addresses reach.
    """

    speeds = _SPEEDS
    shared_address0 = True

    def __init__(self, place, *, irq=True, log=klog.log, clock=time, timer=None):
        self.name = place.name
        self.line = self.capture = self.bus = self._timer = None
        self.log = log
        self.dead = True
        self.restarts = 0
        self.interrupts = 0
        self.pipes = []
        self.serving = self._again = self._due = False
        self._causes = 0
        self._deal_later = self._deal
        self._place = place
        self._clock = clock
        self._new_timer = timer
        self._polled = clock.ticks_ms()
        self.roothubs = []
        self.schedule = None
        self.caps = caps = Caps(place.open(), place.cfg, place.name, log)
        self.wide = caps.wide
        self._op = caps.op
        self.hba = hba = Hba(caps, place, log, clock)
        self.memory = memory = Memory(caps.wide, self.name)
        hba.stop_at_reset()  # EBUSY: another Controller's, left alone
        try:
            caps.take(clock)
            hba.reset()
            self.schedule = Schedule(memory, caps.op, self._alive)
            self.mender = Mender(self)
            self.devices = devices = Devices(self)
            self.attach = devices.attach
            self.detach = devices.detach
            self.packet_size = devices.packet_size
            self.configure = devices.configure
            self.as_hub = devices.as_hub
            self.reset_endpoint = devices.reset_endpoint
            self.drain = devices.drain
            self.cancel = self.mender.cancel
            self.hub = RootHub(caps, log)
            self.roothubs = [self.hub]
            if irq:
                self._hook()
            self._start()
            if self.line is None:
                self._poll_by_timer()
            log(klog.INFO, "ehci: %s: %s" % (self.name, self))
        except BaseException:  # also Ctrl-C
            self.deinit()
            raise

    def __str__(self):
        how = "INTID %d" % self.line.intid if self.line else "polled"
        return "%s, %s" % (self.caps, how)

    def __repr__(self):
        return "<ehci.Controller %s, %s>" % (self.name, self)

    def _alive(self):
        return not self.dead

    def _start(self):
        """Raises OSError(ETIMEDOUT)."""
        self.hba.start(self.memory, self.schedule.addresses, self.hub)
        self.dead = self.hub.dead = False
        self.hba.interrupt(self.line is not None)

    def _hook(self):
        try:
            self.line = self._place.hook(self._interrupt)
        except OSError as why:
            self.log(klog.WARN, "ehci: %s: polled: %s" % (self.name, why))

    def _poll_by_timer(self):
        new = self._new_timer
        if new is None:
            from machine import Timer as new
        self._timer = new()
        self._timer.init(period=_POLL_MS, callback=self.poll)

    def _interrupt(self, _):
        """Softly, the line masked: what has to be done is done after it, so that deinit() in a
        callback finds a line that is not in use."""
        self.interrupts += 1
        self._look()
        if not self._due:
            self._due = True
            try:
                micropython.schedule(self._deal_later, None)
            except RuntimeError:  # its queue is full
                self._deal_later(None)

    def _look(self):
        """Read the causes and acknowledge them."""
        status = self._op[_USBSTS]
        if status & _STS_RW1C:
            self._op[_USBSTS] = status & _STS_RW1C
        self._causes |= status

    def _deal(self, _):
        self._due = False
        causes, self._causes = self._causes, 0
        if self.dead:
            return
        if causes >> 16 == 0xFFFF or causes & (_STS_HSE | _STS_HCH):
            self.died("USBSTS is 0x%x" % causes)
            return
        if causes & _STS_IAA:
            self.schedule.rung()
        if causes & _STS_PCD:
            self.hub.changed()
        self.work()

    def poll(self, _=None):
        """Tell what has ended; registers are read at most 50 times a second, but for the bell."""
        schedule = self.schedule  # deinit() may come softly between any two lines
        if self.dead or schedule is None:
            return
        now = self._clock.ticks_ms()
        if schedule.ringing or self._clock.ticks_diff(now, self._polled) >= _POLL_MS:
            self._polled = now
            self._look()
        self._deal(None)

    def work(self):
        """Give hardware what is new and tell what has ended.

        Called again by what it tells, or in a soft handler: then it is done again here.
        """
        self._again = True
        while self._again and not self.serving:
            self._again = False
            self.serving = True
            try:
                ended = self._next()
            finally:
                self.serving = False
            if ended is not None:
                self._again = True
                ended.finish(ended.hcd_data, ended.actual, ended.code)

    def _next(self):
        """The next transfer that has ended."""
        pipes = self.pipes
        for i in range(len(pipes)):
            pipe = pipes[i]
            if pipe.new:
                pipe.link_new()
            if pipe.queue:
                ended = pipe.ended()
                if ended is not None:
                    return ended
                if pipe.failed is not None:
                    self.mender.soon(pipe)
        return None

    def submit(self, transfer):
        """Begin a transfer; 0 or -errno.  It ends by transfer.finish(), softly."""
        pipe = transfer.endpoint.hcd_data
        if pipe is None or pipe.gone or self.dead:
            return -usbwait.ENODEV
        buffer, n = transfer.buffer, transfer.length
        if n and (buffer is None or not self.memory.reaches(buffer.phys + transfer.offset, n)):
            return -errno.EINVAL
        try:
            pipe.submit(transfer)
        except OSError as why:
            return -why.errno
        if pipe.slot is None:
            self.schedule.wake()
        self.work()
        return 0

    def died(self, why):
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
        if self.dead:
            return
        self.dead = self.hub.dead = True
        self.log(klog.ERROR, "ehci: %s: died: %s" % (self.name, why))
        fine = self.hba.quiet()
        self._abandon()
        self.hub.tell_all()
        self.restarts += 1
        if fine and self.restarts <= _RESTARTS:
            usbtask.start(self._restart(), "ehci restart")

    def _abandon(self):
        """Hardware has nothing any more."""
        for pipe in self.pipes:
            pipe.linked = False
        if self.schedule is not None:
            self.schedule.reset()
        while self.pipes:
            self.devices.drop(self.pipes[0], usbwait.ENODEV)

    def _restart(self):
        yield _RESTART_MS
        try:
            self._start()
        except OSError as why:
            self.log(klog.ERROR, "ehci: %s: not started anew: %s" % (self.name, why))
            self._place.silence()
            return
        self.log(klog.WARN, "ehci: %s: started anew" % self.name)
        self.hub.tell_all()

    def deinit(self):
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""
        self.dead = True
        self.restarts = _RESTARTS
        if self._timer is not None:
            self._timer.deinit()
            self._timer = None
        fine = self.hba.quiet()
        self._let_go()
        self._abandon()
        if fine:
            self.hba.stop_at_reset(False)
        if self.schedule is not None:
            self.schedule.free()
            self.schedule = None
        self.memory.free()

    def _let_go(self):
        """The interrupt; later where its handler is still to run."""
        self.line = None
        try:
            self._place.release()
        except OSError as why:
            if why.errno != usbwait.EBUSY:
                raise
            usbtask.start(self._again_let_go(), "ehci line")

    def _again_let_go(self):
        yield 1
        self._let_go()


def controllers(everything=False, **options):
    """Every controller, attached; what does not start is logged and left out.  The caller's.

    everything: those that are left alone unless asked, too.
    """
    out = []
    for place in ehci_find.places(everything):
        try:
            out.append(Controller(place, **options))
        except OSError as why:
            klog.log(klog.ERROR, "ehci: %s: %s" % (place.name, why))
        except BaseException:  # Ctrl-C: not half of them
            for controller in out:
                controller.deinit()
            raise
    return out
