"""What drivers of host controllers have in common: interrupt or timer, death, life after it."""

import klog
from micropython import const

import usbtask
import usbwait

POLL_MS = 20  # observed: 200 Hz starves Parallels' host; 50 do not
_RESTARTS = const(3)
_RESTART_MS = const(100)


class Host:
    """A controller's driver.  place: a usbplace.Place.

    Who is one gives kind: its name in logs; poll(); _hba.reset(); and _begin(): it runs;
    _failed(): USBSTS where it does not any more, else 0; _abandon(): transfers end, hardware has
    nothing; _free(fine): memory back, fine: it is reset.
    """

    serving = False  # in the midst of what may be done once at a time only

    def __init__(self, place, log, clock):
        self.name = place.name
        self.line = self.capture = self._timer = None
        self.log = log
        self.dead = True
        self.restarts = 0
        self.roothubs = []
        self._closed = False
        self._polled = clock.ticks_ms()
        self._place = place
        self._clock = clock

    def __str__(self):
        how = "INTID %d" % self.line.intid if self.line else "polled"
        return "%s, %s" % (self.caps, how)

    def __repr__(self):
        return "<%s.Controller %s, %s>" % (self.kind, self.name, self)

    def _say(self, level, text):
        self.log(level, "%s: %s: %s" % (self.kind, self.name, text))

    def _hook(self, handler):
        """Take the interrupt, if there is one."""
        try:
            self.line = self._place.hook(handler)
        except OSError as why:
            self._say(klog.WARN, "polled: %s" % why)

    def _live(self, on):
        self.dead = not on
        for hub in self.roothubs:
            hub.dead = not on

    def _ready(self, timer):
        """It runs: poll it where no interrupt comes."""
        if self.line is None:
            if timer is None:
                from machine import Timer as timer
            self._timer = timer()
            self._timer.init(period=POLL_MS, callback=self.poll)
        self._say(klog.INFO, self)

    def _quiet(self):
        """Reset it, so that it writes nowhere any more; False where that did not work."""
        try:
            self._hba.reset()
            return True
        except OSError as why:
            self._say(klog.ERROR, why)
            self._place.silence()
            return False

    def died(self, why):
        """It is of no use as it is: everything ends with -ENODEV, and it is started anew."""
        if self.dead:
            return
        self._live(False)
        self._say(klog.ERROR, "died: %s" % why)
        fine = self._quiet()
        later = self.serving
        if not later:
            self._bury()
        usbtask.start(self._restart(fine, later), "%s restart" % self.kind)

    def _bury(self):
        self._abandon()
        for hub in self.roothubs:
            hub.tell_all()

    def calm(self):
        """Generator: this is a soft handler, and what it interrupted goes on first."""
        while self.serving:
            yield 1

    def _restart(self, fine, later):
        if later:
            yield from self.calm()
            self._bury()
        self.restarts += 1
        if not fine or self.restarts > _RESTARTS:
            return
        yield _RESTART_MS
        if self._closed:
            return
        try:
            self._begin()
        except OSError as why:
            self._say(klog.ERROR, "not started anew: %s" % why)
            self._place.silence()
            return
        if self._closed:  # in a soft handler, meanwhile
            return
        self._live(True)
        status = self._failed()
        if status:  # as long as it was dead, nobody was to hear of it
            self.died("USBSTS is 0x%x" % status)
            return
        self._say(klog.WARN, "started anew")
        for hub in self.roothubs:
            hub.tell_all()

    def deinit(self):
        """Stop it, give interrupt and memory back; what was under way ends with -ENODEV."""
        self.dead = self._closed = True
        if self._timer is not None:
            self._timer.deinit()
            self._timer = None
        fine = self._quiet()
        self._let_go()
        if self.serving:
            usbtask.start(self._free_later(fine), "%s end" % self.kind)
        else:
            self._free(fine)

    def _free_later(self, fine):
        yield from self.calm()
        self._free(fine)

    def _let_go(self):
        """The interrupt; later where its handler is still to run."""
        self.line = None
        try:
            self._place.release()
        except OSError as why:
            if why.errno != usbwait.EBUSY:
                raise
            usbtask.start(self._again_let_go(), "%s line" % self.kind)

    def _again_let_go(self):
        yield 1
        self._let_go()


def attached(make, places, options):
    """Every controller that is there, attached; what does not start is logged and left out."""
    out = []
    try:
        for place in places:
            try:
                out.append(make(place, **options))
            except OSError as why:
                klog.log(klog.ERROR, "%s: %s: %s" % (make.kind, place.name, why))
    except BaseException:  # Ctrl-C: not half of them
        for controller in out:
            controller.deinit()
        raise
    return out
