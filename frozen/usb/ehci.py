"""EHCI controllers: reset, start, interrupt, death (EHCI 1.0 §4.1, §4.15).

Not done: isochronous endpoints, power management, companion controllers.
"""

import errno
import time

import klog
import micropython
from micropython import const

import ehci_find
import usbwait
from ehci_caps import Caps
from ehci_devices import Devices
from ehci_find import report  # noqa: F401
from ehci_hba import Hba
from ehci_memory import Memory
from ehci_mend import Mender
from ehci_ports import RootHub
from ehci_schedule import Schedule
from usbhost import POLL_MS, Host, attached

_USBSTS = const(0x04)  # §2.3.2
_STS_PCD = const(1 << 2)
_STS_HSE = const(1 << 4)
_STS_IAA = const(1 << 5)
_STS_HCH = const(1 << 12)
_STS_RW1C = const(0x3F)
_SPEEDS = (None, "full", "low", "high")


class Controller(Host):
    """One controller, running, as the core wants it.  place: from ehci_find.places().

    irq: False for polled.  Raises OSError, with everything undone; EBUSY: in use.  name; roothubs;
    caps: Caps; line: the interrupt's Line or None; capture: for usbcap; dead: not answering; wide:
    64-bit addresses reach.
    """

    kind = "ehci"
    speeds = _SPEEDS
    shared_address0 = True

    def __init__(self, place, *, irq=True, log=klog.log, clock=time, timer=None):
        super().__init__(place, log, clock)
        self.bus = self.schedule = None
        self.interrupts = 0
        self.pipes = []
        self._again = self._due = False
        self._causes = 0
        self._deal_later = self._deal
        self.caps = caps = Caps(place.open(), place.cfg, place.name, log)
        self.wide = caps.wide
        self._op = caps.op
        self._hba = Hba(caps, log, clock)
        self.memory = Memory(caps.wide, self.name)
        self._hba.stop_at_reset()  # EBUSY: another Controller's, left alone
        try:
            self._make()
            if irq:
                self._hook(self._interrupt)
            self._begin()
            self._live(True)
            self._ready(timer)
        except BaseException:  # also Ctrl-C
            self.deinit()
            raise

    def _make(self):
        """Reset it and give it what it has for good.  Raises OSError."""
        self.caps.take(self._clock)
        self._hba.reset()
        self.schedule = Schedule(self.memory, self._op, self._alive)
        self.mender = Mender(self)
        self.cancel = self.mender.cancel
        self.devices = devices = Devices(self)
        self.attach = devices.attach
        self.detach = devices.detach
        self.packet_size = devices.packet_size
        self.configure = devices.configure
        self.as_hub = devices.as_hub
        self.reset_endpoint = devices.reset_endpoint
        self.drain = devices.drain
        self.hub = RootHub(self.caps, self.log)
        self.roothubs.append(self.hub)

    def _alive(self):
        return not self.dead

    def _begin(self):
        """Raises OSError(ETIMEDOUT)."""
        self.schedule.reset()  # who submitted while it died may have thought it walked
        self._hba.start(self.memory, self.schedule.addresses, self.hub)
        self._hba.interrupt(self.line is not None)

    def _failed(self):
        status = self._op[_USBSTS]
        return status if status & (_STS_HSE | _STS_HCH) else 0

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
        if schedule.ringing or self._clock.ticks_diff(now, self._polled) >= POLL_MS:
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
        if pipe.gone and transfer in pipe.new:  # softly, between these lines
            pipe.withdraw(transfer, -usbwait.ENODEV)
            return -usbwait.ENODEV
        if pipe.slot is None:
            self.schedule.wake()
        self.work()
        return 0

    def _abandon(self):
        """Hardware has nothing any more."""
        for pipe in self.pipes:
            pipe.linked = False
        if self.schedule is not None:
            self.schedule.reset()
        while self.pipes:
            self.devices.drop(self.pipes[0], usbwait.ENODEV)

    def _free(self, fine):
        self._abandon()
        if fine:
            self._hba.stop_at_reset(False)
        if self.schedule is not None:
            self.schedule.free()
            self.schedule = None
        self.memory.free()


def controllers(everything=False, **options):
    """Every controller, attached; what does not start is logged and left out.  The caller's.

    everything: those that are left alone unless asked, too.
    """
    return attached(Controller, ehci_find.places(everything), options)
